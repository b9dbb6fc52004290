"""What feed validators ask of markup inside items, and of dates, languages and addresses anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from lxml import etree, html

RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d [+-]\d{4}"
)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(;.*)?")
ADDRESS = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+")
_SAFE_SCHEMES = ("http://", "https://", "mailto:")
_DANGEROUS = frozenset(
    "applet base body embed form frame frameset head html iframe input link meta noscript object script style svg "
    "textarea".split()
)
_ADDRESSES = ("href", "src", "cite", "action", "background", "poster", "srcset", "longdesc")


class Finding(NamedTuple):
    """One thing wrong or doubtful, by the name of its rule; `warning` when a validator calls it no error."""

    name: str
    where: str
    warning: bool = False


def markup(text: str, where: str) -> Iterator[Finding]:
    """Scripts, frames, handlers, styles and addresses that lead nowhere in a piece of HTML."""
    if not text.strip():
        return
    try:
        root = html.fragment_fromstring(text, create_parent="div")
    except etree.LxmlError as error:
        yield Finding("NotHtml", f"{where}: {error}")
        return
    for element in root.iter():
        name = element.tag
        if not isinstance(name, str):
            yield Finding("SecurityRisk", f"{where}: a comment or instruction")
            continue
        if name in _DANGEROUS:
            yield Finding("SecurityRisk", f"{where}: <{name}>")
        for attribute, value in element.attrib.items():
            if attribute.startswith("on") or attribute in ("style", "id", "class", "srcdoc"):
                yield Finding("SecurityRiskAttr", f"{where}: {attribute}={value[:40]!r}")
            if attribute in _ADDRESSES and not str(value).lower().startswith(_SAFE_SCHEMES):
                yield Finding("ContainsRelRef", f"{where}: {attribute}={value[:80]!r}")


def instant(text: str | None, where: str) -> Iterator[Finding]:
    """A date and time of RFC 3339, of a day that exists."""
    if not text or not RFC3339.fullmatch(text):
        yield Finding("InvalidRFC3339Date", f"{where}: {text!r}")
        return
    try:
        datetime.fromisoformat(text)
    except ValueError:
        yield Finding("InvalidRFC3339Date", f"{where}: {text!r}")


def rfc822_date(text: str | None, where: str) -> Iterator[Finding]:
    """A date and time of RFC 822 with four digits of the year, on the weekday that it says."""
    if not text or not RFC822.fullmatch(text):
        yield Finding("InvalidRFC2822Date", f"{where}: {text!r}")
        return
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        yield Finding("InvalidRFC2822Date", f"{where}: {text!r}")
        return
    if f"{moment:%a}" != text[:3]:
        yield Finding("IncorrectDOW", f"{where}: {text!r}")


def address(text: str | None, where: str) -> Iterator[Finding]:
    """An absolute http or https address."""
    if not text or not ADDRESS.fullmatch(text) or len(text) > 4096:
        yield Finding("InvalidFullLink", f"{where}: {text!r}")


def language(text: str | None, where: str) -> Iterator[Finding]:
    """A language tag."""
    if not text or not LANGUAGE.fullmatch(text):
        yield Finding("InvalidLanguage", f"{where}: {text!r}")
