"""Mailboxes through the one client, from a real server: what is read, that nothing is marked, and what is refused."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feedhub.errors import AddressRefused, BadResponse, Deadline, FetchError, TooLarge, Unreachable
from feedhub.net.client import CurlWeb
from feedhub.ports.mailbox import MailboxRequest
from tests.net.conftest import PUBLIC, Names
from tests.net.imap_server import ImapServer

USER = ("desk", 's3 "cret\\')


def ask(url: str, **values: Any) -> MailboxRequest:
    return MailboxRequest(url=url, credentials=values.pop("credentials", USER), **values)


def letter(number: int, sender: str = "news@site.test", list_id: str = "weekly.site.test") -> bytes:
    return (
        f"From: News <{sender}>\r\nList-Id: Weekly <{list_id}>\r\nSubject: {number}\r\n\r\nText {number}\r\n".encode()
    )


def test_letters_are_read_in_their_order_and_nothing_is_marked(web: CurlWeb) -> None:
    with ImapServer() as server:
        server.add(*(letter(n) for n in range(1, 4)))
        server.deleted = {2}
        first = web.read_mail(ask(server.url()))
        assert [one.uid for one in first.letters] == [1, 3]
        assert first.letters[0].body == letter(1)
        assert (first.validity, first.read_to, first.left) == (7, 3, 0)
        server.add(letter(4))
        again = web.read_mail(ask(server.url(), since=(7, first.read_to)))
        assert [one.uid for one in again.letters] == [4]
        nothing = web.read_mail(ask(server.url(), since=(7, again.read_to)))
        assert nothing.letters == () and nothing.notes == () and nothing.read_to == 4
        assert not server.seen and not server.said("SELECT") and not server.said("STORE")
        assert all("BODY.PEEK[]" in one for one in server.said("BODY"))


def test_numbers_that_begin_anew_are_read_from_the_start(web: CurlWeb) -> None:
    with ImapServer() as server:
        server.add(letter(1), letter(2))
        server.validity = 8
        answer = web.read_mail(ask(server.url(), since=(7, 900)))
        assert [one.uid for one in answer.letters] == [1, 2] and answer.validity == 8
        assert "anew" in answer.notes[0]


def test_the_bounds_leave_the_rest_to_the_next_time(web: CurlWeb) -> None:
    with ImapServer() as server:
        server.add(*(letter(n) for n in range(1, 8)))
        server.stored[2] = letter(2) + b"x" * 5000
        answer = web.read_mail(ask(server.url(), most=3, largest=4000))
        assert [one.uid for one in answer.letters] == [1, 3] and answer.left == 4 and answer.read_to == 3
        assert any("letter 2 is left out" in note for note in answer.notes)
        size = len(letter(4))
        answer = web.read_mail(ask(server.url(), since=(7, 3), most_bytes=2 * size))
        assert [one.uid for one in answer.letters] == [4, 5] and answer.read_to == 5 and answer.left == 2
        assert [one.uid for one in web.read_mail(ask(server.url(), since=(7, 5))).letters] == [6, 7]


def test_the_server_looks_for_senders_and_lists(web: CurlWeb) -> None:
    with ImapServer() as server:
        server.add(letter(1, "a@one.test"), letter(2, "b@two.test", "x.test"), letter(3, "c@three.test", "y.test"))
        answer = web.read_mail(ask(server.url(), senders=("@one.test",), list_ids=("x.test",)))
        assert [one.uid for one in answer.letters] == [1, 2]
        assert answer.read_to == 3  # what is not wanted is passed over for good
        assert server.said("SEARCH")[0].endswith('OR (FROM "@one.test") (HEADER List-Id "x.test")')


def test_a_mailbox_with_a_name_of_its_own_and_login(web: CurlWeb) -> None:
    with ImapServer(auth_plain=False) as server:
        server.name = "&g0l6P3ux-/a b"
        server.add(letter(1))
        assert len(web.read_mail(ask(server.url("草稿箱/a%20b"))).letters) == 1
        with pytest.raises(FetchError, match="cannot be opened") as missing:
            web.read_mail(ask(server.url("None")))
        assert missing.value.code == "no_mailbox"


@pytest.mark.parametrize("auth_plain", [True, False])
def test_a_wrong_password_is_said_and_not_shown(web: CurlWeb, auth_plain: bool) -> None:
    with ImapServer(auth_plain=auth_plain) as server, pytest.raises(FetchError, match="did not take") as refused:
        web.read_mail(ask(server.url(), credentials=("desk", "wr0ng")))
    assert refused.value.code == "login_refused" and "wr0ng" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_tls_is_checked_before_a_password_leaves(
    make_web: Callable[..., CurlWeb], names: Names, certificate: Path, tls: ssl.SSLContext, scheme: str
) -> None:
    names.say("site.test", (PUBLIC,))
    names.say("other.test", (PUBLIC,))
    context: dict[str, Any] = {"starttls" if scheme == "imap" else "tls": tls}
    with ImapServer(**context) as server:
        server.add(letter(1))
        trusting = make_web(ca_bundle=str(certificate))
        assert len(trusting.read_mail(ask(server.url(scheme=scheme, host="site.test"))).letters) == 1
        server.commands.clear()
        for web, host in ((make_web(), "site.test"), (trusting, "other.test")):
            with pytest.raises(Unreachable, match="Check its certificate"):
                web.read_mail(ask(server.url(scheme=scheme, host=host)))
        assert not server.said("LOGIN") and not server.said("AUTHENTICATE")


def test_in_plain_only_where_the_network_is_listed(web: CurlWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    from feedhub.net.address import Reach

    with ImapServer() as server:
        server.add(letter(1))
        monkeypatch.setattr(Reach, "lists", lambda self, address: False)
        with pytest.raises(Unreachable, match="not sent in plain"):
            web.read_mail(ask(server.url()))
        assert not server.said("LOGIN") and not server.said("AUTHENTICATE")


def test_a_mailbox_is_bound_as_all_else(web: CurlWeb, names: Names) -> None:
    names.say("two.test", (PUBLIC, "127.0.0.3"))
    names.say("far.test", ("1.1.1.1",))
    for url, code in (
        ("imaps://127.0.0.3/INBOX", "private_address"),
        ("imaps://two.test/INBOX", "private_address"),
        (f"imap://{PUBLIC}:25/INBOX", "port_not_allowed"),
        ("imaps://far.test:8993/INBOX", "port_not_allowed"),
        ("http://pub.test/", "scheme_not_allowed"),
        ("imaps://user:password@pub.test/INBOX", "bad_address"),
    ):
        with pytest.raises(AddressRefused) as refused:
            web.read_mail(ask(url))
        assert refused.value.code == code and "password@" not in str(refused.value)
    with pytest.raises(Unreachable, match="no address"):
        web.read_mail(ask("imaps://none.test/INBOX"))


def test_time_and_bytes_are_bound(web: CurlWeb) -> None:
    with ImapServer() as server:
        server.add(letter(1), letter(2))
        server.trickles = 0.05
        with pytest.raises(Deadline):
            web.read_mail(ask(server.url(), seconds=0.4))
        server.trickles = 0.0
        server.slow_letters = {2}
        answer = web.read_mail(ask(server.url(), seconds=1.0))
        assert [one.uid for one in answer.letters] == [1] and answer.left == 1
        server.slow_letters = set()
        server.says_size[1] = 10
        server.stored[1] = b"x" * (18 * 1024 * 1024)
        with pytest.raises(TooLarge):
            web.read_mail(ask(server.url(), most_bytes=1000, largest=1000))
        server.floods = True
        with pytest.raises((TooLarge, BadResponse)):
            web.read_mail(ask(server.url(), most_bytes=1000, largest=1000))


def test_what_is_no_imap_is_said(web: CurlWeb) -> None:
    from tests.net.wire import WireServer

    with WireServer() as server, pytest.raises(FetchError):
        web.read_mail(ask(server.url("/INBOX").replace("http", "imap", 1), seconds=2))
