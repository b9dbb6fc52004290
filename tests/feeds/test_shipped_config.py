"""config.yaml and feeds/ as shipped: they load without a fault, state the defaults, and say what CONTRACT says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from feedhub.config.load import Config, load_config
from feedhub.config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

# What a default cannot know: who publishes, and how we introduce ourselves.
OURS = {"portal", "net.user_agent"}


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(ROOT / "config.yaml", {})


def test_the_tree_has_every_node(config: Config) -> None:
    assert len(config.portal.sections()) == 116
    assert config.portal.sections()["all"].languages == ("any",)


def test_the_file_states_every_key_and_its_default(config: Config) -> None:
    stated = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    for name, part in Settings().model_dump().items():
        assert set(stated[name]) == set(part), name
        for key, default in part.items():
            if name not in OURS and f"{name}.{key}" not in OURS:
                assert getattr(config.settings, name).model_dump()[key] == default, f"{name}.{key}"


def test_the_sources_are_those_of_the_contract(config: Config) -> None:
    sources = {source.key: source for source in config.sources}
    assert set(sources) == {"samples-inbox", "hengyang-news"}
    news = sources["hengyang-news"]
    assert (news.name, news.kind, news.policy) == ("衡阳新闻网", "feed", "review")
    assert news.url == "http://www.e0734.com/index.php?m=content&c=rss&rssid=707"
    assert news.schedule.every == timedelta(minutes=15)
    assert (news.language, news.time_zone, news.licence) == ("zh", "Asia/Shanghai", "unknown")
    inbox = sources["samples-inbox"]
    assert (inbox.kind, inbox.path, inbox.policy, inbox.licence) == ("files", "inbox", "auto", "own")
    assert inbox.schedule.every == timedelta(minutes=1)
    assert inbox.reprint.listed and inbox.reprint.number == "sample" and inbox.reprint.checked_on == "2026-11-01"
    assert all(source.sections == ("current-news/hot-news/local",) for source in sources.values())
    assert (ROOT / "feeds" / "inbox").is_dir()
