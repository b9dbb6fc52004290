"""`/embed/<section>`: a section's newest articles as a small page for anybody's frame.

These pages alone may be framed (`frame-ancestors *`); they run nothing, set no cookie and hold no form.
The path names the section; the parameters only choose how it looks, and each has a bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, urlencode

from flask import Flask, Response, render_template, request

from feedhub.errors import NotFound
from feedhub.model.section import Section
from feedhub.publish.addresses import article_url, feed_path
from feedhub.publish.limited import read_cut
from feedhub.publish.presentable import presentable
from feedhub.publish.wording import summary_of, title_of
from feedhub.store.article_reads import section_articles
from feedhub.web.catalogue import set_interface
from feedhub.web.front import Front
from feedhub.web.headers import EMBEDDED
from feedhub.web.replies import moved, refusal_page, reply, represent_text

Theme = Literal["auto", "light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)
USUAL_COUNT, MOST = 5, 20
_NUMBER = re.compile(r"-?[0-9]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """How an embedded list looks: `count` articles at most, of one language (None: of all), with summaries or not."""

    count: int = USUAL_COUNT
    theme: Theme = "auto"
    summary: bool = False
    language: str | None = None

    def query(self) -> str:
        """As parameters of an address, in one order; what is usual is left out."""
        said: dict[str, object] = {}
        if self.count != USUAL_COUNT:
            said["count"] = self.count
        if self.theme != "auto":
            said["theme"] = self.theme
        if self.summary:
            said["summary"] = 1
        if self.language:
            said["lang"] = self.language
        return urlencode(said)


def read_embedding(given: Mapping[str, str]) -> Embedding:
    """The look that parameters ask for: numbers are clamped, what means nothing is ignored."""
    number, theme = given.get("count", ""), given.get("theme", "")
    cut = read_cut(None, given.get("lang"))
    return Embedding(
        count=max(1, min(MOST, int(number))) if _NUMBER.fullmatch(number) else USUAL_COUNT,
        theme=next((known for known in THEMES if known == theme), "auto"),
        summary=given.get("summary", "") not in ("", "0", "no", "false"),
        language=cut.language if cut else None,
    )


def embed_path(section_id: str, look: Embedding) -> str:
    """The address of an embedded list."""
    query = look.query()
    return f"/embed/{quote(section_id)}" + (f"?{query}" if query else "")


def register(app: Flask, site: Front) -> None:
    """Add the embedded lists to the application; `/widget.js`, the same as a script, stands among the files."""

    @app.get("/embed/<path:name>")
    def embed(name: str) -> Response:
        look = read_embedding(request.args)
        if (former := site.portal.former_ids.get(name)) is not None and name not in site.feeds:
            return moved(site.href(embed_path(former, look)))
        section = site.feeds.get(name)
        if section is None:
            raise NotFound("section", name[:200])
        set_interface(look.language or site.portal.language)
        text = _rendered(site, section, look)
        return reply(represent_text(text, "text/html; charset=utf-8", extra=EMBEDDED))


def _rendered(site: Front, section: Section, look: Embedding) -> str:
    with site.store.read() as tx:
        languages = (look.language,) if look.language else None
        found = section_articles(tx, section.id, limit=look.count, languages=languages)
    return render_template(
        "embed.html",
        section=section,
        look=look,
        rows=[
            (shown, title_of(shown), article_url(site.portal, shown), summary_of(shown) if look.summary else "")
            for shown in map(presentable, found)
        ],
        page=site.absolute(site.page_of(section.id)),
        feed=site.absolute(feed_path(section.id, "rss")),
        canonical=site.absolute(site.page_of(section.id)),
    )


def embedded_refusal(site: Front, status: int) -> Response:
    """An error that still fits into the frame it was asked for by."""
    look = read_embedding(request.args)
    set_interface(look.language or site.portal.language)
    response = refusal_page(status, "embed_refused.html", look=look, page=site.absolute("/"))
    response.headers.extend(list(EMBEDDED))
    return response


def is_embed_path(path: str) -> bool:
    """Whether an address is one that is shown in frames."""
    return path.startswith("/embed/")
