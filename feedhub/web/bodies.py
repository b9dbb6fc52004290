"""A stored body as a page shows it: pictures of other hosts become links, headings sink below the page's own.

Pages load nothing from elsewhere: whoever reads us tells nobody. The feed carries the body as it was stored.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

from feedhub.basics.urls import host_of, web_url
from feedhub.model.picture import MEDIA
from feedhub.model.safehtml import SafeHtml, make_safe
from feedhub.web.catalogue import interface_of, say
from feedhub.web.foreign_runs import mark_runs

# What may be wider than the page scrolls by itself, also by keyboard.
_WIDE = ("pre", "table")
# The page has one h1, the article's title: what a body calls its first heading is the page's second.
_HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6", "h6": "h6"}


def for_page(html: SafeHtml | None, prefix: str = "", *, language: str = "en", spoken: str = "en") -> Markup | None:
    """The body for a page, its stored pictures below the path `prefix`; None where there is none.

    `language` is the text's: in one that is not Chinese, runs of Chinese are marked. `spoken` is the interface's.

    It is cleaned once more: the store may have been edited."""
    if not html or not html.strip():
        return None
    safe = make_safe(html)
    sinking = "<h1" in safe
    rewriter = _Rewriter(sinking=sinking, prefix=prefix, language=language, spoken=spoken)
    rewriter.feed(safe)
    rewriter.close()
    return Markup("".join(rewriter.parts))  # noqa: S704  cleaned above, and only links and headings are written here


class _Rewriter(HTMLParser):
    """Writes out what it reads, but for pictures and headings."""

    def __init__(self, *, sinking: bool, prefix: str, language: str, spoken: str) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self._sinking, self._prefix, self._language = sinking, prefix, language
        self._spoken = spoken
        self._links = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.parts.append(self._picture(dict(attrs)))
            return
        if tag == "a":
            self._links += 1
        text = self.get_starttag_text() or ""
        if self._sinking and tag in _HEADINGS:
            text = f"<{_HEADINGS[tag]}{text[1 + len(tag) :]}"
        if tag in _WIDE:
            text = f'{text[:-1]} tabindex="0">'
        self.parts.append(text)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._links = max(0, self._links - 1)
        self.parts.append(f"</{_HEADINGS[tag] if self._sinking and tag in _HEADINGS else tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(mark_runs(data, self._language))

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def _picture(self, attributes: dict[str, str | None]) -> str:
        if (attributes.get("src") or "").startswith(MEDIA):
            return self._stored(attributes)
        address = web_url(attributes.get("src"))
        if address is None:
            return escape(attributes.get("alt") or "")
        words = (attributes.get("alt") or attributes.get("title") or "").strip()
        said = say("Picture:", self._spoken) if words else say("Picture at {host}", self._spoken, host=host_of(address))
        if interface_of(self._language) != self._spoken:
            said = Markup('<span lang="{}">{}</span>').format(self._spoken, said)
        label = f"{said} {mark_runs(escape(words), self._language)}".rstrip()
        if self._links:
            return f'<span class="picture">{label}</span>'
        return f'<a class="picture" href="{escape(address)}" rel="noopener noreferrer nofollow">{label}</a>'

    def _stored(self, attributes: dict[str, str | None]) -> str:
        said = {**attributes, "src": f"{self._prefix}{attributes['src']}", "alt": attributes.get("alt") or ""}
        written = "".join(f' {name}="{escape(value or "")}"' for name, value in said.items())
        return f'<img{written} loading="lazy">'
