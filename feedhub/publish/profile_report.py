"""What goes to a partner of a section and what does not, and the document's bytes. Pure: values in, bytes out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from feedhub.basics.codings import coded
from feedhub.basics.dates import fixed_offset, rfc822
from feedhub.basics.digests import sha256_hex
from feedhub.model.article import Article
from feedhub.model.feed import CURRENT, EXACT_TYPES, FeedDocument
from feedhub.model.profile import Profile, Rule, Verdict
from feedhub.model.section import Section
from feedhub.publish.addresses import icon_url, page_url, profile_path
from feedhub.publish.document import content_type, rss_parts
from feedhub.publish.feedgen_ext import PROFILE_NAMESPACES, HeadParts
from feedhub.publish.layout import joined
from feedhub.publish.limited import fitting
from feedhub.publish.preflight import Case, language_for, licence_of, prepared, verdict
from feedhub.publish.profile_items import profile_item, withdrawn_item
from feedhub.publish.style import Style
from feedhub.publish.views import make_view
from feedhub.store.sections import SectionState

LONGEST = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a partner's document is made of: the newest articles, licences by source, what was withdrawn and when, and
    the versions that it had."""

    section: Section
    state: SectionState
    articles: tuple[Article, ...]
    licences: Mapping[str, str]
    withdrawn: tuple[tuple[Article, datetime], ...]
    versions: Mapping[str, Sequence[tuple[Article, datetime]]]


@dataclass(frozen=True, slots=True)
class Report:
    """A document as decided: what is sent (`verdicts` of those too), kept back, withdrawn in it; rules it breaks."""

    profile: Profile
    section: Section
    language: str
    sent: tuple[Article, ...]
    verdicts: tuple[Verdict, ...]
    withdrawn: tuple[tuple[Article, datetime], ...]
    broken: tuple[Rule, ...]
    body: bytes

    @property
    def kept(self) -> tuple[Verdict, ...]:
        """What is kept back from the partner, each with the rules that it breaks."""
        return tuple(said for said in self.verdicts if said.broken)


def report(profile: Profile, gathered: Gathered, style: Style) -> Report:
    """Judge and write: what is sent, what is kept back and why, and the bytes. Pure."""
    portal, section, at = style.portal, gathered.section, gathered.state.changed_at
    language = language_for(profile, section, portal) or portal.language

    def judged(article: Article, at: datetime = at) -> tuple[Article, Verdict]:
        shown = prepared(article, profile, portal)
        licence = licence_of(article, portal, gathered.licences)
        return shown, verdict(profile, Case(shown, portal, language, licence, at))

    def was_sent(article: Article) -> bool:
        # Also what has since grown too old for the partner, or was kept back after a correction, stands with it.
        versions = gathered.versions.get(article.id, ())
        earlier = ((replace(one, pictures=article.pictures), when) for one, when in versions)
        return any(not judged(one, when)[1].broken for one, when in ((article, at), *earlier))

    verdicts = [judged(article) for article in gathered.articles]
    passing = [shown for shown, said in verdicts if not said.broken][: profile.items]
    # What would have been kept from the partner was never there to be taken down.
    withdrawn = tuple((article, when) for article, when in gathered.withdrawn if was_sent(article))
    room = min([LONGEST, *(rule.most for rule in profile.rules if rule.check == "bytes" and rule.most)])
    stones = [withdrawn_item(article, profile, portal, when) for article, when in withdrawn]
    empty = _body(profile, section, language, (), stones, gathered.state, style)
    sent, pieces = fitting(passing, lambda article: _written(article, profile, style), room - len(empty))
    if room < len(empty) + sum(len(piece) + 3 for piece in pieces):
        sent, pieces = [], []
    fewest = [rule for rule in profile.rules if rule.check == "items" and len(sent) < (rule.least or 0)]
    return Report(
        profile=profile,
        section=section,
        language=language,
        sent=tuple(sent),
        verdicts=tuple(said for _, said in verdicts),
        withdrawn=withdrawn,
        broken=tuple(fewest),
        body=_body(profile, section, language, sent, [*stones, *pieces], gathered.state, style),
    )


def _written(article: Article, profile: Profile, style: Style) -> bytes | None:
    try:
        return profile_item(article, profile, style.portal)
    except Exception:
        _log.exception("article %s is left out for %s: it cannot be written", article.id, profile.name)
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
