"""feeds/sources/*.yaml: the sources that files declare, each a model Source that remembers its file and line."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from feedhub.basics.text import near_names
from feedhub.basics.urls import web_url
from feedhub.config.extracts import ExtractForm, selector_faults
from feedhub.config.faults import validated
from feedhub.config.mailboxes import MailForm, is_mailbox
from feedhub.config.rules import MOST_RULES, RuleForm
from feedhub.config.scalars import CharsetLabel, CronText, LanguageTag, Span, Truth, ZoneName
from feedhub.config.yaml_nodes import Path_, YamlFile, read_yaml
from feedhub.errors import Fault
from feedhub.model.source import DEFAULT_SCHEDULE, Kind, Pictures, Push, Reprint, Schedule, Source

KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Adaptive(_Part):
    min: Span
    max: Span

    @model_validator(mode="after")
    def _ordered(self) -> _Adaptive:
        if self.min > self.max:
            raise ValueError("min is longer than max")
        return self


class ScheduleForm(_Part):
    """Exactly one of the three ways to say when."""

    every: Span | None = None
    cron: CronText | None = None
    adaptive: _Adaptive | None = None

    @model_validator(mode="after")
    def _one(self) -> ScheduleForm:
        if sum(value is not None for value in (self.every, self.cron, self.adaptive)) != 1:
            raise ValueError("name exactly one of every, cron, adaptive")
        return self


class _ReprintForm(_Part):
    listed: Truth = False
    number: str | None = None
    checked_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    by: str | None = None


def _source_url(value: Any) -> Any:
    if isinstance(value, str) and web_url(value) is None:
        raise ValueError(f"{value!r} is not an http or https address")
    return value


def _origin_url(value: Any) -> Any:
    return value if isinstance(value, str) and is_mailbox(value) else _source_url(value)


def _below_feeds(value: str) -> str:
    if PurePosixPath(value).is_absolute() or ".." in PurePosixPath(value).parts or not value.isprintable():
        raise ValueError(f"{value!r} is not a folder below feeds/, such as dropped/regional")
    return value


class SourceForm(_Part):
    """A source as it stands in a file (CONTRACT, a source in a file)."""

    key: Annotated[str, Field(pattern=f"^{KEY.pattern}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Kind = "feed"
    url: Annotated[str, BeforeValidator(_origin_url)] | None = None
    path: Annotated[str, AfterValidator(_below_feeds)] | None = None
    extract: ExtractForm | None = None
    home: Annotated[str, BeforeValidator(_source_url)] | None = None
    sections: tuple[str, ...] = ()
    schedule: ScheduleForm | None = None
    time_zone: ZoneName | None = None
    trust_zone: Truth = True
    encoding: CharsetLabel | None = None
    language: LanguageTag | None = None
    policy: Literal["review", "auto"] = "review"
    link: Literal["ours", "original"] = "ours"
    allow_hosts: tuple[str, ...] = ()
    allow_tls_downgrade: Truth = False
    username: str | None = None
    password: str | None = None
    password_file: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    mail: MailForm | None = None
    reprint: _ReprintForm = _ReprintForm()
    licence: str = "unknown"
    robots: Literal["obey", "ignore"] = "obey"
    robots_by: str | None = None
    robots_why: str | None = None
    full_text: Truth = False
    pictures: Pictures = "link"
    push: Push = "auto"
    stale_after: Span | None = None
    rules: Annotated[tuple[RuleForm, ...], Field(max_length=MOST_RULES)] = ()

    @model_validator(mode="after")
    def _override_is_recorded(self) -> SourceForm:
        if self.robots == "ignore" and not (self.robots_by and self.robots_why):
            raise ValueError("robots: ignore also names robots_by (who decided it) and robots_why")
        return self

    @model_validator(mode="after")
    def _has_origin(self) -> SourceForm:
        if self.kind == "files" and not self.path:
            raise ValueError("a source of kind files names a path")
        if self.kind != "files" and not self.url:
            raise ValueError(f"a source of kind {self.kind} names a url")
        if (self.kind == "mail") != (self.url is not None and is_mailbox(self.url)):
            raise ValueError("kind mail, and no other, has an address such as imaps://mail.example.org/INBOX")
        return self

    @model_validator(mode="after")
    def _has_credentials(self) -> SourceForm:
        if self.password is not None and self.password_file is not None:
            raise ValueError("names password or password_file, not both")
        if self.kind == "mail" and not self.username:
            raise ValueError(
                "a source of kind mail names username, and password_file if the environment has no password"
            )
        if self.kind != "mail" and self.mail is not None:
            raise ValueError("mail is for sources of kind mail")
        return self

    def source(self, *, language: str, time_zone: str, declared_at: str | None) -> Source:
        """The model's value; the portal's language and zone stand in where none is said."""
        form = self.schedule
        if form is None:
            schedule = DEFAULT_SCHEDULE
        else:
            bounds = (form.adaptive.min, form.adaptive.max) if form.adaptive else None
            schedule = Schedule(form.every, form.cron, bounds)
        plain = self.model_dump(exclude={"schedule", "reprint", "time_zone", "language", "extract", "rules", "mail"})
        return Source(
            **plain,
            schedule=schedule,
            extract=self.extract.extract() if self.extract else None,
            mail=self.mail.mail_filter() if self.mail else None,
            reprint=Reprint(**self.reprint.model_dump()),
            rules=tuple(rule.rule() for rule in self.rules),
            time_zone=self.time_zone or time_zone,
            language=self.language or language,
            declared_at=declared_at,
        )


_FORM = TypeAdapter(SourceForm)


def read_sources(
    directory: Path,
    label: str,
    sections: Container[str],
    section_names: tuple[str, ...],
    *,
    language: str,
    time_zone: str,
) -> tuple[tuple[Source, ...], list[Fault]]:
    """Every source declared under a directory, in file order, and every fault."""
    found: dict[str, Source] = {}
    faults: list[Fault] = []
    for path in sorted(directory.glob("*.yaml")) if directory.is_dir() else ():
        file = read_yaml(path, f"{label}/{path.name}")
        faults += file.faults
        if file.faults or file.value is None:
            continue
        if not isinstance(file.value, list):
            faults.append(file.fault((), "is a list of sources: begin each with `- key: …`"))
            continue
        for index, value in enumerate(file.value):
            form, wrong = _one(file, index, value, sections, section_names)
            faults += wrong
            if form is None:
                continue
            where = f"{file.name}:{file.line((index,))}"
            if form.key in found:
                faults.append(
                    file.fault((index, "key"), f"{form.key!r} is declared in {found[form.key].declared_at} too")
                )
                continue
            found[form.key] = form.source(language=language, time_zone=time_zone, declared_at=where)
    return tuple(found.values()), faults


def _one(
    file: YamlFile, index: int, value: Any, sections: Container[str], section_names: tuple[str, ...]
) -> tuple[SourceForm | None, list[Fault]]:
    faults: list[Fault] = []
    form = validated(_FORM, value, file, (index,), faults)
    if form is not None:
        faults += [file.fault((index, *place), wrong) for place, wrong in selector_faults(form.kind, form.extract)]
    for place, section in _named_sections(value):
        if section not in sections:
            near = near_names(section, section_names)
            hint = f"; near names: {', '.join(near)}" if near else ""
            faults.append(file.fault((index, *place), f"there is no section {section!r}{hint}"))
    return (None if faults else form), faults


def _named_sections(value: Any) -> Iterator[tuple[Path_, str]]:
    """Every section that a source as written names, with its place: asked also where other keys are wrong."""
    written = value if isinstance(value, dict) else {}
    rules = written.get("rules")
    lists: list[tuple[Path_, Any]] = [(("sections",), written.get("sections"))]
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        lists.append((("rules", number, "route"), rule.get("route") if isinstance(rule, dict) else None))
    for path, named in lists:
        several = enumerate(named) if isinstance(named, list) else ()
        yield from (((*path, place), section) for place, section in several if isinstance(section, str))
        if isinstance(named, str) and path[-1] == "route":
            yield path, named
