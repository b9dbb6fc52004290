"""Mail through the one client, to a real server: what is sent, when it is refused, and that passwords need TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from feedhub.errors import AddressRefused, BadResponse, FetchError, Unreachable
from feedhub.net.client import CurlWeb
from feedhub.ports.web import Bounds, Envelope, WebRequest
from tests.net.conftest import PUBLIC, Names
from tests.net.mailbox import Mailbox

ENVELOPE = Envelope("hub@site.test", ("one@site.test", "two@site.test"))
MAIL = "Subject: a\r\n\r\n.a line with a dot\r\n衡阳\r\n".encode()


def mail(url: str, **values: object) -> WebRequest:
    plain: dict[str, object] = {"method": "POST", "body": MAIL, "envelope": ENVELOPE, "reach": "callback"}
    return WebRequest(url, **(plain | values))  # type: ignore[arg-type]


def test_a_mail_is_handed_over(web: CurlWeb) -> None:
    with Mailbox() as box:
        for _ in range(2):
            assert web.send(mail(f"smtp://{box.address}")).status == 250
        assert [(one.mail_from, one.rcpt_tos) for one in box.mails] == [
            (ENVELOPE.sender, list(ENVELOPE.recipients))
        ] * 2
        assert box.mails[0].content == MAIL
        box.refuses = "550 nobody of that name"
        with pytest.raises(BadResponse, match="550 nobody of that name"):
            web.send(mail(f"smtp://{box.address}"))
        assert len(box.mails) == 2


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_is_sent_inside_tls_alone(
    make_web: Callable[..., CurlWeb], names: Names, certificate: Path, tls: ssl.SSLContext, scheme: str
) -> None:
    names.say("site.test", (PUBLIC,))
    context: dict[str, ssl.SSLContext] = {"starttls" if scheme == "smtp" else "tls": tls}
    with Mailbox(**context, knows=("hub", "s3cret")) as box:  # type: ignore[arg-type]
        url = f"{scheme}://site.test:{box.address.rpartition(':')[2]}"
        trusting = make_web(ca_bundle=str(certificate))
        assert trusting.send(mail(url, credentials=("hub", "s3cret"))).status == 250
        with pytest.raises(BadResponse, match="535") as refused:
            trusting.send(mail(url, credentials=("hub", "wr0ng")))
        assert "wr0ng" not in str(refused.value)
        with pytest.raises(Unreachable, match="Check its certificate"):
            make_web().send(mail(url, credentials=("hub", "s3cret")))
        assert box.logins == [("hub", "s3cret"), ("hub", "wr0ng")] and len(box.mails) == 1


def test_without_starttls_no_password_leaves(web: CurlWeb) -> None:
    with Mailbox() as box:
        with pytest.raises(Unreachable):
            web.send(mail(f"smtp://{box.address}", credentials=("hub", "s3cret")))
        assert not box.logins and not box.mails


def test_mail_is_bound_as_all_else(web: CurlWeb, names: Names) -> None:
    for url, code in (
        ("smtp://127.0.0.3:2525", "private_address"),
        (f"smtp://{PUBLIC}:25", "port_not_allowed"),
        ("http://pub.test/", "scheme_not_allowed"),
        ("smtp://user:password@pub.test:587", "bad_address"),
    ):
        with pytest.raises(AddressRefused) as refused:
            web.send(mail(url))
        assert refused.value.code == code and "password" not in str(refused.value)
    with pytest.raises(AddressRefused, match="only http and https"):
        web.send(WebRequest("smtp://pub.test:587"))
    with pytest.raises(FetchError):
        web.send(mail(f"smtp://{PUBLIC}:9", bounds=Bounds(seconds=2)))
