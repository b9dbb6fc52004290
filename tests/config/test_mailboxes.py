"""A source of kind mail in a file: what it names, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.model.mailbox import MailFilter
from tests.config.test_load import faults, load

SOURCE = "- key: a\n  name: A\n  kind: mail\n  url: imaps://mail.example/INBOX\n  username: desk\n"


def test_a_mailbox_is_declared(tmp_path: Path) -> None:
    mail = "  password_file: /run/secrets/word\n  mail: {from: [News@One.example, '@two.example'], list_id: <w.x.y>}\n"
    source = load(tmp_path, s=SOURCE + mail).sources[0]
    assert source.mail == MailFilter(("news@one.example", "@two.example"), ("w.x.y",))
    assert (source.kind, source.url, source.password_file) == (
        "mail",
        "imaps://mail.example/INBOX",
        "/run/secrets/word",
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (SOURCE.replace("  username: desk\n", ""), "names username, and password_file"),
        (SOURCE + "  password: a\n  password_file: b\n", "not both"),
        (SOURCE.replace("imaps", "https") + "  password: a\n", "kind mail, and no other"),
        (SOURCE.replace("mail\n  url", "feed\n  url") + "  password: a\n", "kind mail, and no other"),
        (SOURCE.replace("//", "//desk:s3cret@") + "  password: a\n", "no name in front of @"),
        (SOURCE + "  password: a\n  mail: {from: ['a\" OR ALL']}\n", "is neither an address"),
        (SOURCE + "  password: a\n  mail: {list_id: ['a b']}\n", "between < and >"),
        (SOURCE + "  password: a\n  extract: {item: li}\n", "is not for a source of kind mail"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, source: str, said: str) -> None:
    found = faults(tmp_path, s=source)
    assert any(said in fault for fault in map(str, found)), found


def test_its_password_comes_from_the_environment_or_a_file_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("s3cret\n")
    environ = {
        "FEEDHUB__SOURCES__A__PASSWORD": "other",
        "FEEDHUB__SOURCES__WEEKLY_LETTERS__PASSWORD_FILE": str(tmp_path / "word"),
    }
    config = load(tmp_path, environ=environ, s=SOURCE)
    assert config.passwords == {"A": "other", "WEEKLY_LETTERS": "s3cret"}
    assert config.sources[0].password is None
    assert "s3cret" not in repr(config)
