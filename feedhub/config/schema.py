"""What the configuration looks like from outside: its JSON Schemas, and the values in force."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from feedhub.config.load import Config
from feedhub.config.profiles import ProfileForm
from feedhub.config.redirects import RedirectsForm
from feedhub.config.saved import SavedFileForm
from feedhub.config.settings import Settings
from feedhub.config.sources import SourceForm
from feedhub.config.tree import TreeForm


def config_schema() -> dict[str, Any]:
    """The JSON Schemas (2020-12) by file."""
    return {
        "config.yaml": Settings.model_json_schema(),
        "feeds/sections.yaml": TreeForm.model_json_schema(),
        "feeds/profiles/*.yaml": ProfileForm.model_json_schema(),
        "feeds/redirects.yaml": RedirectsForm.model_json_schema(),
        "feeds/saved.yaml": SavedFileForm.model_json_schema(),
        "feeds/sources/*.yaml": {"type": "array", "items": SourceForm.model_json_schema()},
    }


def shown_settings(config: Config) -> list[tuple[str, Any, str]]:
    """(key, value, origin) of every key; a password in store.url is hidden."""
    rows: list[tuple[str, Any, str]] = []

    def walk(part: Any, prefix: str) -> None:
        for name, field in type(part).model_fields.items():
            key, value = prefix + (field.alias or name), getattr(part, name)
            if hasattr(type(value), "model_fields"):
                walk(value, f"{key}.")
                continue
            if key == "store.url":
                value = make_url(value).render_as_string(hide_password=True)
            if isinstance(value, SecretStr):
                value = str(value)
            shown = [str(one) for one in value] if isinstance(value, tuple) else value
            rows.append((key, shown, _origin(config, part, name, key)))

    walk(config.settings, "")
    return rows


def _origin(config: Config, part: Any, name: str, key: str) -> str:
    if any(key == set_there or key.startswith(f"{set_there}.") for set_there in config.from_environment):
        return "environment"
    return config.path.name if name in part.model_fields_set else "default"
