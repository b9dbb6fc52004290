"""The document type declaration: refused when it declares entities, taken out otherwise (PROMISES 38 to 40).

An RSS 0.91 document names Netscape's DTD and is harmless; nothing of it is ever fetched. A document that
declares entities of its own is refused before any parser sees it: no feed needs them, every XML bomb does.
"""

from __future__ import annotations

import re

from feedhub.errors import HostileDocument

_NEXT = re.compile(r"<!--|<\?|<!DOCTYPE\b|<(?=[A-Za-z_])|\S", re.I)
_PART = re.compile(r"<!--|\"|'|\[|\]|>")
_DECLARES = re.compile(r"<!ENTITY\b|%\s*[\w.:-]+\s*;", re.I)


def take_out_doctype(text: str) -> tuple[str, str]:
    """The text without its document type declaration, and that declaration.

    HostileDocument when it declares entities.
    """
    position = 0
    while found := _NEXT.search(text, position):
        what = found[0].lower()
        if what == "<!doctype":
            end = _end_of(text, found.end())
            doctype = text[found.start() : end]
            if _DECLARES.search(doctype):
                raise HostileDocument("The document declares XML entities; no feed needs them, so it was not read.")
            return text[: found.start()] + text[end:], doctype
        if what not in ("<!--", "<?"):
            break
        closer = "-->" if what == "<!--" else "?>"
        end = text.find(closer, found.end())
        if end < 0:
            break
        position = end + len(closer)
    return text, ""


def _end_of(text: str, position: int) -> int:
    """Where the declaration ends: the `>` outside quotes, comments and brackets; the text's end if nowhere."""
    depth = 0
    while found := _PART.search(text, position):
        sign = found[0]
        position = found.end()
        if sign == "[":
            depth += 1
        elif sign == "]":
            depth = max(0, depth - 1)
        elif sign == ">":
            # Inside the brackets it closes a declaration, not the document type.
            if not depth:
                return position
        else:
            closing = text.find("-->" if sign == "<!--" else sign, position)
            if closing < 0:
                return len(text)
            position = closing + (3 if sign == "<!--" else 1)
    return len(text)
