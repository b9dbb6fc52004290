"""pydantic's errors as our faults: the place in the file, and words a person can act on."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from feedhub.config.yaml_nodes import Path_, YamlFile
from feedhub.errors import Fault

T = TypeVar("T")

_WORDS = {
    "extra_forbidden": "is not a key here",
    "missing": "is missing",
    "model_type": "is a map of keys",
    "dict_type": "is a map of keys",
    "model_attributes_type": "is a map of keys",
    "tuple_type": "is a list",
    "list_type": "is a list",
    "string_type": "is one line of text",
}


def validated(form: TypeAdapter[T], value: Any, file: YamlFile, base: Path_, faults: list[Fault]) -> T | None:
    """The value in its form, or None with its faults appended; `base` is where in the file it stands.

    A place that is known to be wrong already (an alias, a tag) is not reported a second time.
    """
    try:
        return form.validate_python(value)
    except ValidationError as error:
        known = {fault.path for fault in faults if fault.file == file.name}
        for one in error.errors(include_url=False, include_input=False):
            fault = file.fault((*base, *_place(one["loc"])), words(one))
            if fault.path not in known:
                faults.append(fault)
        return None


def words(error: Any) -> str:
    """What is wrong, in one sentence."""
    known = _WORDS.get(error["type"])
    if known:
        return known
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "literal_error":
        return f"is one of {error['ctx']['expected']}"
    message = str(error["msg"])
    return message[0].lower() + message[1:]


def _place(loc: tuple[str | int, ...]) -> Path_:
    # pydantic puts names of union branches and validators into the place: ours are all lower-case keys.
    return tuple(
        step for step in loc if isinstance(step, int) or (step.replace("_", "").isalnum() and step == step.lower())
    )
