"""One record's fields, read by type: every fault is collected, so that a record is mended in one go.

A value that is null counts as absent. What is too long is refused and not cut, since nothing of a publisher's
own article may go missing unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from feedhub.basics.dates import Precision, parse_record_time
from feedhub.basics.text import near_names, one_line
from feedhub.basics.urls import web_url
from feedhub.errors import RecordError

# RFC 5646 §2.1 in its shape only: the registry of languages is not consulted.
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_LONGEST_LANGUAGE = 35
_EARLIEST, _LATEST = 1900, 2199


class Fields:
    """Reads a record key by key; `faults` grows with what is wrong, as `key: problem`."""

    def __init__(self, record: Mapping[str, object], known: Iterable[str]) -> None:
        self._record = record
        self.faults: list[str] = []
        names = sorted(known)
        for key in record:
            if key not in names:
                near = near_names(str(key), names, most=1)
                hint = f" (near: {near[0]})" if near else ""
                self.faults.append(f"{one_line(str(key))[:100]}: is not a key of an article record{hint}")

    def fault(self, key: str, problem: str) -> None:
        """Note that `key` is wrong."""
        self.faults.append(f"{key}: {problem}")

    def raise_faults(self, where: str) -> None:
        """RecordError with every fault in one sentence, if there are any."""
        if self.faults:
            raise RecordError(where, "; ".join(self.faults))

    def value(self, key: str) -> object:
        """The raw value, None when it is absent."""
        return self._record.get(key)

    def text(self, key: str, longest: int) -> str | None:
        """Text as it stands, None when absent or wrong; what it goes into makes it XML-safe."""
        value = self._record.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(key, f"is {kind_of(value)}, not text")
            return None
        if len(value) > longest:
            self.fault(key, f"has {len(value)} characters, at most {longest} are taken")
            return None
        return value

    def line(self, key: str, longest: int) -> str | None:
        """Text on one line; None when absent, wrong or blank."""
        text = self.text(key, longest)
        return (one_line(text) or None) if text is not None else None

    def moment(self, key: str, home: tzinfo) -> tuple[datetime, Precision] | None:
        """A time with its precision; one without a zone is in `home` (SEMANTICS 13)."""
        text = self.line(key, 100)
        if text is None:
            return None
        try:
            moment, precision = parse_record_time(text, home)
        except (ValueError, OverflowError) as error:
            self.fault(key, str(error))
            return None
        if not _EARLIEST <= moment.year <= _LATEST:
            self.fault(key, f"{text!r} is not between {_EARLIEST} and {_LATEST}")
            return None
        return moment, precision

    def address(self, key: str) -> str | None:
        """An absolute http(s) address."""
        text = self.line(key, 4096)
        if text is None:
            return None
        address = web_url(text)
        if address is None:
            self.fault(key, f"{text[:200]!r} is not an http or https address of at most 2048 characters")
        return address

    def lines(self, key: str, most: int, longest: int) -> tuple[str, ...]:
        """A list of texts, or one text alone; blank ones are left out, repeated ones stand once."""
        value = self._record.get(key)
        if value is None:
            return ()
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            wrong = next((one for one in given if not isinstance(one, str)), None) if isinstance(given, list) else value
            self.fault(key, f"is a list of texts, and {kind_of(wrong)} is none")
            return ()
        found = tuple(dict.fromkeys(line for one in given if (line := one_line(one))))
        if len(found) > most:
            self.fault(key, f"has {len(found)} texts, at most {most} are taken")
        for line in found:
            if len(line) > longest:
                self.fault(key, f"{line[:60]!r}… has {len(line)} characters, at most {longest} are taken")
        return found

    def language(self, key: str) -> str | None:
        """A language tag in its usual capitals: `zh-CN` for `ZH-cn` (RFC 5646 §2.1.1)."""
        text = self.line(key, 200)
        if text is None:
            return None
        if not _LANGUAGE.fullmatch(text) or len(text) > _LONGEST_LANGUAGE:
            self.fault(key, f"{text!r} is not a language tag such as en or zh-CN (BCP 47)")
            return None
        first, *rest = text.lower().split("-")
        return "-".join([first, *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    return part.capitalize() if len(part) == 4 and part.isalpha() else part


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    words = {
        bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object",
        type(None): "nothing",
    }  # fmt: skip
    return words.get(type(value), type(value).__name__)
