"""What the site says at an address, as the file that stands for it: the same bytes, from the same application.

A page is asked of the application itself, so a file can never say anything else than the service does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import unquote, urlsplit

from feedhub.basics.codings import Coding, coded
from feedhub.basics.dates import parse_http_date
from feedhub.basics.digests import sha256_hex
from feedhub.model.feed import FeedDocument
from feedhub.publish.file_tree import OWN, Exported
from feedhub.publish.manifest import ExportFault
from feedhub.store.exports import Head
from feedhub.web.app import create_app
from feedhub.web.conditional import Answer
from feedhub.web.front import Front
from feedhub.web.wsgi_bridge import Call, call_application

_SQUEEZED = ("text/", "application/xml", "image/svg+xml")
_ENDINGS: dict[Coding, str] = {"gzip": ".gz", "br": ".br", "zstd": ".zst"}
_PICTURES = {"image/jpeg": ".jpg", "image/png": ".png"}
Ask = Callable[[str], Answer]


def asker(site: Front) -> Ask:
    """A function that gives the application's plain answer to GET of a path."""
    application = create_app(site).wsgi_app
    public = urlsplit(site.portal.base_url)

    def ask(path: str) -> Answer:
        fields = (("accept-encoding", "identity"),)
        made = call_application(
            application, Call("GET", unquote(path), "", fields, b"", "127.0.0.1:0", public.netloc, public.scheme)
        )
        if made.status == 503:
            raise ExportFault(f"{path} cannot be made at this moment: the database does not answer.")
        return made

    return ask


def file_path(address: str, content_type: str = "") -> str:
    """Where the file of an address stands below the root: pages end in .html, pictures in their own ending.

    No identifier of a section has a dot, so below /rss/ whatever has none is a page.
    """
    path = unquote(address).removeprefix("/")
    if not path or path.endswith("/"):
        return f"{path}index.html"
    if path.startswith("articles/") or (path.startswith("rss/") and "." not in path):
        return f"{path}.html"
    return path + _PICTURES.get(content_type, "") if path.startswith("media/") else path


def gone_path(article_id: str) -> str:
    """Where the page of a withdrawn article stands, which is answered with 410."""
    return f"{OWN}/gone/articles/{article_id}.html"


def page_file(address: str, answer: Answer, now: datetime, path: str | None = None) -> Exported:
    """The file of an answer of the application."""
    fields = dict(answer.headers)
    kind = fields.get("content-type", "")
    squeezed = coded(answer.body) if kind.startswith(_SQUEEZED) else {}
    modified = parse_http_date(fields["last-modified"]) if "last-modified" in fields else None
    return Exported(
        path=path or file_path(address, kind),
        bodies=_bodies(answer.body, squeezed),
        version=sha256_hex(answer.body)[:32] + (f" {modified.timestamp():.0f}" if modified else ""),
        modified=int((modified or now).timestamp()),
    )


def document_version(head: Head | FeedDocument) -> str:
    """What tells one state of a document's file from another: a new style may move its time and leave its bytes."""
    return f"{head.etag} {head.last_modified.timestamp():.0f}"


def document_file(document: FeedDocument) -> Exported:
    """The file of a document: its stored bytes in every coding that is stored, at its own time."""
    return Exported(
        path=file_path(document.path),
        bodies=_bodies(document.body, document.codings),
        version=document_version(document),
        modified=int(document.last_modified.timestamp()),
    )


def _bodies(plain: bytes, codings: Mapping[Coding, bytes]) -> dict[str, bytes]:
    return {"": plain} | {_ENDINGS[coding]: body for coding, body in codings.items()}
