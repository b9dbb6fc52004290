"""One article record into one article: every rule of CONTRACT "An article record" stands here.

Pure: the same record, context and `now` give the same article. Whatever form it came in (JSON Lines, front
matter, the portal's headers), it becomes such a record first.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from mimetypes import MimeTypes
from typing import NamedTuple
from urllib.parse import urlsplit

from feedhub.basics.dates import Precision, fixed_offset, rfc3339
from feedhub.basics.text import cut, near_names, one_line, plain_text, xml_text
from feedhub.basics.urls import web_url
from feedhub.ingest.importing.fields import Fields, kind_of
from feedhub.ingest.importing.portal_tables import AddressMap, SourceAliases
from feedhub.model.article import Article
from feedhub.model.ids import derived_id, is_article_id, public_id
from feedhub.model.item import Enclosure
from feedhub.model.safehtml import LONGEST, SafeHtml, make_safe, safe_paragraphs

KEYS = frozenset(
    "section title content_html content_text source source_url url published updated language summary author "
    "categories enclosures id guid embargo_until expires rights translation_of licence".split()
)
_SUMMARY = 300
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
_MIME = MimeTypes()  # Not the machine's own list: the same record gives the same article everywhere.


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What a record is read against.

    `home` is the portal's zone, `language` its language, `sections` the ids of its tree (`former_ids` lead to
    them), `now` the instant that stands in for a record's missing date.
    """

    home: tzinfo
    language: str
    id_authority: str | None
    installation_id: uuid.UUID
    sections: frozenset[str]
    now: datetime
    sources: SourceAliases = field(default_factory=SourceAliases)
    addresses: AddressMap = field(default_factory=AddressMap)
    former_ids: Mapping[str, str] = field(default_factory=dict)


class _Head(NamedTuple):
    id: str
    url: str | None
    sections: tuple[str, ...]
    title: str
    published: datetime
    precision: Precision


def article_from_record(record: Mapping[str, object], where: str, context: ImportContext) -> Article:
    """The article a record describes; `where` is file:line. RecordError names every fault of the record."""
    fields = Fields(record, KEYS)
    head = _head(fields, context)
    source_url = fields.address("source_url")
    html = _body(fields, head.url or source_url)
    guid = _guid(fields)
    embargo, expires = fields.moment("embargo_until", context.home), fields.moment("expires", context.home)
    if expires and expires[0] <= max(head.published, embargo[0] if embargo else head.published):
        fields.fault("expires", "lies before the article is published")
    article = Article(
        id=head.id,
        public_id=guid or public_id(head.id, context.id_authority, context.installation_id),
        title=head.title,
        sections=head.sections,
        language=fields.language("language") or context.language,
        published=head.published,
        precision=head.precision,
        updated=_updated(fields, head.published, context),
        html=html,
        summary=_summary(fields, html),
        author=fields.line("author", 200),
        source=context.sources.attribution(fields.text("source", 300)),
        source_url=source_url,
        url=head.url,
        categories=fields.lines("categories", 50, 200),
        enclosures=_enclosures(fields),
        rights=fields.line("rights", 1000),
        licence=fields.line("licence", 200),
        translation_of=_original(fields, head.id),
        embargo_until=embargo[0] if embargo else None,
        expires=expires[0] if expires else None,
    )
    fields.raise_faults(where)
    return article


def article_id(record: Mapping[str, object], context: ImportContext) -> str | None:
    """The id the record's article will have, without reading its body; None when the record is wrong."""
    fields = Fields(record, KEYS)
    head = _head(fields, context)
    return None if fields.faults else head.id


def body_of_text(text: str) -> tuple[SafeHtml | None, str]:
    """A plain text as body and summary."""
    html = safe_paragraphs(text.replace("\r\n", "\n")) or None
    return html, summary_of(html)


def summary_of(html: SafeHtml | None) -> str:
    """The beginning of a body as plain text, empty without a body."""
    return cut(plain_text(html), _SUMMARY) if html else ""


def is_undated(record: Mapping[str, object]) -> bool:
    """Whether the record names no date: its article has the instant we first saw it."""
    value = record.get("published")
    return value is None or (isinstance(value, str) and not one_line(value))


def _head(fields: Fields, context: ImportContext) -> _Head:
    url = fields.address("url")
    sections = _sections(fields, context)
    title = fields.line("title", 1000) or ""
    if not title and not any(fault.startswith("title:") for fault in fields.faults):
        fields.fault("title", "is missing")
    dated = fields.moment("published", context.home)
    published, precision = dated or (fixed_offset(context.now.astimezone(context.home)), "second")
    given = fields.value("id")
    if given is None:
        identifier = derived_id(url, sections, title, rfc3339(published) if dated else "")
    elif isinstance(given, str) and is_article_id(given):
        identifier = given
    else:
        identifier = ""
        shown = repr(given[:80]) if isinstance(given, str) else kind_of(given)
        fields.fault("id", f"is 1 to 64 letters, digits, `.`, `_` and `-`, and {shown} is not")
    return _Head(identifier, url, sections, title, published, precision)


