"""feeds/profiles/*.yaml: one partner's contract a file, named like the file, every rule with the page it stands on."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from feedhub.basics.digests import sha256_hex
from feedhub.basics.text import near_names
from feedhub.basics.urls import web_url
from feedhub.config.faults import validated
from feedhub.config.scalars import LanguageTag, Span, Truth, Whole
from feedhub.config.yaml_nodes import YamlFile, read_yaml
from feedhub.errors import Fault
from feedhub.model.profile import Check, Cited, Form, Moved, Part, Profile, Rule, Takedown

# The elements that an item of a profile may have; those of a name space with its usual prefix.
FIELDS = frozenset(
    "title link description guid pubDate category source enclosure content:encoded atom:updated atom:link dc:creator "
    "dc:language dc:rights dc:source media:content media:thumbnail media:credit itunes:author itunes:image "
    "dcterms:modified snf:logo".split()
)
_ALWAYS = frozenset({"title", "link", "guid", "pubDate"})
_BOUNDED = {"length", "picture", "age", "depth", "items", "bytes"}
_NEEDS_PART = {"required", "length", "https"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a day such as 2026-11-27") from None
    return value


def _page(value: object) -> object:
    if isinstance(value, str) and web_url(value) is None:
        raise ValueError(f"{value!r} is not an http or https address")
    return value


_Words = Annotated[str, Field(min_length=1, max_length=500)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Cited(_Form):
    page: Annotated[str, BeforeValidator(_page)] | None = None
    assumed: _Words | None = None
    read: Annotated[date, BeforeValidator(_day)]

    @model_validator(mode="after")
    def _one(self) -> _Cited:
        if (self.page is None) == (self.assumed is None):
            raise ValueError("names the page it stands on, or under assumed why it stands on none")
        return self

    def cited(self) -> Cited:
        return Cited(self.page, self.assumed, self.read)


class _Rule(_Form):
    id: Annotated[str, Field(pattern=f"^{_NAME.pattern}$")]
    check: Check
    of: Part | None = None
    least: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = None
    most: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = None
    cut: Truth = False
    advice: Truth = False
    text: _Words
    source: _Cited

    @model_validator(mode="after")
    def _complete(self) -> _Rule:
        if self.check in _NEEDS_PART and self.of is None:
            raise ValueError(f"a rule that checks {self.check} says of what: one of {', '.join(get_args(Part))}")
        if self.check in _BOUNDED and self.least is None and self.most is None:
            raise ValueError(f"a rule that checks {self.check} says least or most")
        if self.cut and (self.check, self.of) != ("length", "text"):
            raise ValueError("only the length of the text can be cut")
        return self

    def rule(self) -> Rule:
        return Rule(**(self.model_dump(exclude={"source"}) | {"source": self.source.cited()}))


class _Takedown(_Form):
    form: Form
    keep: Span = timedelta(days=7)
    moves: tuple[Moved, ...] = ()
    source: _Cited

    @model_validator(mode="after")
    def _sense(self) -> _Takedown:
        if self.form != "drop" and not self.moves:
            raise ValueError(f"takedown by {self.form} names the dates it moves: published, modified")
        return self


class ProfileForm(_Form):
    """A profile as it stands in its file."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    sections: tuple[str, ...] = ()
    languages: Annotated[tuple[LanguageTag, ...], Field(min_length=1)]
    fields: Annotated[tuple[str, ...], Field(min_length=1)]
    items: Annotated[Whole, Field(ge=1, le=200)] = 50
    rules: Annotated[tuple[_Rule, ...], Field(max_length=50)]
    takedown: _Takedown

    @model_validator(mode="after")
    def _sound(self) -> ProfileForm:
        for name in self.fields:
            if name not in FIELDS:
                raise ValueError(f"fields: {name!r} is none of {', '.join(sorted(FIELDS))}")
        if missing := _ALWAYS - set(self.fields):
            raise ValueError(f"fields: {', '.join(sorted(missing))} cannot be left out")
        if not any(rule.check == "language" for rule in self.rules):
            raise ValueError("rules: one checks language, since a partner's document has one language")
        names = [rule.id for rule in self.rules]
        if len(set(names)) < len(names):
            raise ValueError("rules: an id stands twice")
        return self


_FORM = TypeAdapter(ProfileForm)


def read_profiles(
    directory: Path, label: str, sections: Container[str], section_names: tuple[str, ...]
) -> tuple[tuple[Profile, ...], list[Fault]]:
    """Every profile declared under a directory, by name, and every fault."""
    found: list[Profile] = []
    faults: list[Fault] = []
    for path in sorted(directory.glob("*.yaml")) if directory.is_dir() else ():
        file = read_yaml(path, f"{label}/{path.name}")
        faults += file.faults
        if file.faults:
            continue
        if not _NAME.fullmatch(path.stem):
            faults.append(file.fault((), f"{path.stem!r} is no name of a profile: small letters, digits and `-`"))
            continue
        form = validated(_FORM, file.value, file, (), faults)
        if form is None:
            continue
        for place, section in enumerate(form.sections):
            if section not in sections:
                near = near_names(section, section_names)
                hint = f"; near names: {', '.join(near)}" if near else ""
                faults.append(file.fault(("sections", place), f"there is no section {section!r}{hint}"))
        found.append(_profile(path, file, form))
    return tuple(found), faults


def _profile(path: Path, file: YamlFile, form: ProfileForm) -> Profile:
    down = form.takedown
    return Profile(
        name=path.stem,
        title=form.title,
        sections=tuple(dict.fromkeys(form.sections)),
        languages=form.languages,
        fields=form.fields,
        items=form.items,
        rules=tuple(rule.rule() for rule in form.rules),
        takedown=Takedown(form=down.form, keep=down.keep, moves=down.moves, source=down.source.cited()),
        digest=sha256_hex(path.read_bytes()),
        declared_at=f"{file.name}:{file.line(())}",
    )
