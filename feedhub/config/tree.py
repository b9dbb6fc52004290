"""feeds/sections.yaml: the portal's tree, every node with the id it will have for ever."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from feedhub.config.faults import validated
from feedhub.config.scalars import LanguageTag
from feedhub.config.yaml_nodes import Path_, YamlFile, read_yaml
from feedhub.errors import Fault
from feedhub.model.section import ALL, RESERVED, Section

_PART = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Title(_Form):
    en: Annotated[str, Field(min_length=1, max_length=200)]
    zh: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class _Node(_Form):
    id: str
    title: _Title
    languages: tuple[Literal["any"] | LanguageTag, ...] | None = None
    podcast: Annotated[str, Field(pattern=r"^[^<>&]{2,60}( > [^<>&]{2,60})?$")] | None = None
    sections: tuple[_Node, ...] = ()


class TreeForm(_Form):
    """The file as a whole; `former_ids` maps ids that vanished to where they went (301)."""

    sections: tuple[_Node, ...]
    former_ids: dict[str, str] = {}


_FORM = TypeAdapter(TreeForm)


def read_tree(path: Path, label: str, language: str) -> tuple[tuple[Section, ...], dict[str, str], list[Fault]]:
    """The columns, the former ids, and every fault."""
    file = read_yaml(path, label)
    faults = list(file.faults)
    if faults:
        return (), {}, faults
    form = validated(_FORM, file.value if file.value is not None else {}, file, (), faults)
    if form is None:
        return (), {}, faults
    seen: set[str] = set()
    columns = tuple(
        _section(file, node, None, ("sections", index), language, seen, faults)
        for index, node in enumerate(form.sections)
    )
    for old, new in form.former_ids.items():
        if old in seen:
            faults.append(file.fault(("former_ids", old), "is still a section"))
        if new not in seen:
            faults.append(file.fault(("former_ids", old), f"leads to {new!r}, which is no section"))
    return columns, dict(form.former_ids), faults


def _section(
    file: YamlFile,
    node: _Node,
    parent: str | None,
    place: Path_,
    language: str,
    seen: set[str],
    faults: list[Fault],
) -> Section:
    at = (*place, "id")
    own = node.id.removeprefix(f"{parent}/") if parent else node.id
    if parent and not node.id.startswith(f"{parent}/"):
        faults.append(file.fault(at, f"{node.id!r} hangs under {parent!r}, so its id begins with {parent + '/'!r}"))
    elif not _PART.fullmatch(own):
        faults.append(file.fault(at, f"{node.id!r} is not an id: small letters, digits and single `-`"))
    elif own in RESERVED and node.id != ALL:
        faults.append(file.fault(at, f"{own!r} is reserved"))
    if len(node.id) > 300:
        faults.append(file.fault(at, "is longer than 300 characters"))
    if node.id in seen:
        faults.append(file.fault(at, f"{node.id!r} stands twice"))
    seen.add(node.id)
    return Section(
        node.id,
        node.title.en,
        node.title.zh,
        node.languages or (language,),
        tuple(
            _section(file, child, node.id, (*place, "sections", index), language, seen, faults)
            for index, child in enumerate(node.sections)
        ),
        tuple(node.podcast.split(" > ")) if node.podcast else (),
    )
