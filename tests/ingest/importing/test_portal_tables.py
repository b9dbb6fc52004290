"""The portal's two tables: as shipped, and with every fault told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.errors import ConfigError
from feedhub.ingest.importing.portal_tables import PortalTables, load_portal_tables
from tests.ingest.importing.conftest import FEEDS


def test_as_shipped() -> None:
    tables = load_portal_tables(FEEDS / "portal")
    assert len(tables.addresses.paths) == 27
    labels = {source.label for source in tables.sources.known.values()}
    assert len(labels) == 5 and len(tables.sources.known) == 9
    assert tables.sources.unknown == {"hy", "e-Government", ""}


def test_a_portal_without_tables_has_empty_ones(tmp_path: Path) -> None:
    assert load_portal_tables(tmp_path) == PortalTables()


def test_every_fault_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "address-map.yaml").write_text("paths:\n  a/b: life\n  /c/: life\n  d: [x]\nhost: x\n")
    (tmp_path / "source-aliases.yaml").write_text(
        "sources:\n- name: A\n  url: ftp://x\n  aliases: [B, hy]\n- alias: C\n- name: B\nunknown: [hy]\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_portal_tables(tmp_path)
    told = [(Path(fault.file).name, fault.line, fault.path, fault.problem) for fault in caught.value.faults]
    assert told == [
        ("address-map.yaml", 3, "paths./c/", "is a path without `/` at its ends"),
        ("address-map.yaml", 4, "paths.d", "leads to a section, which is one line of text"),
        ("address-map.yaml", 5, "host", "is not a key here"),
        ("source-aliases.yaml", 2, "sources[0]", "the label 'hy' stands for two sources"),
        ("source-aliases.yaml", 3, "sources[0].url", "'ftp://x' is not an http or https address"),
        ("source-aliases.yaml", 5, "sources[1].alias", "is not a key here"),
        ("source-aliases.yaml", 5, "sources[1].name", "is one line of text and must be there"),
        ("source-aliases.yaml", 6, "sources[2]", "the label 'B' stands for two sources"),
    ]


def test_broken_yaml_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "address-map.yaml").write_text("paths:\n  a: b\n c: d\n")
    with pytest.raises(ConfigError) as caught:
        load_portal_tables(tmp_path)
    assert caught.value.faults[0].line == 3
