"""Every fault at once, with its place; YAML's traps do not bite (PROMISES B4 64)."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.config.load import Config, load_config
from feedhub.errors import ConfigError

SECTIONS = """\
sections:
  - id: news
    title: {en: News, zh: 新闻}
    sections:
      - {id: news/local, title: {en: Local}, languages: [en, zh]}
  - {id: all, title: {en: Everything}, languages: [any]}
"""


def make(folder: Path, config: str = "", sections: str = SECTIONS, **sources: str) -> Path:
    (folder / "feeds" / "sources").mkdir(parents=True, exist_ok=True)
    (folder / "feeds" / "sections.yaml").write_text(sections, "utf-8")
    for name, text in sources.items():
        (folder / "feeds" / "sources" / f"{name}.yaml").write_text(text, "utf-8")
    path = folder / "config.yaml"
    path.write_text(config, "utf-8")
    return path


def load(folder: Path, config: str = "", environ: dict[str, str] | None = None, **rest: str) -> Config:
    return load_config(make(folder, config, **rest), environ or {})


def faults(folder: Path, config: str = "", environ: dict[str, str] | None = None, **rest: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, config, environ, **rest)
    return [str(fault) for fault in caught.value.faults]


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert config.settings.server.port == 8080
    assert config.store_url == f"sqlite:///{tmp_path}/var/feedhub.db"
    assert list(config.portal.sections()) == ["news", "news/local", "all"]
    assert config.portal.sections()["news/local"].languages == ("en", "zh")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server: {port: 010}", "config.yaml:1:10: server.port: '010' is not a whole number"),
        ("server:\n  port: no", "config.yaml:2:3: server.port: 'no' is not a whole number"),
        ("server: {port: 0}", "config.yaml:1:10: server.port"),
        ("server: {port: -1}", "config.yaml:1:10: server.port"),
        ("server:\n  hots: x", "config.yaml:2:3: server.hots: is not a key here"),
        ("server: 3", "config.yaml:1:1: server: is a map of keys"),
        ("server: {base_url: feeds.example.org}", "config.yaml:1:10: server.base_url"),
        ("portal:\n\tname: x", "config.yaml:2:1: (file): is not YAML"),
        ("portal: {name: x}\nportal: {name: y}", "config.yaml:2:1: portal: stands here a second time"),
        ("portal: {name: !!python/object/apply:os.system [x]}", "config.yaml:1:10: portal.name: the tag"),
        ("portal: {name: &a x, title: *a}", "config.yaml:1:22: portal.title: anchors and aliases"),
        ("portal: {time_zone: Mars/Base}", "config.yaml:1:10: portal.time_zone: no time zone"),
        ("portal: {id_authority: nobody}", "config.yaml:1:10: portal.id_authority"),
        ("net: {per_host: {per_second: 0}}", "config.yaml:1:18: net.per_host.per_second"),
        ("net: {source_reach: {allow: [10.0.0.1/8]}}", "config.yaml:1:30: net.source_reach.allow[0]"),
        ("net: {ports: 80}", "config.yaml:1:7: net.ports: is a list"),
        ("- a", "config.yaml:1:1: (file): is a map of keys"),
        ("x" * 2_000_000, "config.yaml:0:0: (file): is larger than"),
        ("[" * 2000, "config.yaml:"),
    ],
)
def test_a_fault_has_its_place(tmp_path: Path, text: str, expected: str) -> None:
    assert any(fault.startswith(expected) for fault in faults(tmp_path, text)), faults(tmp_path, text)


def test_words_that_yaml_would_bend_are_words(tmp_path: Path) -> None:
    config = load(tmp_path, "portal: {language: no, name: 12:30, title: 010, rights: 2024-01-02, contact: 1e3}")
    part = config.settings.portal
    assert (part.language, part.name, part.title, part.rights, part.contact) == (
        "no",
        "12:30",
        "010",
        "2024-01-02",
        "1e3",
    )


def test_an_alias_bomb_costs_nothing(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    assert any("aliases" in fault for fault in faults(tmp_path, bomb))


def test_all_faults_of_all_files_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "server: {port: x}\nnonsense: 1",
        {"FEEDHUB__NET__NOSUCH": "1"},
        a="- {key: a, name: A, url: 'http://a.example/', sections: [news/locale]}\n- {key: a b, name: x, url: 'ftp://x/'}",
        b="- key: c\n  name: C\n  url: http://c.example/\n  schedule: {every: 1s}",
    )
    assert len(found) == 7, found
    assert any("near names: news/local" in fault for fault in found)
    assert any(fault.startswith("feeds/sources/b.yaml:4:14: [0].schedule.every: '1s' is outside") for fault in found), (
        found
    )


def test_the_environment_is_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("postgresql+psycopg://u:geheim@h/db\n")
    config = load(
        tmp_path,
        "server: {port: 1234}",
        {
            "FEEDHUB__SERVER__PORT": "9000",
            "FEEDHUB__NET__SOURCE_REACH__ALLOW": '["127.0.0.0/8"]',
            "FEEDHUB__STORE__URL_FILE": "secret",
            "OTHER": "x",
        },
    )
    assert config.settings.server.port == 9000
    assert str(config.settings.net.source_reach.allow[0]) == "127.0.0.0/8"
    assert config.store_url == "postgresql+psycopg://u:geheim@h/db"
    assert config.from_environment == ("net.source_reach.allow", "server.port", "store.url")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SECTIONS.replace("news/local", "local"), "begins with 'news/'"),
        (SECTIONS.replace("news/local", "news/Local"), "is not an id"),
        (SECTIONS.replace("news/local", "news/archive"), "is reserved"),
        (SECTIONS + "  - {id: news, title: {en: Twice}}\n", "stands twice"),
        (SECTIONS + "former_ids: {old: nowhere}\n", "leads to 'nowhere'"),
        (SECTIONS.replace("en: Local", "de: Lokal"), "is not a key here"),
        ("", "sections: is missing"),
    ],
)
def test_faults_of_the_tree(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in fault for fault in faults(tmp_path, sections=text))


@pytest.mark.parametrize("path", ["../outside", "/etc", "in/../../out"])
def test_a_folder_of_feeds_lies_below_feeds(tmp_path: Path, path: str) -> None:
    (said,) = faults(tmp_path, one=f"- {{key: drop, name: Drop, kind: files, path: {path}}}\n")
    assert "feeds/sources/one.yaml:1" in said and "not a folder below feeds/" in said


def test_two_files_with_one_key(tmp_path: Path) -> None:
    one = "- {key: a, name: A, url: 'http://a.example/', sections: [news]}\n"
    assert faults(tmp_path, a=one, b=one) == [
        "feeds/sources/b.yaml:1:4: [0].key: 'a' is declared in feeds/sources/a.yaml:1 too"
    ]


def source_file(kind: str, extract: str) -> str:
    return f"- key: a\n  name: A\n  kind: {kind}\n  url: http://a.example/\n  extract: {extract}\n"


@pytest.mark.parametrize(
    ("kind", "extract", "expected"),
    [
        ("html", "{title: a}", "a.yaml:5:3: [0].extract.item: is missing"),
        ("html", "{item: 'ul >'}", "a.yaml:5:13: [0].extract.item: 'ul >' is no CSS selector"),
        ("html", "{item: li, date: './span['}", "a.yaml:5:23: [0].extract.date: './span[' is no XPath"),
        ("json", "{item: 'a[', title: t}", "a.yaml:5:13: [0].extract.item: 'a[' is no JMESPath"),
        ("json", "{item: 'li >', inside: html}", "[0].extract.item: 'li >' is no CSS selector"),
        ("html", "{item: li, script: 'var x ='}", "[0].extract.script: is for sources of kind json"),
        ("html", "{item: li, pages: 21}", "[0].extract.pages: input should be less than or equal to 20"),
        ("html", "{item: li, detail: {body: '/['}}", "[0].extract.detail.body: '/[' is no XPath"),
        ("feed", "{item: li}", "[0].extract: is not for a source of kind feed"),
    ],
)
def test_selectors_that_cannot_be_used_are_faults(tmp_path: Path, kind: str, extract: str, expected: str) -> None:
    (fault,) = faults(tmp_path, a=source_file(kind, extract))
    assert expected in fault


def test_an_extract_is_read_into_the_source(tmp_path: Path) -> None:
    text = source_file("xml", "{item: //x:n, namespaces: {x: 'urn:x'}, date_forms: ['%d/%m/%Y'], pages: 2, detail: {}}")
    extract = load(tmp_path, a=text).sources[0].extract
    assert extract is not None
    assert (extract.namespaces, extract.date_forms, extract.pages) == ((("x", "urn:x"),), ("%d/%m/%Y",), 2)
    assert extract.detail is not None
