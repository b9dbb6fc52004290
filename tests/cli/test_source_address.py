"""What an address as it was typed stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.cli.source_address import as_typed
from feedhub.errors import UsageError


@pytest.fixture
def feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds" / "dropped" / "regional").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "feeds" / "out").symlink_to(tmp_path / "elsewhere")
    return (tmp_path / "feeds").resolve()


def test_a_mailbox_names_whom_to_sign_in_and_has_its_key_from_its_host(feeds: Path) -> None:
    assert as_typed("imaps://desk%40hy.example@mail.hy.example:1993/Lists/Weekly", None, feeds) == {
        "kind": "mail",
        "url": "imaps://mail.hy.example:1993/Lists/Weekly",
        "username": "desk@hy.example",
        "key": "mail-hy-example",
    }
    assert "username" not in as_typed("imap://127.0.0.1/INBOX", "mail", feeds)


def test_a_password_on_the_command_line_is_refused_and_not_repeated(feeds: Path) -> None:
    with pytest.raises(UsageError, match="--password-file") as refused:
        as_typed("imap://desk:secret@127.0.0.1/INBOX", None, feeds)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("typed", ["dropped/regional", "feeds/dropped/regional", "./feeds/dropped/regional/"])
def test_a_folder_below_feeds_is_found_from_there_and_from_where_one_stands(feeds: Path, typed: str) -> None:
    assert as_typed(typed, None, feeds) == {"kind": "files", "path": "dropped/regional"}


@pytest.mark.parametrize(
    "typed", ["elsewhere", "../elsewhere", "feeds", "feeds/..", "out", "/etc", "none", "hy.example/"]
)
def test_what_is_no_folder_below_feeds_is_refused(feeds: Path, typed: str) -> None:
    with pytest.raises(UsageError, match="https://"):
        as_typed(typed, None, feeds)


@pytest.mark.parametrize("typed", ["http://hy.example/", "https://hy.example/rss?x=1", "file:///etc"])
def test_other_addresses_are_left_as_they_are(feeds: Path, typed: str) -> None:
    assert as_typed(typed, None, feeds) == {"kind": None, "url": typed}
    assert as_typed(typed, "html", feeds) == {"kind": "html", "url": typed}
