"""The portal's two tables under feeds/portal/: from an address to its section, from a label to its source.

`address-map.yaml`: `paths: {path: section-id}`, whole paths only, and optionally `hosts: [name]`, the hosts
whose addresses are the portal's. `source-aliases.yaml`: `sources: [{name, en?, url?, feed?, aliases: []}]` and
`unknown: [label]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from feedhub.basics.text import one_line
from feedhub.basics.urls import web_url
from feedhub.config.yaml_nodes import Path_, YamlFile, read_yaml
from feedhub.errors import ConfigError, Fault
from feedhub.model.article import Attribution


@dataclass(frozen=True, slots=True)
class AddressMap:
    """`paths` from the path of an address to a section; `hosts` without `www.`, empty for any."""

    paths: Mapping[str, str] = field(default_factory=dict)
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SourceAliases:
    """`known` from every label of a source to what it stands for; `unknown` labels name no source."""

    known: Mapping[str, Attribution] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def attribution(self, label: str | None) -> Attribution:
        """What a label stands for; the label as seen is kept, also where it names no source (SEMANTICS 7)."""
        if label is None:
            return Attribution(None)
        seen = one_line(label)
        if seen in self.known:
            source = self.known[seen]
            return Attribution(source.label, source.url, source.feed_url, seen)
        return Attribution(None if seen in self.unknown or not seen else seen, as_seen=seen)


@dataclass(frozen=True, slots=True)
class PortalTables:
    """Both tables."""

    addresses: AddressMap = AddressMap()
    sources: SourceAliases = SourceAliases()


def load_portal_tables(directory: Path) -> PortalTables:
    """Read both tables of `directory`; a table whose file is not there is empty. ConfigError with every fault."""
    faults: list[Fault] = []
    tables = PortalTables(
        _addresses(directory / "address-map.yaml", faults), _sources(directory / "source-aliases.yaml", faults)
    )
    if faults:
        raise ConfigError(tuple(sorted(faults)))
    return tables


def _addresses(path: Path, faults: list[Fault]) -> AddressMap:
    file, top = _read(path, {"paths", "hosts"}, faults)
    if file is None:
        return AddressMap()
    paths: dict[str, str] = {}
    for key, section in _map(file, top.get("paths"), ("paths",), faults):
        if not isinstance(section, str) or not section:
            faults.append(file.fault(("paths", key), "leads to a section, which is one line of text"))
        elif key != key.strip("/") or not key:
            faults.append(file.fault(("paths", key), "is a path without `/` at its ends"))
        else:
            paths[key] = section
    hosts = _labels(file, top.get("hosts"), ("hosts",), faults)
    return AddressMap(paths, frozenset(host.lower().removeprefix("www.") for host in hosts))


def _sources(path: Path, faults: list[Fault]) -> SourceAliases:
    file, top = _read(path, {"sources", "unknown"}, faults)
    if file is None:
        return SourceAliases()
    known: dict[str, Attribution] = {}
    unknown = frozenset(one_line(label) for label in _labels(file, top.get("unknown"), ("unknown",), faults))
    listed = top.get("sources")
    if listed is not None and not isinstance(listed, list):
        faults.append(file.fault(("sources",), "is a list"))
        listed = []
    for index, entry in enumerate(listed or []):
        place: Path_ = ("sources", index)
        row = dict(_map(file, entry, place, faults))
        strange = row.keys() - {"name", "en", "url", "feed", "aliases"}
        faults.extend(file.fault((*place, key), "is not a key here") for key in strange)
        name = row.get("name")
        if not isinstance(name, str) or not one_line(name):
            faults.append(file.fault((*place, "name"), "is one line of text and must be there"))
            continue
        source = Attribution(
            one_line(name), _address(file, row, place, "url", faults), _address(file, row, place, "feed", faults)
        )
        for label in (name, *_labels(file, row.get("aliases"), (*place, "aliases"), faults)):
            if one_line(label) in known or one_line(label) in unknown:
                faults.append(file.fault(place, f"the label {label!r} stands for two sources"))
            known[one_line(label)] = source
    return SourceAliases(known, unknown)


def _read(path: Path, keys: set[str], faults: list[Fault]) -> tuple[YamlFile | None, dict[str, object]]:
    if not path.exists():
        return None, {}
    file = read_yaml(path, str(path))
    faults.extend(file.faults)
    if file.faults:
        return None, {}
    top = dict(_map(file, file.value, (), faults))
    faults.extend(file.fault((key,), "is not a key here") for key in top.keys() - keys)
    return file, top


def _map(file: YamlFile, value: object, place: Path_, faults: list[Fault]) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from value.items()
    elif value is not None:
        faults.append(file.fault(place, "is a map of keys"))


def _labels(file: YamlFile, value: object, place: Path_, faults: list[Fault]) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        faults.append(file.fault(place, "is a list of texts"))
        return []
    return value


def _address(file: YamlFile, row: dict[str, object], place: Path_, key: str, faults: list[Fault]) -> str | None:
    value = row.get(key)
    if value is None:
        return None
    address = web_url(value) if isinstance(value, str) else None
    if address is None:
        faults.append(file.fault((*place, key), f"{value!r} is not an http or https address"))
    return address
