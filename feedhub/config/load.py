"""Load everything that is configured: config.yaml, the environment over it, the tree and the sources.

The environment: `FEEDHUB__SERVER__PORT=9000`, lists and maps as JSON, `…_FILE` names a file that holds the
value; `FEEDHUB__SOURCES__NEWSLETTERS__PASSWORD` is the password of the source `newsletters`. `FEEDHUB_CONFIG` names
another config.yaml. Relative paths start at the config file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from feedhub.basics.dates import zone
from feedhub.config.faults import validated
from feedhub.config.profiles import read_profiles
from feedhub.config.redirects import read_redirects
from feedhub.config.saved import read_saved
from feedhub.config.settings import Settings
from feedhub.config.sources import read_sources
from feedhub.config.tree import read_tree
from feedhub.config.yaml_nodes import YamlFile, read_yaml
from feedhub.errors import ConfigError, Fault
from feedhub.model.section import Portal
from feedhub.model.source import Source

PREFIX = "FEEDHUB__"
_NAME = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Config:
    """All that is configured. `from_environment` are the dotted keys that the environment set; `passwords` those of
    sources that it has, by `password_name` of their keys."""

    path: Path
    settings: Settings
    portal: Portal
    sources: tuple[Source, ...]
    feeds_directory: Path
    from_environment: tuple[str, ...]
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def store_url(self) -> str:
        """`store.url` with a relative SQLite path made absolute."""
        url = self.settings.store.url
        if not url.startswith("sqlite:///") or url.startswith("sqlite:////"):
            return url
        return f"sqlite:///{(self.path.parent / url.removeprefix('sqlite:///')).resolve()}"


def config_path(environ: Mapping[str, str], working_directory: Path) -> Path:
    """`FEEDHUB_CONFIG`, else config.yaml here."""
    return (working_directory / environ.get("FEEDHUB_CONFIG", "config.yaml")).resolve()


def load_config(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check everything; ConfigError carries every fault of every file at once."""
    file = read_yaml(path, path.name)
    faults = list(file.faults)
    overrides, passwords = _environment(environ, path.parent, faults)
    settings = Settings()
    if file.value is not None and not isinstance(file.value, dict):
        faults.append(file.fault((), "is a map of keys"))
    else:
        merged = _merge(file, file.value or {}, overrides)
        settings = validated(_FORM, merged, file, (), faults) or settings
    feeds = (path.parent / settings.feeds.directory).resolve()
    label = settings.feeds.directory.rstrip("/")
    columns, former, wrong = read_tree(feeds / "sections.yaml", f"{label}/sections.yaml", settings.portal.language)
    faults += wrong
    part = settings.portal
    portal = Portal(
        part.name, part.title, part.language, part.time_zone, part.rights, part.contact, part.id_authority,
        settings.server.base_url, columns, former,
    )  # fmt: skip
    names = tuple(portal.sections())
    moved, misled = read_redirects(feeds / "redirects.yaml", f"{label}/redirects.yaml", names, former)
    profiles, unsound = read_profiles(feeds / "profiles", f"{label}/profiles", frozenset(names), names)
    saved, renamed, misasked = read_saved(feeds / "saved.yaml", f"{label}/saved.yaml", names, zone(part.time_zone))
    portal = replace(
        portal,
        profiles=profiles,
        former_addresses=moved,
        longest_text=settings.feeds.longest_text,
        saved=saved,
        former_ids=former | renamed,
    )
    sources, wrong = read_sources(
        feeds / "sources",
        f"{label}/sources",
        frozenset(names),
        names,
        language=part.language,
        time_zone=part.time_zone,
    )
    # Without a tree every section would be unknown: one fault says more than a hundred.
    faults += [*misled, *unsound, *misasked, *wrong] if columns else []
    if faults:
        raise ConfigError(tuple(faults))
    return Config(path, settings, portal, sources, feeds, tuple(sorted(overrides)), passwords)


def _environment(environ: Mapping[str, str], base: Path, faults: list[Fault]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the environment sets, by dotted key, and the passwords of sources, by `password_name`."""
    found: dict[str, Any] = {}
    passwords: dict[str, str] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX):
            continue
        value = environ[name]
        steps = name.removeprefix(PREFIX).split("__")
        if name.endswith("_FILE") and ".".join(steps).lower() not in _KEYS:
            try:
                value = (base / value).read_text("utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                faults.append(Fault(f"environment {name}", 0, 0, value, f"cannot be read: {error}"))
                continue
            steps = name.removeprefix(PREFIX).removesuffix("_FILE").split("__")
        if _is_password(steps):
            passwords[steps[1]] = value
            continue
        key = ".".join(steps).lower()
        if key not in _KEYS:
            faults.append(Fault(f"environment {name}", 0, 0, key, "is not a key here"))
            continue
        try:
            found[key] = json.loads(value) if value[:1] in "[{" and value else value
        except ValueError as error:
            faults.append(Fault(f"environment {name}", 0, 0, key, f"is not JSON: {error}"))
    return found, passwords


def _is_password(steps: Sequence[str]) -> bool:
    return len(steps) == 3 and steps[0] == "SOURCES" and steps[2] == "PASSWORD"


def _merge(file: YamlFile, value: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = json.loads(json.dumps(value))
    for key, override in overrides.items():
        node = merged
        *parents, last = key.split(".")
        for parent in parents:
            child = node.get(parent)
            node[parent] = child if isinstance(child, dict) else {}
            node = node[parent]
        node[last] = override
        # A fault of this value is the environment's, not the file's.
        file.elsewhere[tuple(key.split("."))] = f"environment {PREFIX}{key.upper().replace('.', '__')}"
    return merged


def _all_keys(model: Any, prefix: str = "") -> set[str]:
    keys: set[str] = set()
    for name, one in model.model_fields.items():
        keys.add(key := prefix + (one.alias or name))
        if hasattr(one.annotation, "model_fields"):
            keys |= _all_keys(one.annotation, f"{key}.")
    return keys


_FORM = TypeAdapter(Settings)
_KEYS = frozenset(_all_keys(Settings))
