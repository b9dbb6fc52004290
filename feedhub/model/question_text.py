"""A question as parameters of an address: read, written in its one normal form, and said in words.

    q=湘江 "night market" -bridge    all of these words, the phrase, and not the last
    section= source= language= category= author=    each may be repeated: any of the values
    since=2026-01-01  until=2026-06-30T12:00:00+08:00    a day counts whole, in the portal's zone
    has=enclosure

Parameters of other names are ignored, and so are empty ones. Two addresses that ask the same have one normal form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from urllib.parse import quote

from feedhub.basics.dates import parse_record_time, rfc3339
from feedhub.basics.text import near_names, one_line
from feedhub.basics.words import folded
from feedhub.errors import UsageError
from feedhub.model.question import Question
from feedhub.model.section import Portal

LONGEST_QUERY, LONGEST_VALUE = 200, 100
MOST_TERMS, MOST_VALUES = 12, 20
NAMES = frozenset("q section source language category author since until has".split())
_DAY = timedelta(days=1)
_PIECE = re.compile(r'(?P<minus>[-－])?(?:["＂“”「](?P<phrase>[^"＂“”」]*)(?:["＂“”」]|$)|(?P<word>[^\s"＂“”「」]+))')
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def read_question(parameters: Iterable[tuple[str, str]], sections: Collection[str], home: tzinfo) -> Question:
    """The question of an address; UsageError says what cannot be read. `home` is the portal's zone."""
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        if name in NAMES and value.strip():
            if "\0" in value:
                raise UsageError(f"{name}= holds a NUL, which is in no text.")
            given.setdefault(name, []).append(value.strip())
    terms, without = _read_words(" ".join(given.get("q", ())))
    question = Question(
        terms=terms,
        without=without,
        sections=_values(given, "section", lambda value: _section(value, sections)),
        sources=_values(given, "source", lambda value: _folded("source", value)),
        languages=_values(given, "language", _language),
        categories=_values(given, "category", lambda value: _folded("category", value)),
        authors=_values(given, "author", lambda value: _folded("author", value)),
        since=_instant(given, "since", home),
        until=_instant(given, "until", home),
        has_enclosure=bool(_values(given, "has", _has)),
    )
    if question.since is not None and question.until is not None and question.since >= question.until:
        raise UsageError("since= must be earlier than until=.")
    return question


def write_question(question: Question, home: tzinfo) -> str:
    """The normal form as a percent-encoded query; empty for the question that asks for everything."""
    words = [_quoted(term) for term in question.terms] + [f"-{_quoted(term)}" for term in question.without]
    pairs = [("q", " ".join(words))] if words else []
    pairs += [(name, value) for name, values in _conditions(question) for value in values]
    if question.since is not None:
        pairs.append(("since", _moment(question.since, home)))
    if question.until is not None:
        pairs.append(("until", _last_moment(question.until, home)))
    if question.has_enclosure:
        pairs.append(("has", "enclosure"))
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


def question_words(question: Question, portal: Portal, home: tzinfo) -> str:
    """The question for people, one line: `湘江 -bridge · Local · since 2026-01-01`."""
    known = portal.sections()
    words = [_quoted(term) for term in question.terms] + [f"-{_quoted(term)}" for term in question.without]
    parts = [" ".join(words)] if words else []
    for name, values in _conditions(question):
        shown = [known[value].title if name == "section" and value in known else value for value in values]
        if shown:
            parts.append(" / ".join(shown))
    if question.since is not None:
        parts.append(f"since {_moment(question.since, home)}")
    if question.until is not None:
        parts.append(f"until {_last_moment(question.until, home)}")
    if question.has_enclosure:
        parts.append("with a file")
    return one_line(" · ".join(parts))


def _conditions(question: Question) -> Sequence[tuple[str, tuple[str, ...]]]:
    return (
        ("section", question.sections),
        ("source", question.sources),
        ("language", question.languages),
        ("category", question.categories),
        ("author", question.authors),
    )


def _read_words(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What must stand in an article and what must not: words, and phrases in quotes of any kind."""
    if len(text) > LONGEST_QUERY:
        raise UsageError(f"q= has at most {LONGEST_QUERY} characters; these are {len(text)}.")
    wanted: dict[str, None] = {}
    unwanted: dict[str, None] = {}
    for piece in _PIECE.finditer(text):
        term = folded(piece["phrase"] or piece["word"] or "")
        # A minus inside a word is a hyphen: only after a blank does it mean "without".
        alone = piece.start() == 0 or text[piece.start() - 1].isspace()
        if term:
            (unwanted if piece["minus"] and alone else wanted)[term] = None
    if len(wanted) + len(unwanted) > MOST_TERMS:
        raise UsageError(f"q= has at most {MOST_TERMS} words and phrases; these are {len(wanted) + len(unwanted)}.")
    if text and not wanted and not unwanted:
        raise UsageError("q= holds no word that can be looked for.")
    return tuple(wanted), tuple(unwanted)


def _values(given: dict[str, list[str]], name: str, read: Callable[[str], str]) -> tuple[str, ...]:
    values = given.get(name, [])
    if len(values) > MOST_VALUES:
        raise UsageError(f"{name}= may be given {MOST_VALUES} times at most.")
    for value in values:
        if len(value) > LONGEST_VALUE:
            raise UsageError(f"{name}= has at most {LONGEST_VALUE} characters.")
    return tuple(sorted({read(value) for value in values}))


def _section(value: str, known: Collection[str]) -> str:
    name = value.strip("/")
    if name not in known:
        near = near_names(name, known)
        close = f" Near names: {', '.join(near)}." if near else ""
        raise UsageError(f"There is no section {name!r}.{close} All sections are listed at /rss/.")
    return name


def _folded(name: str, value: str) -> str:
    found = folded(value)
    if not found:
        raise UsageError(f"{name}= holds no word that can be looked for.")
    return found


def _language(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise UsageError(f"language={value!r} is no language tag such as en or zh-CN.")
    return value.lower()


def _has(value: str) -> str:
    if value != "enclosure":
        raise UsageError(f"has={value!r} is not known; has=enclosure asks for articles with a file.")
    return value


def _instant(given: dict[str, list[str]], name: str, home: tzinfo) -> datetime | None:
    """The first instant that counts, of `until` the first that does not: a day ends with its last second."""
    values = given.get(name)
    if not values:
        return None
    try:
        # In an address a plus sign that nobody encoded arrives as a blank.
        moment, precision = parse_record_time(re.sub(r" (?=\d\d:?\d\d$)", "+", values[-1]), home)
        if precision == "second":
            return moment
        day = moment.astimezone(home)
        if name == "since":
            return moment
        return (day.replace(tzinfo=None) + _DAY).replace(tzinfo=home).astimezone(moment.tzinfo)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{name}=: {error}.") from None


def _moment(moment: datetime, home: tzinfo) -> str:
    local = moment.astimezone(home)
    return f"{local:%Y-%m-%d}" if (local.hour, local.minute, local.second) == (0, 0, 0) else rfc3339(local)


def _last_moment(moment: datetime, home: tzinfo) -> str:
    local = moment.astimezone(home)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return rfc3339(local)
    return f"{local.replace(tzinfo=None) - _DAY:%Y-%m-%d}"


def _quoted(term: str) -> str:
    return f'"{term}"' if " " in term else term
