"""A page of the portal as text: menu, title, `From:… | Date Add in:…`, body, footer.

Menu and footer are left out. The page itself says neither address nor section, so it is joined to the
header record of the same title and Date Add in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo

from feedhub.basics.dates import parse_record_time
from feedhub.basics.text import one_line, xml_text
from feedhub.errors import RecordError
from feedhub.ingest.importing.pieces import InputFile
from feedhub.ingest.importing.portal import page_title

LARGEST = 5 * 1024 * 1024
_HEADER = re.compile(
    r"From:(?P<label>[^|]*)\|\s*Date Add in:\s*(?P<added>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})"
    r"\s*(?:\[A\s*A\])?[\s|]*"
)
# The footer's first line; looked for from the end, since a body may begin a line so too.
_FOOTER = re.compile(r"(?:Sponsored by|Co-sponsored by|Copyright|ICP NO)\b", re.I)
_FOOTER_LINES = 8


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page says; `text` has its paragraphs parted by blank lines, and is empty for a page without body."""

    where: str
    title: str
    label: str
    added: datetime
    text: str


PageKey = tuple[str, datetime]


def page_key(title: str, added: datetime) -> PageKey:
    """Under which a page and a header are one: the same title, whatever its white space, and Date Add in."""
    return page_title(title).casefold(), added


def read_page(file: InputFile, home: tzinfo) -> PageText:
    """Read a page's file; RecordError when it is no page of the portal."""
    if file.size > LARGEST:
        raise RecordError(file.label, f"is larger than {LARGEST} bytes")
    try:
        text = file.path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise RecordError(file.label, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RecordError(file.label, f"byte {error.start + 1} is not UTF-8 text") from error
    return page_of_text(text, file.label, home)


def page_of_text(text: str, label: str, home: tzinfo) -> PageText:
    """The page in a text; a Date Add in has no zone and is in `home`."""
    lines = [one_line(line) for line in re.split(r"\r\n|\r|\n", xml_text(text))]
    found = next(((number, match) for number, line in enumerate(lines) if (match := _HEADER.fullmatch(line))), None)
    if found is None:
        raise RecordError(label, "is no page of the portal: no line `From:… | Date Add in:YYYY-MM-DD HH:MM:SS`")
    number, match = found
    where = f"{label}:{number + 1}"
    title = next((page_title(line) for line in reversed(lines[:number]) if line), "")
    if not title or title.startswith("•"):
        raise RecordError(where, "no title stands above the line `From:…`")
    try:
        added, _ = parse_record_time(match["added"], home)
    except (ValueError, OverflowError) as error:
        raise RecordError(where, str(error)) from error
    return PageText(where, title, match["label"].strip(), added, _paragraphs(lines[number + 1 :]))


def _paragraphs(lines: list[str]) -> str:
    filled = [number for number, line in enumerate(lines) if line]
    footer = next((number for number in filled[-_FOOTER_LINES:] if _FOOTER.match(lines[number])), len(lines))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines[:footer])).strip()
