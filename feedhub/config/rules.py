"""A source's `rules:` as they stand in a file: one action each, on fields, by keywords or an RE2 pattern."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from feedhub.basics.patterns import check_replacement, compiled
from feedhub.model.rule import Action, Rule
from feedhub.model.rule import Field as FieldName

MOST_RULES = 200
ACTIONS: tuple[Action, ...] = ("keep", "drop", "hold", "route", "tag", "rewrite")
_DEFAULT_FIELDS: tuple[FieldName, ...] = ("title", "summary", "text")


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _pattern(value: str) -> str:
    compiled(value)
    return value


Words = Annotated[str, Field(max_length=200)]
Keyword = Annotated[str, Field(min_length=1, max_length=200)]
_ONLY_LOOKED_AT = frozenset({"guid", "origin", "file"})
Fields = Annotated[
    tuple[FieldName, ...],
    BeforeValidator(_several),
    Field(min_length=1),
]
Names = Annotated[tuple[Keyword, ...], BeforeValidator(_several), Field(min_length=1, max_length=50)]


class RuleForm(BaseModel):
    """Exactly one action, and `any` or `pattern` or both: one of them is enough."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    keep: Words | None = None
    drop: Words | None = None
    hold: Words | None = None
    route: Names | None = None
    tag: Names | None = None
    rewrite: Annotated[str, Field(max_length=1000)] | None = None
    field: Fields = _DEFAULT_FIELDS
    any: Annotated[tuple[Keyword, ...], BeforeValidator(_several), Field(max_length=1000)] = ()
    pattern: Annotated[str, Field(min_length=1), AfterValidator(_pattern)] | None = None

    @model_validator(mode="after")
    def _one_action(self) -> RuleForm:
        if sum(getattr(self, action) is not None for action in ACTIONS) != 1:
            raise ValueError(f"name exactly one of {', '.join(ACTIONS)}")
        if not self.any and self.pattern is None:
            raise ValueError("name keywords under any, or a pattern")
        if self.rewrite is not None:
            if self.pattern is None or self.any:
                raise ValueError("rewrite goes by a pattern alone")
            if kept := _ONLY_LOOKED_AT.intersection(self.field):
                raise ValueError(f"{', '.join(sorted(kept))} can be looked at, not rewritten")
            check_replacement(self.pattern, self.rewrite)
        return self

    def rule(self) -> Rule:
        """The model's value."""
        action = next(name for name in ACTIONS if getattr(self, name) is not None)
        said = getattr(self, action)
        return Rule(
            action=action,
            fields=self.field,
            any=self.any,
            pattern=self.pattern,
            reason=said if action in ("keep", "drop", "hold") else "",
            sections=self.route or (),
            tags=self.tag or (),
            replacement=self.rewrite or "",
        )
