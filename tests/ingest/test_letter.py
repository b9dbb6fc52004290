"""A letter as an item: which part is read, in which charset, what of it is shown, and what never holds anything up."""

from __future__ import annotations

import contextlib
from base64 import b64encode
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from feedhub.errors import ParseError
from feedhub.ingest.child import answer_to
from feedhub.ingest.letter import header_words
from feedhub.ingest.wire import ParseRequest
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.mailbox import MailFilter

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HEAD = (
    b"From: =?gb2312?B?uuLR9MjVsag=?= <news@hy.example>\r\nMessage-ID: <42@hy.example>\r\n"
    b"Date: Fri, 20 Nov 2026 08:30:00 +0800\r\n"
)


def read(body: bytes, mail: MailFilter | None = None) -> ParsedFeed:
    return answer_to(
        ParseRequest(
            body=body,
            content_type="message/rfc822",
            url="imaps://mail.example/INBOX;UIDVALIDITY=1/;UID=3",
            time_zone="Asia/Shanghai",
            encoding=None,
            language="zh",
            now=NOW,
            kind="mail",
            mail=mail,
        )
    ).result()


def item(body: bytes) -> Item:
    return read(body).items[0]


def html(markup: str, head: bytes = HEAD, charset: str = "utf-8") -> bytes:
    kind = f"Content-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head + b"Subject: S\r\n" + kind.encode() + markup.encode("gb18030" if charset != "utf-8" else charset)


def test_the_html_part_is_read_and_the_head_says_the_rest() -> None:
    message = EmailMessage()
    message["From"] = "Weekly News <news@site.example>"
    message["Subject"] = "衡阳一周要闻：雁城新貌，" * 4
    message["Message-ID"] = "<7@site.example>"
    message["Date"] = "Fri, 20 Nov 2026 08:30:00 +0800"
    message["List-Id"] = "The Weekly <weekly.site.example>"
    message["Archived-At"] = "<https://site.example/issues/7>"
    message.set_content("In plain words.")
    message.add_alternative("<p>In <b>rich</b> words.</p>", subtype="html")
    message.add_attachment(b"<p>not this</p>", maintype="text", subtype="html", filename="x.html")
    feed = read(message.as_bytes())
    found = feed.items[0]
    assert (found.guid, found.author, found.origin_title) == ("7@site.example", "Weekly News", "The Weekly")
    assert found.title == "衡阳一周要闻：雁城新貌，" * 4
    assert found.html == "<p>In <b>rich</b> words.</p>"
    assert found.link == "https://site.example/issues/7"
    assert found.published == datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
    assert (feed.version, feed.title, feed.total) == ("mail", "The Weekly", 1)
    assert "news@site.example" not in repr(feed)


def test_text_alone_becomes_paragraphs_without_the_signature() -> None:
    body = b"Subject: S\r\n\r\nFirst & <b>last</b>.\r\n\r\nSecond.\r\n-- \r\nUnsubscribe: x\r\n"
    assert item(HEAD + body).html == "<p>First &amp; &lt;b&gt;last&lt;/b&gt;.</p><p>Second.</p>"


def test_gb2312_is_gb18030_in_parts_and_in_words() -> None:
    found = item(html("<p>朱镕基在衡阳：€ 与 㐀</p>", charset="gb2312"))
    assert found.html == "<p>朱镕基在衡阳：€ 与 㐀</p>"
    assert found.author == "衡阳日报"
    # A character of GBK alone under the label gb2312, split between two words, and bare bytes without a label.
    first, second = "朱镕基".encode("gb18030")[:3], "朱镕基".encode("gb18030")[3:]
    split = f"=?gb2312?B?{b64encode(first).decode()}?=\r\n =?gb2312?B?{b64encode(second).decode()}?="
    assert header_words(split) == "朱镕基"
    bare = HEAD + "Subject: 关于衡阳市城区供水管网改造的通知\r\n\r\nText\r\n".encode("gb18030")
    assert item(bare).title == "关于衡阳市城区供水管网改造的通知"
    assert header_words("=?x-nobody-knows?B?4w==?= after") and header_words("=?utf-8?B?!?=") is not None


def test_what_is_for_the_recipient_alone_is_left_out() -> None:
    found = item(
        html(
            "<div style='display:none'>Preview line</div><p>News <img src='https://t.example/o.gif' width=1 height=1>"
            "<img src='https://p.example/a.jpg' width=600 alt='A'><img src='cid:1'></p>"
            "<p>Read <a href='https://site.example/story'>the story</a>.</p>"
            "<p>Too much? <a href='https://site.example/u?id=9'>退订</a> "
            "<a href='https://x.example/unsubscribe/9'>here</a> <a href='https://s.example/9'>Listed</a> "
            "<a href='https://v.example/9'>View this email in your browser</a></p><script>alert(1)</script>",
            head=HEAD + b"List-Unsubscribe: <mailto:u@s.example>,\r\n <https://s.example/9>\r\n",
        )
    )
    assert found.html is not None
    assert "Preview" not in found.html and "o.gif" not in found.html and "alert" not in found.html
    assert "a.jpg" in found.html and "https://site.example/story" in found.html
    for gone in ("u?id=9", "unsubscribe", "s.example", "v.example", "cid:", "browser"):
        assert gone not in found.html, gone


def test_a_sender_or_a_list_that_is_not_wanted_brings_nothing() -> None:
    body = HEAD + b"List-Id: <Weekly.hy.example>\r\nSubject: S\r\n\r\nText\r\n"
    for wanted in (
        MailFilter(("news@hy.example",)),
        MailFilter(("@hy.example",)),
        MailFilter((), ("weekly.hy.example",)),
        MailFilter(("@other.example",), ("weekly.hy.example",)),
        MailFilter(),
    ):
        assert len(read(body, wanted).items) == 1
    for strange in (MailFilter(("@y.example",)), MailFilter(("ews@hy.example",)), MailFilter((), ("hy.example",))):
        feed = read(body, strange)
        assert feed.items == () and "left out" in feed.warnings[0] and "news@" not in feed.warnings[0]


def test_the_shown_name_cannot_pretend_to_be_another_sender() -> None:
    trick = b'From: "a@hy.example" <b@evil.example>\r\nSubject: S\r\n\r\nText\r\n'
    assert read(trick, MailFilter(("@hy.example",))).items == ()
    assert item(trick).author is None
    # Encoded words are names, never addresses.
    coded = b"From: =?utf-8?Q?x_=3Ca=40hy.example=3E?= <b@evil.example>\r\nSubject: S\r\n\r\nText\r\n"
    assert read(coded, MailFilter(("@hy.example",))).items == ()


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 100, b"no header at all", b"From: a@b.example\r\n\r\n"])
def test_what_is_no_letter_is_a_parse_error(body: bytes) -> None:
    with pytest.raises(ParseError):
        read(body)


def test_hostile_letters_end_in_an_item_or_an_error() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000))
    for body in (
        HEAD + b"Subject: S\r\n" + deep,
        HEAD + b'Subject: S\r\nContent-Type: text/html; charset="../../etc"\r\n\r\n<p>x',
        HEAD + b"Subject: S\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/html\r\n\r\n!!!!",
        HEAD + b"Subject: " + b"=?utf-8?Q?=41?= " * 20000 + b"\r\n\r\nx",
        html("<div>" * 20000 + "x"),
        html("<a href='https://x.example/'>" * 3000 + "x" * 10000),
    ):
        with contextlib.suppress(ParseError):
            assert read(body).version == "mail"
    assert item(HEAD.replace(b"Date: Fri, 20", b"Date: some day") + b"Subject: S\r\n\r\nx").published is None
