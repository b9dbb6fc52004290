"""XML-RPC as far as rssCloud needs it (http://xmlrpc.com/spec): calls read within bounds, answers and faults written.

Read by expat without a DOCTYPE, hence without entities of its own; depth and number of elements are bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.parsers import expat
from xml.sax.saxutils import escape

from feedhub.errors import HubRefused

LONGEST = 64 * 1024
_DEPTH, _ELEMENTS = 12, 1000
_HEAD = '<?xml version="1.0"?>\n'
Value = str | int | bool | list["Value"]


def read_call(body: bytes) -> tuple[str, list[Value]]:
    """The method's name and its parameters: strings, whole numbers, booleans and lists; HubRefused `bad_request`."""
    if len(body) > LONGEST:
        raise HubRefused(f"A call has at most {LONGEST} bytes.")
    reader = _Reader()
    try:
        reader.read(body)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise HubRefused(f"This is no XML-RPC call: {error}") from error
    if not reader.method or len(reader.method) > 100:
        raise HubRefused("This is no XML-RPC call: it names no method.")
    return reader.method, reader.values[0]


def write_call(method: str, parameters: Sequence[str]) -> bytes:
    """A call with strings."""
    values = "".join(f"<param><value><string>{escape(it)}</string></value></param>" for it in parameters)
    said = f"<methodName>{escape(method)}</methodName><params>{values}</params>"
    return f"{_HEAD}<methodCall>{said}</methodCall>\n".encode()


def write_answer(*, good: bool) -> bytes:
    """A boolean as the answer."""
    value = f"<params><param><value><boolean>{int(good)}</boolean></value></param></params>"
    return f"{_HEAD}<methodResponse>{value}</methodResponse>\n".encode()


def write_fault(code: int, words: str) -> bytes:
    """A fault."""
    members = (
        f"<member><name>faultCode</name><value><int>{code}</int></value></member>"
        f"<member><name>faultString</name><value><string>{escape(words)}</string></value></member>"
    )
    return (
        f"{_HEAD}<methodResponse><fault><value><struct>{members}</struct></value></fault></methodResponse>\n"
    ).encode()


class _Reader:
    """What stands in a call, gathered as it is read."""

    def __init__(self) -> None:
        self.method = ""
        self.values: list[list[Value]] = [[]]
        self._path: list[str] = []
        self._text = ""
        self._typed = False
        self._elements = 0

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(body, True)

    def _doctype(self, *_: object) -> None:
        raise ValueError("it has a DOCTYPE")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name)
        self._elements += 1
        if len(self._path) > _DEPTH or self._elements > _ELEMENTS:
            raise ValueError("it is too deep or too long")
        if name == "value":
            self._typed = False
        elif name in ("struct", "dateTime.iso8601", "base64", "double"):
            raise ValueError(f"a {name} is not taken")
        elif name == "array":
            self.values.append([])
        self._text = ""

    def _characters(self, data: str) -> None:
        self._text += data

    def _end(self, name: str) -> None:
        self._path.pop()
        if name == "methodName":
            self.method = self._text.strip()
        elif name == "array":
            whole = self.values.pop()
            self._add(whole)
        elif name == "string":
            self._add(self._text)
        elif name in ("int", "i4", "i8"):
            self._add(int(self._text.strip()[:20]))
        elif name == "boolean":
            self._add(self._text.strip() == "1")
        elif name == "value" and not self._typed:  # without a type it is a string
            self._add(self._text)
        self._text = ""

    def _add(self, value: Value) -> None:
        self.values[-1].append(value)
        self._typed = True
