"""YAML into plain values without its traps: a plain scalar is the text that stands there.

What the text means is decided by the key's type, not by YAML: `no` is a word, `12:30` is a word, `010` is
no number. Tags, anchors and aliases are refused, so are duplicate keys; each fault has line and column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from feedhub.errors import Fault

LARGEST = 1024 * 1024
DEEPEST = 50
_TAGS = frozenset(
    "tag:yaml.org,2002:" + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
)
Path_ = tuple[str | int, ...]


@dataclass(slots=True)
class YamlFile:
    """A file's values, where each stands (path → line, column from 1), and what is wrong with it.

    `elsewhere` names where values come from that were laid over the file's.
    """

    name: str
    value: Any = None
    marks: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    elsewhere: dict[Path_, str] = field(default_factory=dict)

    def fault(self, path: Path_, problem: str) -> Fault:
        """A fault at a path, or at the nearest place above it that stands in the file."""
        for place, name in self.elsewhere.items():
            if path[: len(place)] == place:
                return Fault(name, 0, 0, dotted(path), problem)
        known = path
        while known and known not in self.marks:
            known = known[:-1]
        line, column = self.marks.get(known, (1, 1))
        return Fault(self.name, line, column, dotted(path) or "(file)", problem)

    def line(self, path: Path_) -> int:
        """The line of a path."""
        return self.marks.get(path, (1, 1))[0]


def dotted(path: Path_) -> str:
    """`("net", "ports", 0)` as `net.ports[0]`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text


def read_yaml(path: Path, name: str) -> YamlFile:
    """Read a file; its faults are in the result, never raised. A missing file is a fault too."""
    file = YamlFile(name)
    try:
        raw = path.read_bytes()
    except OSError as error:
        file.faults.append(Fault(name, 0, 0, "(file)", f"cannot be read: {error.strerror}"))
        return file
    if len(raw) > LARGEST:
        file.faults.append(Fault(name, 0, 0, "(file)", f"is larger than {LARGEST // 1024} KiB"))
        return file
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        file.faults.append(Fault(name, line, 1, "(file)", "is not UTF-8 text"))
        return file
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str) -> YamlFile:
    """Read the text of a file, as `read_yaml`."""
    file = YamlFile(name)
    try:
        # The base loader resolves nothing, and only composes: no value is made but by us.
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        file.faults.append(Fault(name, line, column, "(file)", f"is not YAML: {error.problem or error.context}"))
        return file
    except (yaml.YAMLError, ValueError) as error:
        file.faults.append(Fault(name, 0, 0, "(file)", f"is not YAML: {str(error).splitlines()[0]}"))
        return file
    file.value = _plain(file, node, (), set()) if node is not None else None
    return file


def _plain(file: YamlFile, node: Node, path: Path_, seen: set[int]) -> Any:
    file.marks.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
    if id(node) in seen:
        file.faults.append(file.fault(path, "anchors and aliases are not used here: write the value out"))
        return None
    seen.add(id(node))
    if len(path) > DEEPEST:
        file.faults.append(file.fault(path, f"is nested deeper than {DEEPEST} levels"))
        return None
    if isinstance(node, MappingNode):
        return _mapping(file, node, path, seen)
    if isinstance(node, SequenceNode) and str(node.tag) in _TAGS:
        return [_plain(file, child, (*path, index), seen) for index, child in enumerate(node.value)]
    tag = str(node.tag)
    if not isinstance(node, ScalarNode) or tag not in _TAGS:
        file.faults.append(file.fault(path, f"the tag {tag} is not used here"))
        return None
    if not node.style and node.value in ("", "~", "null", "Null", "NULL"):
        return None
    return str(node.value)


def _mapping(file: YamlFile, node: MappingNode, path: Path_, seen: set[int]) -> dict[str, Any]:
    tag = str(node.tag)
    if tag not in _TAGS:
        file.faults.append(file.fault(path, f"the tag {tag} is not used here"))
        return {}
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            file.faults.append(file.fault(path, "a key is a plain word"))
            continue
        key = str(key_node.value)
        here = (*path, key)
        place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if key in result:
            file.faults.append(Fault(file.name, *place, dotted(here), "stands here a second time"))
            continue
        file.marks[here] = place
        result[key] = _plain(file, value_node, here, seen)
    return result