def _sections(fields: Fields, context: ImportContext) -> tuple[str, ...]:
    named = [context.former_ids.get(name, name) for name in fields.lines("section", 50, 300)]
    if not named and not any(fault.startswith("section:") for fault in fields.faults):
        fields.fault("section", "is missing")
    for name in named:
        if name not in context.sections:
            near = near_names(name, sorted(context.sections))
            hint = f"; near names: {', '.join(near)}" if near else ""
            fields.fault("section", f"there is no section {name[:300]!r}{hint}")
    return tuple(dict.fromkeys(named))


def _body(fields: Fields, base: str | None) -> SafeHtml | None:
    """The body; content_html goes before content_text. Markup that shows nothing is no body (SEMANTICS 8)."""
    markup, text = fields.text("content_html", LONGEST), fields.text("content_text", LONGEST)
    if markup and markup.strip():
        html = make_safe(markup, base)
    elif text and text.strip():
        return body_of_text(text)[0]
    else:
        return None
    return html if plain_text(html) or "<img" in html else None


def _summary(fields: Fields, html: SafeHtml | None) -> str:
    given = fields.text("summary", 20_000)
    words = plain_text(make_safe(given)) if given else ""
    return words or summary_of(html)


def _updated(fields: Fields, published: datetime, context: ImportContext) -> datetime:
    """Never before `published`; a correction from the future counts from now (SEMANTICS 14)."""
    given = fields.moment("updated", context.home)
    if given is None:
        return published
    moment = given[0]
    if moment > context.now:
        moment = fixed_offset(context.now.astimezone(moment.tzinfo))
    return max(moment, published)


def _guid(fields: Fields) -> str | None:
    """The record's own public id, verbatim or refused: a reader tells items apart by its bytes."""
    value = fields.value("guid")
    if value is None:
        return None
    if not isinstance(value, str):
        fields.fault("guid", f"is {kind_of(value)}, not text")
        return None
    if not value.strip() or xml_text(value) != value or any(sign in value for sign in "\t\r\n"):
        fields.fault("guid", "is one line of text without control characters")
        return None
    if len(value.encode()) > 1024:
        fields.fault("guid", "is longer than 1024 bytes")
        return None
    return value


def _original(fields: Fields, own: str) -> str | None:
    """The id of the article that this one translates."""
    given = fields.line("translation_of", 200)
    if given is None:
        return None
    if not is_article_id(given):
        fields.fault("translation_of", f"is the id of an article, and {given[:80]!r} is none")
    elif given == own:
        fields.fault("translation_of", "is the article itself")
    return given


def _enclosures(fields: Fields) -> tuple[Enclosure, ...]:
    value = fields.value("enclosures")
    if value is None:
        return ()
    if not isinstance(value, list):
        fields.fault("enclosures", f"is a list, not {kind_of(value)}")
        return ()
    if len(value) > 50:
        fields.fault("enclosures", f"has {len(value)} files, at most 50 are taken")
        return ()
    found = [_enclosure(fields, f"enclosures[{index}]", one) for index, one in enumerate(value)]
    return tuple(dict.fromkeys(enclosure for enclosure in found if enclosure is not None))


def _enclosure(fields: Fields, place: str, value: object) -> Enclosure | None:
    if not isinstance(value, dict):
        fields.fault(place, f"is an object with url, type and length, not {kind_of(value)}")
        return None
    for key in value.keys() - {"url", "type", "length"}:
        fields.fault(place, f"{one_line(str(key))[:100]!r} is not a key of an enclosure")
    address = web_url(value["url"]) if isinstance(value.get("url"), str) else None
    if address is None:
        fields.fault(f"{place}.url", "is not an http or https address")
        return None
    kind = value.get("type")
    if kind is None:
        kind = _MIME.guess_type(urlsplit(address).path)[0] or "application/octet-stream"
    if not isinstance(kind, str) or not _MEDIA_TYPE.fullmatch(kind.strip()):
        fields.fault(f"{place}.type", "is not a media type such as audio/mpeg (RFC 6838 §4.2)")
        return None
    length = value.get("length")
    if length is not None and (isinstance(length, bool) or not isinstance(length, int) or not 0 <= length < 2**53):
        fields.fault(f"{place}.length", "is a number of bytes, 0 or more")
        return None
    return Enclosure(address, kind.strip().lower(), length)
