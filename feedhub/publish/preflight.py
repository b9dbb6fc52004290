"""What a partner's profile says of an article before it is sent: nothing, or the rules that it breaks.

Pure: the same article, profile and instant give the same verdict. The instant is the stored one of the section's
latest change, so that a document depends on stored content alone (SEMANTICS 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedhub.model.article import Article
from feedhub.model.profile import Check, Profile, Rule, Verdict
from feedhub.model.section import Portal, Section
from feedhub.publish.addresses import article_url
from feedhub.publish.lengths import length_of
from feedhub.publish.media import media_of
from feedhub.publish.presentable import media_at_home, presentable
from feedhub.publish.wording import shortened, summary_of, title_of

OWN = "own"
# In days; a hundred years are for ever.
LONGEST_AGE = 36500
# Words of a licence that does not let a partner print the text: unknown, reserved, without changes or commerce.
_REFUSES = re.compile(r"\b(?:unknown|reserved|excerpts?|nc|nd|non-?commercial|no-?deriv\w*)\b", re.I)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^<>]*>")
_VOID = frozenset("br col hr img wbr".split())


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: the article as the profile would show it, for a document of `language`, at an instant."""

    article: Article
    portal: Portal
    language: str
    licence: str
    at: datetime


def prepared(article: Article, profile: Profile, portal: Portal) -> Article:
    """The article as a reader gets it, its text cut where a rule of the profile says so."""
    shown = presentable(media_at_home(article, portal))
    bounds = [rule.most for rule in profile.rules if rule.cut and rule.most]
    return shortened(shown, article_url(portal, shown), min([portal.longest_text, *bounds]))


def verdict(profile: Profile, case: Case) -> Verdict:
    """The article's verdict; a rule that is about the whole document breaks for no article."""
    broken = [rule for rule in profile.rules if not (rule.cut or _CHECKS[rule.check](rule, case))]
    return Verdict(
        article_id=case.article.id,
        title=title_of(case.article),
        broken=tuple(rule for rule in broken if not rule.advice),
        advice=tuple(rule for rule in broken if rule.advice),
    )


def licence_of(article: Article, portal: Portal, sources: Mapping[str, str]) -> str:
    """Under which licence an article stands: its own word, its source's, `own` for our pieces, else nothing known."""
    if article.licence:
        return article.licence
    if article.origin.startswith("source:"):
        return sources.get(article.origin.removeprefix("source:"), "")
    ours = article.source.label in (None, portal.name, portal.title) and article.source_url is None
    return OWN if ours else ""


def republishable(licence: str) -> bool:
    """Whether a partner may print what stands under the licence (SEMANTICS 12)."""
    return bool(licence.strip()) and not _REFUSES.search(licence)


def language_for(profile: Profile, section: Section, portal: Portal) -> str | None:
    """The one language of a section's document: the first it carries that the partner takes; None for none."""
    for language in section.languages:
        spoken = portal.language if language == "any" else language
        if any(_same_language(spoken, taken) for taken in profile.languages):
            return spoken
    return None


def _same_language(one: str, other: str) -> bool:
    """Whether one is the other, or a regional form of it (RFC 4647 §3.3.1)."""
    return one.lower() == other.lower() or one.lower().startswith(f"{other.lower()}-")


def _required(rule: Rule, case: Case) -> bool:
    article = case.article
    if rule.of == "source":
        return bool(article.author or article.source.label)
    if rule.of == "picture":
        return any(medium.kind == "image" for medium in media_of(article, case.portal))
    given = {"title": article.title, "text": article.html, "summary": article.summary, "author": article.author}
    return rule.of == "link" or bool(given.get(rule.of or ""))


def _length(rule: Rule, case: Case) -> bool:
    article = case.article
    if rule.of == "text":
        length = length_of(article.html or "")
    else:
        length = len(title_of(article) if rule.of == "title" else summary_of(article))
    return (rule.least or 0) <= length <= (rule.most or length)


def _picture(rule: Rule, case: Case) -> bool:
    """Whether some picture is known to be large enough in its smaller dimension; one of unknown size is not."""
    sides = [
        min(medium.width or 0, medium.height or 0)
        for medium in media_of(case.article, case.portal)
        if medium.kind == "image"
    ]
    return any((rule.least or 1) <= side <= (rule.most or side) for side in sides)


def _age(rule: Rule, case: Case) -> bool:
    """Whether it was published in the past, less than `most` days before the instant."""
    return case.at - timedelta(days=min(rule.most or LONGEST_AGE, LONGEST_AGE)) < case.article.published <= case.at


def _https(rule: Rule, case: Case) -> bool:
    if rule.of == "picture":
        return all(medium.url.startswith("https:") for medium in media_of(case.article, case.portal))
    return article_url(case.portal, case.article).startswith("https:")


def _depth(rule: Rule, case: Case) -> bool:
    deepest = depth = 0
    for closing, name in _TAG.findall(case.article.html or ""):
        if name not in _VOID:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest <= (rule.most or deepest)


def _language(_: Rule, case: Case) -> bool:
    return _same_language(case.article.language, case.language)


def _licence(_: Rule, case: Case) -> bool:
    return republishable(case.licence)


def _of_the_document(_: Rule, __: Case) -> bool:
    return True


_CHECKS: dict[Check, Callable[[Rule, Case], bool]] = {
    "required": _required,
    "length": _length,
    "picture": _picture,
    "age": _age,
    "https": _https,
    "depth": _depth,
    "language": _language,
    "licence": _licence,
    "items": _of_the_document,
    "bytes": _of_the_document,
}
