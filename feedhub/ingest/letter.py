"""One letter of a mailbox as one item: a newsletter's issue (RFC 5322, RFC 2045, RFC 2047).

    message ─→ sender or list wanted? ─→ html part, else text ─→ without what is the recipient's alone ─→ safe ─→ item

Runs in the parser child. The guid is the Message-ID, the author the sender's name; an address of a person is never
shown. What leads to the recipient (links to unsubscribe, to settings, to the letter in a browser) and pictures that
count readers are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr

from feedhub.basics.charset_labels import codec_of
from feedhub.basics.dates import zone
from feedhub.basics.text import cut
from feedhub.errors import ParseError
from feedhub.ingest import bounds
from feedhub.ingest.decode import decode_document
from feedhub.ingest.letter_markup import without_the_recipient
from feedhub.ingest.when import read_date
from feedhub.ingest.wire import ParseRequest
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.mailbox import MailFilter
from feedhub.model.safehtml import SafeHtml, safe_paragraphs

MOST_PARTS = 200
_ANGLES = re.compile(r"<([^<>\s]{1,1000})>")
# RFC 2047 §6.2: white space between encoded words is no part of the text, also where it is missing around them.
_ENCODED = re.compile(r"=\?[^?\s]+\?[BbQq]\?[^?]*\?=")
_FOOTER = re.compile(r"^-- ?\r?$", re.M)


def read_letter(request: ParseRequest) -> ParsedFeed:
    """The letter as a document of one item, or of none where it is not wanted; ParseError when it is no letter."""
    message = message_from_bytes(request.body)
    if not message.keys():
        raise ParseError("This is no mail: it has no header.")
    name, sender = _sender(message)
    list_id, list_name = _list_of(message)
    if not _wanted(request.mail, sender, list_id):
        said = f"left out: it is from {_domain(sender) or 'nobody named'}, none of those that `mail` names"
        return ParsedFeed(version="mail", warnings=(said,))
    html, encoding = _text(message, request)
    title = bounds.line(_words(message, "subject"), bounds.TITLE)
    if not title and html is None:
        raise ParseError("The letter has neither a subject nor a text that can be read.")
    written = _words(message, "date")
    read = read_date(written, zone(request.time_zone), request.now, None) if written.strip() else None
    item = Item(
        guid=bounds.guid_of(_words(message, "message-id").strip().strip("<>")),
        link=bounds.address(next(iter(_ANGLES.findall(_words(message, "archived-at"))), None)),  # RFC 5064
        title=title,
        html=html,
        summary=bounds.summary_of(html) if html else "",
        author=name or None,
        published=read[0] if read else None,
        precision=read[1] if read else "second",
        language=bounds.language_of(_words(message, "content-language"), request.language),
        origin_title=list_name or name or None,
        notes=() if read or not written.strip() else (f"unreadable_date: {bounds.line(written, 60)}",),
    )
    return ParsedFeed(version="mail", title=list_name or name, items=(item,), total=1, encoding=encoding)


def header_words(value: str) -> str:
    """A header field as text: encoded words decoded, bare bytes as what they look like; charsets as browsers mean them.

    Bare bytes come as surrogates (PEP 383). A charset nobody knows costs its words, never the letter.
    """
    raw = value.encode("utf-8", "surrogateescape")
    if not raw.isascii():
        return decode_document(raw, None).text
    text = re.sub(r"\r?\n[ \t]+", " ", raw.decode("ascii"))
    if not _ENCODED.search(text):
        return text
    try:
        parts = decode_header(text)
    except ValueError:
        return text
    return "".join(_decoded(part, label) for part, label in parts)


def _decoded(part: bytes | str, label: str | None) -> str:
    if isinstance(part, str):
        return part
    codec = codec_of(label)
    return part.decode(codec, "replace") if codec else decode_document(part, None).text


def _raw(message: Message, name: str) -> str:
    """A field as it was written; email's own look-up loses bytes that are not ASCII."""
    return next((str(value) for key, value in message.raw_items() if key.lower() == name), "")


def _words(message: Message, name: str) -> str:
    return header_words(_raw(message, name))


def _sender(message: Message) -> tuple[str, str]:
    """The sender's name as shown, and the address; the name is empty where it is only the address again."""
    # The name is parsed before its words are decoded: what they say may look like syntax.
    name, address = parseaddr(re.sub(r"\r?\n[ \t]*", " ", _raw(message, "from")))
    words = bounds.line(header_words(name), bounds.AUTHOR).strip("\"' ")
    return ("" if "@" in words else words), address.lower()


def _list_of(message: Message) -> tuple[str, str]:
    """The identifier of the list and its description (RFC 2919 §2)."""
    said = _words(message, "list-id")
    found = _ANGLES.search(said)
    name = bounds.line(said[: found.start()] if found else "", bounds.AUTHOR).strip("\"' ")
    return (found[1] if found else said.strip()).lower(), ("" if "@" in name else name)


def _wanted(mail: MailFilter | None, sender: str, list_id: str) -> bool:
    if mail is None or not (mail.senders or mail.list_ids):
        return True
    domain = f"@{_domain(sender)}"
    senders = {one.lower() for one in mail.senders}
    return bool(senders & {sender, domain}) or list_id in {one.lower() for one in mail.list_ids}


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _text(message: Message, request: ParseRequest) -> tuple[SafeHtml | None, str]:
    """The first html part, else the first text; and how it was decoded."""
    parts = list(_parts(message))
    for kind in ("text/html", "text/plain"):
        for part in parts:
            if part.get_content_type() != kind:
                continue
            payload = part.get_payload(decode=True)
            if not isinstance(payload, bytes) or not payload.strip():
                continue
            decoded = decode_document(payload, f"{kind}; charset={_charset(part)}", request.encoding)
            html: SafeHtml | None
            if kind == "text/plain":
                html = safe_paragraphs(_FOOTER.split(cut(decoded.text, bounds.LONGEST_CLEAN), maxsplit=1)[0])
            else:
                unsubscribe = _ANGLES.findall(_words(message, "list-unsubscribe"))
                html = bounds.clean_html(without_the_recipient(decoded.text, unsubscribe), None)
            if html:
                return html, decoded.encoding
    return None, "nothing"


def _parts(message: Message) -> Iterator[Message]:
    """The parts that are shown, in their order; attached letters and files are not."""
    for number, part in enumerate(message.walk()):
        if number == MOST_PARTS:
            return
        if not part.is_multipart() and part.get_content_disposition() != "attachment":
            yield part


def _charset(part: Message) -> str:
    label = part.get_param("charset", "")
    return label[2] if isinstance(label, tuple) else str(label or "")
