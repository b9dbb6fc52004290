"""feeds/saved.yaml: questions with a short name, each a feed of its own at `/rss/saved/<name>.xml`."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from feedhub.config.faults import validated
from feedhub.config.yaml_nodes import Path_, YamlFile, read_yaml
from feedhub.errors import Fault, UsageError
from feedhub.model.question import EVERYTHING, SAVED, SavedFeed
from feedhub.model.question_text import read_question

MOST = 200
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# File names that some systems give to devices, with any ending: a saved feed is exported as a file.
_DEVICES = frozenset(("con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))))


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Values = Annotated[tuple[str, ...], BeforeValidator(_several)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Title(_Form):
    en: Annotated[str, Field(min_length=1, max_length=200)]
    zh: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class SavedForm(_Form):
    """One saved feed: its name, its title, and the parameters of a question as in an address."""

    name: str
    title: _Title
    q: str = ""
    section: Values = ()
    source: Values = ()
    language: Values = ()
    category: Values = ()
    author: Values = ()
    since: str = ""
    until: str = ""
    has: str = ""

    def parameters(self) -> list[tuple[str, str]]:
        """As they would stand in an address."""
        asked = [(key, getattr(self, key)) for key in SavedForm.model_fields if key not in ("name", "title")]
        return [(key, one) for key, said in asked for one in (said if isinstance(said, tuple) else (said,))]


class SavedFileForm(_Form):
    """The file as a whole; `former_names` maps names that vanished to where they went (301)."""

    saved: Annotated[tuple[SavedForm, ...], Field(max_length=MOST)] = ()
    former_names: dict[str, str] = {}


_FORM = TypeAdapter(SavedFileForm)


def read_saved(
    path: Path, label: str, sections: Collection[str], home: tzinfo
) -> tuple[tuple[SavedFeed, ...], dict[str, str], list[Fault]]:
    """The saved feeds, former ids (`saved/<name>`) with their successors, every fault. A missing file has none."""
    if not path.exists():
        return (), {}, []
    file = read_yaml(path, label)
    faults = list(file.faults)
    form = validated(_FORM, file.value if file.value is not None else {}, file, (), faults) if not faults else None
    if form is None:
        return (), {}, faults
    found: dict[str, SavedFeed] = {}
    for number, one in enumerate(form.saved):
        faults += [file.fault(("saved", number, *place), wrong) for place, wrong in _wrong(one, found, sections, home)]
        if not faults:
            found[one.name] = SavedFeed(
                one.name, one.title.en, one.title.zh, read_question(one.parameters(), sections, home)
            )
        else:
            found.setdefault(one.name, SavedFeed(one.name, one.title.en, one.title.zh, EVERYTHING))
    faults += [fault for old, new in form.former_names.items() for fault in _misled(file, old, new, found)]
    former = {f"{SAVED}/{old}": f"{SAVED}/{new}" for old, new in form.former_names.items()}
    return tuple(found.values()), former, faults


def _wrong(
    form: SavedForm, before: Collection[str], sections: Collection[str], home: tzinfo
) -> list[tuple[Path_, str]]:
    wrong: list[tuple[Path_, str]] = []
    if not _NAME.fullmatch(form.name) or len(form.name) > 60:
        wrong.append((("name",), f"{form.name[:80]!r} is not a name: small letters, digits and single `-`, 60 at most"))
    elif form.name in _DEVICES:
        wrong.append((("name",), f"{form.name!r} is a device, not a file name, on some systems"))
    if form.name in before:
        wrong.append((("name",), f"{form.name!r} stands twice"))
    for key in dict(form.parameters()):
        try:
            read_question([pair for pair in form.parameters() if pair[0] == key], sections, home)
        except UsageError as error:
            wrong.append(((key,), str(error)))
    if wrong:
        return wrong
    try:
        if read_question(form.parameters(), sections, home) == EVERYTHING:
            wrong.append(((), "asks nothing: name q, section, source, language, category, author, since, until or has"))
    except UsageError as error:
        wrong.append(((), str(error)))
    return wrong


def _misled(file: YamlFile, old: str, new: str, known: Collection[str]) -> list[Fault]:
    faults = []
    if old in known:
        faults.append(file.fault(("former_names", old), "is still a saved feed"))
    if new not in known:
        faults.append(file.fault(("former_names", old), f"leads to {new!r}, which is no saved feed"))
    return faults
