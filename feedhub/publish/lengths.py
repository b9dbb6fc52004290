"""A text within a bound: cut at the end of a paragraph, never inside one.

A text that is cut says so where it is shown (`wording.py`), with a link to the whole.
"""

from __future__ import annotations

import re

from feedhub.basics.text import plain_text
from feedhub.model.safehtml import SafeHtml, make_safe

# Of what the cleaner writes: every element but the void ones is closed.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^<>]*>")
_VOID = frozenset("br col hr img wbr".split())
# What may be left open around the place of a cut: boxes. A list, a table or a quotation is kept or left whole.
_BOXES = frozenset("div section article".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_INLINE = frozenset(
    "a abbr b cite code del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup time u var".split()
)


def length_of(html: str) -> int:
    """The characters that a reader sees, white space folded."""
    return len(plain_text(html))


def cut_at_paragraph(html: SafeHtml, most: int) -> SafeHtml:
    """The longest beginning of whole paragraphs with at most `most` characters; the first paragraph if even that is
    longer. It ends with no heading. A text without paragraphs is left whole."""
    if len(html) <= most or length_of(html) <= most:
        return html
    kept: str | None = None
    start = shown = 0
    for end, closing in _ends(html):
        # Blocks are parted by one blank; one that shows no text costs nothing.
        block = length_of(html[start:end])
        shown += block + (1 if block and shown else 0)
        if kept is not None and shown > most:
            break
        kept, start = html[:end] + closing, end
    return html if kept is None else make_safe(kept)


def _ends(html: str) -> list[tuple[int, str]]:
    """Where a block that is no heading ends outside all but boxes, and what closes those boxes."""
    stack: list[str] = []
    ends = []
    for tag in _TAG.finditer(html):
        closes, name = bool(tag[1]), tag[2]
        if name in _VOID:
            continue
        if not closes:
            stack.append(name)
            continue
        if name in stack:
            while stack.pop() != name:
                pass
        if name not in _INLINE and name not in _HEADINGS and _BOXES.issuperset(stack):
            ends.append((tag.end(), "".join(f"</{box}>" for box in reversed(stack))))
    return ends
