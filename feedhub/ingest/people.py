"""Who wrote it: a person's name, never an e-mail address, a URL or the source's own label (SEMANTICS 7)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feedhub.ingest.bounds import AUTHOR, line, words

_MAIL = re.compile(r"[\w.+%-]{1,64}(?:@|\s*\(at\)\s*|\s+at\s+)[\w-]{1,63}(?:(?:\.|\s+dot\s+)[\w-]{1,63})+", re.I)
_LOCAL_MAIL = re.compile(r"\S+@\S+")
_HOST = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,18}(?::\d+)?(?:/\S*)?", re.I)
_URL = re.compile(r"https?://\S*", re.I)
# What Chinese media, offices and desks sign with; no family ends its names so.
_ORGANISATION = re.compile(
    r"(?:网|网站|在线|日报|晚报|早报|时报|周报|报社|通讯社|新华社|中新社|电视台|电台|广播|融媒体|客户端|频道|编辑部|出版社|杂志社|政府|办公室|委员会|公众号|发布|小编|管理员)$"
)
_NOBODY = frozenset(
    {
        "admin",
        "administrator",
        "webmaster",
        "root",
        "editor",
        "unknown",
        "anonymous",
        "noreply",
        "no-reply",
        "none",
        "null",
        "n/a",
        "佚名",
        "匿名",
    }
)


def person(written: str, labels: Iterable[str] = ()) -> str | None:
    """The name in `written`, or None when it names no person; `labels` are what the source calls itself."""
    name = line(_LOCAL_MAIL.sub(" ", _MAIL.sub(" ", words(written, AUTHOR))), AUTHOR)
    name = re.sub(r"^mailto:\s*", "", name, flags=re.I)
    name = re.sub(r"\(\s*\)|<\s*>", "", name).strip(" ,;:|()<>\"'")
    if not name or _HOST.fullmatch(name) or _URL.fullmatch(name):
        return None
    folded = name.casefold()
    if folded in _NOBODY or _ORGANISATION.search(name) or folded in {label.strip().casefold() for label in labels}:
        return None
    return name


def people(written: Iterable[str], labels: Iterable[str] = ()) -> str | None:
    """Distinct names, joined by commas."""
    known = tuple(labels)
    names = dict.fromkeys(name for one in written if (name := person(one, known)))
    return line(", ".join(names), AUTHOR) or None
