"""What scripts rely on: exit codes, JSON keys, commands beside a running service (CONTRACT, SEMANTICS 32)."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

from alembic.command import upgrade
from sqlalchemy import update

from feedhub.store import schema
from feedhub.store.engine import Store
from feedhub.store.settings import set_last_tick
from feedhub.store.tables import articles
from tests.flows.conftest import Answer, Home, Origin, rss

LOCAL = "current-news/hot-news/local"
ARTICLE = set(
    "id public_id title sections language published precision updated html summary author source source_url url "
    "categories enclosures rights embargo_until expires origin edited_fields state seq released_at withdrawn_at "
    "withdrawn_reason".split()
)
ENTRY = set(
    "id source state title link guid published updated summary html author categories language sections reason rule "
    "article_id merged_into revision pending notes first_seen changed_at decided_by decided_at".split()
)
SOURCE = set(
    "key name kind url path home sections schedule time_zone language policy link allow_hosts allow_tls_downgrade "
    "username password reprint licence declared_at state condition next_due last_poll last_success failures "
    "last_error last_error_code".split()
)
POLL = set(
    "id source started_at finished_at outcome status url code message next_due lines notes fetched published held "
    "merged filtered dropped unchanged".split()
)
STORY = (
    "a-1",
    "http://news.example/1.html",
    "石鼓书院举行国学讲座",
    "<p>石鼓书院今天举行国学讲座，近百名市民到场聆听。</p>",
)


def test_json_has_the_models_names(home: Home, origin: Origin) -> None:
    origin.answers["/a"] = Answer(rss(STORY))
    home.run("source", "add", origin.url("/a"), "--key", "a", "--section", LOCAL, "--language", "zh", "--yes")
    home.run("source", "fetch", "a")
    assert {"id", "title", "title_zh", "languages", "articles", "generation"} == set(home.json("section", "list")[0])
    for one in (home.json("source", "list")[0], home.json("source", "show", "a")):
        assert set(one) >= SOURCE
    (poll,) = home.json("source", "history", "a")
    assert set(poll) >= POLL
    assert poll["fetched"] == sum(
        poll[name] for name in ("published", "held", "merged", "filtered", "dropped", "unchanged")
    )
    entry = home.json("entry", "list")[0]
    assert set(entry) >= ENTRY
    assert set(home.json("entry", "show", entry["id"])) >= ENTRY
    assert isinstance(entry["id"], str)
    for one in (home.json("article", "list")[0], home.json("article", "show", "sample-zh-xiangjiang")):
        assert set(one) >= ARTICLE
    assert STORY[2] in home.run("entry", "list", "--json").stdout, "non-ASCII stands as it is"
    assert home.json("config", "show")["server.port"] == home.port


EXITS = (
    (("version",), 0),
    (("config", "check"), 0),
    (("db", "check"), 1),
    (("healthcheck",), 1),
    (("article", "show", "nope"), 1),
    (("source", "show", "nope"), 1),
    (("entry", "accept", "999"), 1),
    (("entry", "show", "; DROP TABLE entries"), 1),
    (("source", "remove", "hengyang-news"), 1),
    (("feed", "render", "current-news/nope"), 1),
    (("article", "import", "no-such-file.jsonl"), 2),
    (("source", "add", "javascript:alert(1)", "--yes"), 2),
    (("source", "add", "http://127.0.0.1:9/", "--every", "1s", "--yes"), 2),
    (("source", "add", "http://127.0.0.1:9/", "--every", "5m", "--cron", "* * * * *", "--yes"), 2),
    (("user", "list"), 2),
    (("article", "list", "--nope"), 2),
)


def test_exit_codes(home: Home) -> None:
    for words, code in EXITS:
        done = home.run(*words, check=False)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        assert not code or (done.stderr + done.stdout).strip()


def test_nothing_is_saved_before_a_yes(home: Home, origin: Origin) -> None:
    origin.answers["/a"] = Answer(rss(STORY))
    done = home.run("source", "add", origin.url("/a"), "--section", LOCAL, check=False, stdin="n\n")
    assert done.returncode == 1
    assert STORY[2] in done.stdout
    assert len(home.json("source", "list")) == 2
    assert home.run("source", "add", origin.url("/a"), "--section", LOCAL, stdin="y\n").returncode == 0
    assert len(home.json("source", "list")) == 3
    tried = home.json("source", "test", origin.url("/a"))
    assert [item["title"] for item in tried["items"]] == [STORY[2]]
    assert home.json("entry", "list") == [], "a trial stores nothing"


def test_tables_are_not_changed_beside_a_worker(home: Home) -> None:
    store = Store(f"sqlite:///{home.folder}/var/feedhub.db")
    config = schema._config()
    with store.write() as tx:
        config.attributes["connection"] = tx
        upgrade(config, "0001")
        set_last_tick(tx, datetime.now(UTC))
    refused = home.run("db", "upgrade", check=False)
    assert refused.returncode == 1
    assert "stop the service first" in refused.stderr
    with store.write() as tx:
        set_last_tick(tx, datetime.now(UTC) - timedelta(minutes=1))
    store.close()
    home.run("db", "upgrade")
    home.run("db", "check")


def test_an_article_written_beside_the_service_is_in_the_feed_within_a_second_or_two(shipped: Home) -> None:
    shipped.run(
        "article", "add", "--section", "life/health", "--title", "Written just now", "--text", "A text of our own."
    )
    written = time.monotonic()
    shipped.wait(lambda: "Written just now" in shipped.titles("life/health"), 5)
    # Sections are rendered one after the other: `all` may be a beat behind.
    shipped.wait(lambda: "Written just now" in shipped.titles("all"), 5)
    assert time.monotonic() - written < 3
    item = next(i for i in json.loads(shipped.get("/json/all.json").body)["items"] if i["title"] == "Written just now")
    assert item["content_html"] == "<p>A text of our own.</p>"


def test_a_notice_stands_in_an_articles_place(home: Home) -> None:
    """`article withdraw --form notice`: its feeds keep id and link and say so (SEMANTICS 22)."""
    home.run("article", "add", "--section", "life/health", "--title", "Told wrongly", "--text", "Wrong.", "--id", "w")
    for nothing in ("", " "):
        empty = home.run("article", "edit", "w", "--title", nothing, check=False)
        assert (empty.returncode, "--title is empty" in empty.stderr) == (2, True)
    home.run("article", "withdraw", "w", "--form", "notice", "--reason", "It was another river.")
    one = home.json("article", "show", "w")
    until = datetime.fromisoformat(one["notice_until"]) - datetime.fromisoformat(one["withdrawn_at"])
    assert (one["state"], until) == ("withdrawn", timedelta(days=7))
    assert "notice until" in home.run("article", "show", "w").stdout
    made = json.loads(home.run("feed", "render", "life/health", "--format", "json").stdout)
    item = next(item for item in made["items"] if item["id"] == one["public_id"])
    assert (item["title"], item["url"].rpartition("/")[2]) == ("Withdrawn", "w")
    assert "It was another river." in item["content_html"] and "Wrong." not in item["content_html"]
    assert one["public_id"] not in [stone["id"] for stone in made["_feedhub"]["deleted"]]
    wrong = home.run("article", "withdraw", "w", "--form", "letter", "--reason", "x", check=False)
    assert (wrong.returncode, "'notice'" in wrong.stderr) == (2, True)


def test_feed_check_says_what_a_partner_gets_and_why_not_the_rest(home: Home) -> None:
    home.run("article", "add", "--section", "life/health", "--title", "Too short", "--text", "A text.", "--id", "short")
    said = home.run("feed", "check", "life/health", "--profile", "msn", check=False)
    assert said.returncode == 1
    assert "title-length: A title has more than 20 characters" in said.stdout
    told = home.run("feed", "check", "life/health", "--profile", "msn", "--json", check=False)
    (kept,) = (one for one in json.loads(told.stdout)["items"] if one["verdict"] == "kept")
    assert (kept["id"], [rule["rule"] for rule in kept["broken"]]) == ("short", ["title-length"])
    assert kept["broken"][0]["page"].startswith("https://")
    store = Store(f"sqlite:///{home.folder}/var/feedhub.db")
    with store.write() as tx:  # a time that only a hand in the database could write
        bad = [{"at": "2026-11-20", "note": "x"}]
        tx.execute(update(articles).where(articles.c.id == "short").values(corrections=bad))
    store.close()
    told = home.run("feed", "check", "life/health", "--profile", "msn", check=False)
    assert (told.returncode, "short: left out" in told.stdout) == (1, True)


def test_a_key_and_a_secret_are_shown_once(home: Home) -> None:
    home.run("db", "upgrade")
    key = home.json("partner", "add", "daily")["key"]
    said = home.run("partner", "rotate", "daily").stdout
    assert said.startswith("daily: its key, shown this once, is\n") and said.splitlines()[1] != key
    assert key not in home.run("partner", "list", "--json").stdout
    made = home.json("hub", "webhook", "add", "press", "https://press.example/in")
    assert made["name"] == "press" and made["secret"].startswith("whsec_")
    assert made["secret"] not in home.run("hub", "webhook", "list", "--json").stdout
    assert home.run("hub", "webhook", "rotate", "press").stdout.startswith(
        "press: its secret, shown this once, is\nwhsec_"
    )
