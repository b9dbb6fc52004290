"""JSON Feed 1.1: items and the document around them (https://www.jsonfeed.org/version/1.1/).

feedgen does not write this format, so this module does. Ours beyond the standard stands under `_feedhub`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from feedhub.basics.dates import rfc3339
from feedhub.model.article import Article
from feedhub.model.picture import MEDIA
from feedhub.model.section import Portal
from feedhub.publish.addresses import about_url, article_url, twin_url
from feedhub.publish.layout import Parts
from feedhub.publish.wording import correction_notes, summary_of, text_of, title_of

VERSION = "https://jsonfeed.org/version/1.1"


def json_item(article: Article, portal: Portal) -> bytes:
    """One item of an article as `presentable` leaves it; what there is nothing to say of is absent."""
    link = article_url(portal, article)
    source = article.source
    item: dict[str, Any] = {
        "id": article.public_id,
        "url": link,
        "external_url": article.source_url if article.source_url != link else None,
        "title": title_of(article),
        "content_html": text_of(article),
        "content_text": None if article.html else _plain(article),
        "summary": summary_of(article),
        "image": _first_picture(article, portal),
        "date_published": rfc3339(article.published),
        "date_modified": rfc3339(article.updated),
        "authors": [{"name": article.author}] if article.author else None,
        "tags": list(article.categories),
        "language": article.language,
        "attachments": [
            _said({"url": it.url, "mime_type": it.type, "size_in_bytes": it.length}) for it in article.enclosures
        ],
    }
    ours = _said(
        {
            "source": _said({"label": source.label, "url": source.url, "feed_url": source.feed_url})
            if source.label
            else None,
            "rights": article.rights,
            "licence": article.licence,
            "translations": [{"url": twin_url(portal, it), "language": it.language} for it in article.twins],
            "corrections": [{"when": rfc3339(it.at), "note": it.note} for it in article.corrections],
        }
    )
    if ours:
        item["_feedhub"] = {"about": about_url(portal), **ours}
    return _bytes(_said(item))


def _plain(article: Article) -> str:
    """What stands for a text that is not here, and what corrections changed."""
    return "\n\n".join((summary_of(article) or title_of(article), *correction_notes(article)))


def _first_picture(article: Article, portal: Portal) -> str | None:
    """The first stored picture of a body; one that stands elsewhere is no main image of ours."""
    found = re.search(rf'<img[^<]*?\ssrc="({re.escape(portal.base_url + MEDIA)}[0-9a-f]{{64}})"', article.html or "")
    return found[1] if found else None


def json_parts(
    head: Mapping[str, Any], items: Sequence[bytes], ours: Mapping[str, Any], deleted: Sequence[Mapping[str, Any]]
) -> Parts:
    """The document: `head`, then the items' bytes as they are, one line each, then `_feedhub` with tombstones last."""
    return Parts(
        head=_bytes(_said(head))[:-1] + b',"items":[\n',
        items=items,
        comma=b",\n",
        between=b'\n],\n"_feedhub":' + _bytes(ours)[:-1] + b',"deleted":[',
        stones=[_bytes(stone) for stone in deleted],
        stone_comma=b",",
        tail=b"]}}\n",
    )


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
