"""JSON by JMESPath (jmespath.org): whole documents, JSONP, and the arrays that pages keep in their scripts."""

from __future__ import annotations

import json
import re
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from feedhub.errors import HostileDocument, ParseError

_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z_$][\w$]*)"""
    r"""|(?P<mark>[\[\]{},:])|(?P<number>-?\d[\w.+-]*)""",
    re.S,
)
_JSON_ESCAPES = '"\\/bfnrtu'
_DEEPEST = 100


class JsonItem:
    """A value of a JSON document, and what JMESPath finds in it."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def text(self, expression: str) -> str:
        """The text or number an expression finds; empty when it finds nothing of the kind."""
        found = search(expression, self.value)
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            return ""
        return str(int(found)) if isinstance(found, float) and found.is_integer() else str(found)


def json_items(document: Any, expression: str) -> list[JsonItem]:
    """The list of items an expression finds; ParseError when it finds none."""
    found = search(expression, document)
    if not isinstance(found, list) or not found:
        raise ParseError(f"The item expression {expression!r} finds no list in this document; was it changed?")
    return [JsonItem(one) for one in found]


def search(expression: str, value: Any) -> Any:
    """What JMESPath finds; ParseError when the expression does not fit the document."""
    try:
        return jmespath.search(expression, value)
    except (JMESPathError, RecursionError) as error:
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ParseError(f"The expression {expression!r} cannot be used: {said}.") from error


def json_within(text: str, marker: str | None) -> Any:
    """The document, or the first value behind `marker` (`var list =`, `callback(`), as JSON or as a script has it."""
    if marker is not None:
        position = text.find(marker)
        if position < 0:
            raise ParseError(f"The text {marker!r} does not stand in this document; was it changed?")
        opening = re.compile(r"[\[{]").search(text, position + len(marker.rstrip("[{")))
        if opening is None:
            raise ParseError(f"There is neither a list nor an object behind {marker!r}.")
        text = text[opening.start() :]
    text = text.lstrip("\ufeff \t\r\n")
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except RecursionError:
        raise HostileDocument("The JSON is nested without end, so it was not read.") from None
    except ValueError as error:
        if marker is None:
            raise ParseError(f"This is no JSON: {error}.") from error
    try:
        return json.loads(_as_json(text), strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"What stands behind {marker!r} is no data: {error}.") from error


def _as_json(script: str) -> str:
    """A literal of JavaScript as JSON: bare keys, single quotes and trailing commas are mended; no code is run."""
    out: list[str] = []
    depth = position = 0
    while found := _TOKEN.match(script, position):
        position = found.end()
        if found["string"]:
            out.append(_string(found["string"]))
        elif word := found["word"]:
            out.append(
                word if word in ("true", "false", "null") else "null" if word == "undefined" else json.dumps(word)
            )
        elif mark := found["mark"]:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark, 0)
            if mark in "]}" and out and out[-1] == ",":
                out.pop()
            out.append(mark)
            if depth > _DEEPEST:
                raise HostileDocument("The script's data is nested without end, so it was not read.")
            if depth == 0:
                break
        elif found["number"]:
            out.append(found["number"])
    return "".join(out)


def _string(literal: str) -> str:
    def escape(match: re.Match[str]) -> str:
        return match[0] if match[1] in _JSON_ESCAPES else match[1]

    inside = re.sub(r"\\(.)", escape, literal[1:-1], flags=re.S)
    return '"' + (inside if literal[0] == '"' else re.sub(r'(?<!\\)"', '\\"', inside)) + '"'
