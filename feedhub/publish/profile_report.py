"""What goes to a partner of a section and what does not, and the document's bytes: values in, bytes out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from feedhub.basics.codings import coded
from feedhub.basics.dates import fixed_offset, rfc822
from feedhub.basics.digests import sha256_hex
from feedhub.model.article import Article
from feedhub.model.feed import CURRENT, EXACT_TYPES, FeedDocument
from feedhub.model.profile import Profile, Rule, Verdict
from feedhub.model.section import Portal, Section
from feedhub.publish.addresses import icon_url, page_url, profile_path
from feedhub.publish.document import content_type, rss_parts
from feedhub.publish.feedgen_ext import PROFILE_NAMESPACES, HeadParts
from feedhub.publish.layout import joined
from feedhub.publish.limited import fitting
from feedhub.publish.preflight import LONGEST_AGE, Case, language_for, licence_of, prepared, verdict
from feedhub.publish.profile_items import profile_item, withdrawn_item
from feedhub.publish.style import Style
from feedhub.publish.views import make_view
from feedhub.store.sections import SectionState

LONGEST = 4 * 1024 * 1024
_log = logging.getLogger(__name__)
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a partner's document is made of: the newest articles, licences by source, what was withdrawn and when, and
    the versions that it had.

    `at` is the instant for which it is made: that of the section's latest change, or of a bound that has passed since,
    such as the end of the days for which a withdrawn article is told.
    """

    section: Section
    state: SectionState
    at: datetime
    articles: tuple[Article, ...]
    licences: Mapping[str, str]
    withdrawn: tuple[tuple[Article, datetime], ...]
    versions: Mapping[str, Sequence[tuple[Article, datetime]]]


@dataclass(frozen=True, slots=True)
class Report:
    """A document as decided: what is sent (`verdicts` of those too), kept back, withdrawn in it; rules it breaks.

    `left_out` are the ids of articles of which no item can be written; at `renew_at` it has to be made anew.
    """

    profile: Profile
    section: Section
    language: str
    sent: tuple[Article, ...]
    verdicts: tuple[Verdict, ...]
    withdrawn: tuple[tuple[Article, datetime], ...]
    broken: tuple[Rule, ...]
    left_out: tuple[str, ...]
    renew_at: datetime | None
    body: bytes

    @property
    def kept(self) -> tuple[Verdict, ...]:
        """What is kept back from the partner, each with the rules that it breaks."""
        return tuple(said for said in self.verdicts if said.broken)


def report(profile: Profile, gathered: Gathered, style: Style) -> Report:
    """Judge and write: what is sent, what is kept back and why, and the bytes. Pure but for the log."""
    section, at = gathered.section, gathered.at
    language = language_for(profile, section, style.portal) or style.portal.language
    judge = _Judge(profile, gathered, style.portal, language)
    left_out: list[str] = []

    def piece(article: Article) -> bytes | None:
        return _written(article, profile, left_out, lambda: profile_item(article, profile, style.portal))

    judged = [(it, _written(it, profile, left_out, partial(judge.judged, it, at))) for it in gathered.articles]
    verdicts = [found for _, found in judged if found is not None]
    passing = [shown for shown, said in verdicts if not said.broken][: profile.items]
    # What would have been kept from the partner was never there to be taken down.
    gone = [(article, when) for article, when in gathered.withdrawn if judge.was_sent(article)]
    told = [
        (article, when, stone)
        for article, when in gone
        if (
            stone := _written(article, profile, left_out, partial(withdrawn_item, article, profile, style.portal, when))
        )
    ]
    stones = [stone for _, _, stone in told]
    state = replace(gathered.state, changed_at=at)
    room = min([LONGEST, *(rule.most for rule in profile.rules if rule.check == "bytes" and rule.most)])
    empty = _body(profile, section, language, (), stones, state, style)
    sent, pieces = fitting(passing, piece, room - len(empty))
    if room < len(empty) + sum(len(made) + 3 for made in pieces):
        sent, pieces = [], []
    fewest = [rule for rule in profile.rules if rule.check == "items" and len(sent) < (rule.least or 0)]
    return Report(
        profile=profile,
        section=section,
        language=language,
        sent=tuple(sent),
        verdicts=tuple(said for _, said in verdicts),
        withdrawn=tuple((article, when) for article, when, _ in told),
        broken=tuple(fewest),
        left_out=tuple(dict.fromkeys(left_out)),
        renew_at=min(bounds(profile, sent, [when for _, when, _ in told]), default=None),
        body=_body(profile, section, language, sent, [*stones, *pieces], state, style),
    )


