"""An article's page in words of schema.org (NewsArticle, as JSON-LD): what search engines show of it.

Nothing is invented: who is not named is not there. The block is data, which no browser runs and no policy stops.
"""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup

from feedhub.basics.dates import rfc3339
from feedhub.model.article import Article
from feedhub.model.picture import MEDIA
from feedhub.model.section import Section
from feedhub.publish.addresses import icon_url
from feedhub.publish.wording import title_of
from feedhub.web.front import Front, article_path

# Inside a script element only `</script` and `<!--` mean anything, in any case; as escapes of JSON they mean nothing.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def linked_article(site: Front, article: Article, section: Section | None, canonical: str) -> Markup:
    """The block for a presentable article with its pictures at their public addresses, safe in a script element."""
    portal, source = site.portal, article.source
    day_only = article.precision == "day"
    publisher = {
        "@type": "Organization",
        "name": portal.name,
        "url": site.absolute("/"),
        "logo": {"@type": "ImageObject", "url": icon_url(portal)},
    }
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": article.public_id,
        "mainEntityOfPage": {"@type": "WebPage", "@id": canonical},
        "url": site.absolute(article_path(article.id)),
        "headline": title_of(article),
        "description": article.summary,
        "inLanguage": article.language,
        "datePublished": f"{article.published:%Y-%m-%d}" if day_only else rfc3339(article.published),
        "dateModified": rfc3339(article.updated),
        "author": {"@type": "Person", "name": article.author} if article.author else None,
        "sourceOrganization": _organization(source.label, source.url),
        "isBasedOn": article.source_url,
        "publisher": publisher,
        "articleSection": section.title if section else None,
        "keywords": list(article.categories),
        "image": _images(site, article),
        "copyrightNotice": article.rights,
    }
    text = json.dumps({name: value for name, value in found.items() if value}, ensure_ascii=False)
    return Markup(text.translate(_ESCAPES))  # noqa: S704  no markup is left in it


def _organization(label: str | None, url: str | None) -> dict[str, str] | None:
    if not label:
        return None
    return {"@type": "Organization", "name": label} | ({"url": url} if url else {})


def _images(site: Front, article: Article) -> list[str]:
    """Our own copies alone: a picture elsewhere is no page's of ours."""
    ours = re.compile(re.escape(site.absolute(MEDIA)) + "[0-9a-f]{64}")
    attached = [file.url for file in article.enclosures if file.type.startswith("image/") and ours.fullmatch(file.url)]
    return list(dict.fromkeys([*ours.findall(article.html or ""), *attached]))