def bounds(profile: Profile, sent: Iterable[Article], withdrawn: Iterable[datetime]) -> list[datetime]:
    """The instants, in whole seconds, from which on those articles and withdrawals are no longer in the document."""
    ages = [rule.most for rule in profile.rules if rule.check == "age" and rule.most and not rule.advice]
    days = min([LONGEST_AGE, *ages])
    ends = [article.published + timedelta(days=days) for article in sent] if ages else []
    ends += [at + profile.takedown.keep for at in withdrawn]
    return [end.replace(microsecond=0) + timedelta(seconds=end.microsecond > 0) for end in ends]


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges the articles of one document."""

    profile: Profile
    gathered: Gathered
    portal: Portal
    language: str

    def judged(self, article: Article, at: datetime) -> tuple[Article, Verdict]:
        """The article as it would be shown, and what the profile says of it."""
        shown = prepared(article, self.profile, self.portal)
        licence = licence_of(article, self.portal, self.gathered.licences)
        return shown, verdict(self.profile, Case(shown, self.portal, self.language, licence, at))

    def was_sent(self, article: Article) -> bool:
        """Whether any version of it passed: what has since grown too old for the partner, or was kept back after a
        correction, stands with it too."""
        versions = self.gathered.versions.get(article.id, ())
        earlier = ((replace(one, pictures=article.pictures), when) for one, when in versions)
        return any(self._passes(one, when) for one, when in ((article, self.gathered.at), *earlier))

    def _passes(self, article: Article, at: datetime) -> bool:
        try:
            return not self.judged(article, at)[1].broken
        except Exception:  # what cannot be written never went out
            return False


def _written(article: Article, profile: Profile, left_out: list[str], write: Callable[[], Made]) -> Made | None:
    """What `write` makes of the article; where it cannot, the document goes on without."""
    try:
        return write()
    except Exception:
        _log.exception("article %s is left out for %s: it cannot be written", article.id, profile.name)
        left_out.append(article.id)
        return None


def _body(
    profile: Profile,
    section: Section,
    language: str,
    articles: Sequence[Article],
    pieces: Sequence[bytes],
    state: SectionState,
    style: Style,
) -> bytes:
    view = make_view(
        style.portal, section, articles, generation=state.generation, changed_at=state.changed_at, language=language
    )
    published = view.published or fixed_offset(view.updated)
    parts = HeadParts(
        namespaces=PROFILE_NAMESPACES,
        updated=rfc822(fixed_offset(view.updated)),
        published=rfc822(fixed_offset(published)),
        logo=icon_url(style.portal) if "snf:logo" in profile.fields else None,
    )
    address = style.portal.base_url + profile_path(profile.name, section.id)
    return joined(rss_parts(replace(view, published=published), pieces, style, address, parts))


def profile_document(made: Report, state: SectionState, style: Style, last_modified: datetime) -> FeedDocument:
    """The report's bytes with what HTTP needs."""
    section, path = made.section.id, profile_path(made.profile.name, made.section.id)
    codings = coded(made.body)
    links = (
        f'<{style.portal.base_url}{path}>; rel="self"; type="{EXACT_TYPES["rss"]}"',
        f'<{page_url(style.portal, section)}>; rel="alternate"; type="text/html"',
    )
    return FeedDocument(
        path=path,
        kind="profile",
        name=section,
        format="rss",
        generation=state.generation,
        etag=f'"{sha256_hex(made.body)[:32]}"',
        last_modified=last_modified,
        content_type=content_type("rss", style),
        cache_control=CURRENT,
        link=", ".join(links),
        body=made.body,
        gzip=codings.get("gzip", b""),
        brotli=codings.get("br", b""),
        zstd=codings.get("zstd", b""),
    )
