"""robots.txt is obeyed by page-like sources: kept for a day, 4xx allows, 5xx and silence forbid (RFC 9309)."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from feedhub.errors import FeedHubError, RedirectRefused, RobotsDisallowed, Unreachable
from feedhub.ingest.robots import MOST_BYTES, allowed, obey_robots, product_token
from feedhub.model.source import Source
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.engine import Store
from tests.kit import StillClock, a_source

URL = "http://site.example/xw/list.html"
ROBOTS = "http://site.example/robots.txt"
DENY = "User-agent: *\nDisallow: /xw/\nAllow: /xw/open/\n"


class Answers:
    """A Web with an answer, or an error, per address."""

    def __init__(self, **_: object) -> None:
        self.says: dict[str, WebResponse | FeedHubError] = {}
        self.asked: list[str] = []

    def say(self, body: str, status: int = 200, url: str = ROBOTS) -> None:
        self.says[url] = WebResponse(url, status, {}, body.encode())

    def send(self, request: WebRequest) -> WebResponse:
        self.asked.append(request.url)
        found = self.says.get(request.url, WebResponse(request.url, 404, {}, b"nothing here"))
        if isinstance(found, FeedHubError):
            raise found
        return found

    def submit(self, request: WebRequest) -> Future[WebResponse]:
        raise NotImplementedError


class Robot:
    """One source and what it may ask for."""

    def __init__(self, store: Store) -> None:
        self.store, self.web, self.clock = store, Answers(), StillClock()

    def may(self, url: str = URL, source: Source | None = None) -> bool:
        source = source or a_source(url=URL, kind="html")
        try:
            obey_robots(source, url, robot="FeedHub", store=self.store, web=self.web, clock=self.clock)
        except RobotsDisallowed as error:
            assert error.code == "robots_disallowed"
            return False
        return True


@pytest.fixture
def robot(store: Store) -> Robot:
    return Robot(store)


def test_what_is_disallowed_is_not_asked_for_and_the_longest_rule_counts(robot: Robot) -> None:
    robot.web.say(DENY)
    assert [robot.may(), robot.may("http://site.example/xw/open/1"), robot.may("http://site.example/")] == [
        False,
        True,
        True,
    ]
    assert robot.web.asked == [ROBOTS], "it is fetched once for the host"


def test_it_is_kept_for_a_day(robot: Robot) -> None:
    robot.web.say(DENY)
    assert not robot.may()
    robot.web.say("")
    robot.clock.pass_(hours=23, minutes=59)
    assert not robot.may()
    robot.clock.pass_(minutes=1)
    assert robot.may()
    assert robot.web.asked == [ROBOTS] * 2


def test_a_host_without_one_allows_everything_and_one_in_trouble_nothing(robot: Robot) -> None:
    for status in (401, 403, 404, 410, 429, 500, 503):
        host = f"http://h{status}.example"
        robot.web.say("User-agent: *\nDisallow: /", status, f"{host}/robots.txt")
        assert robot.may(f"{host}/xw/") is (status < 500)
    robot.web.say("", url="http://h503.example/robots.txt")
    assert robot.may("http://h503.example/xw/"), "trouble is not kept"


def test_silence_forbids_unless_older_rules_are_kept(robot: Robot) -> None:
    robot.web.says[ROBOTS] = Unreachable("No connection.", url=ROBOTS)
    assert not robot.may()
    robot.web.say("User-agent: *\nDisallow: /other/")
    assert robot.may()
    robot.clock.pass_(days=3)
    robot.web.says[ROBOTS] = Unreachable("No connection.", url=ROBOTS)
    assert robot.may()
    assert not robot.may("http://site.example/other/1")


def test_redirects_are_followed_to_other_hosts_five_at_most(robot: Robot) -> None:
    there = "http://www.other.example/robots.txt"
    robot.web.says[ROBOTS] = RedirectRefused("Elsewhere.", url=there)
    robot.web.say(DENY, url=there)
    assert not robot.may()
    robot.clock.pass_(days=2)
    robot.web.says[there] = RedirectRefused("Back.", url=ROBOTS)
    assert robot.may(), "a loop is as if there were none"
    assert len(robot.web.asked) == 2 + 5


def test_only_page_like_sources_obey_and_an_override_is_one(robot: Robot) -> None:
    robot.web.say("User-agent: *\nDisallow: /")
    for kind, may in (("feed", True), ("xml", True), ("html", False), ("json", False), ("sitemap", False)):
        assert robot.may(source=a_source(url=URL, kind=kind)) is may
    over = a_source(url=URL, kind="html", robots="ignore", robots_by="Li", robots_why="agreed by letter")
    assert robot.may(source=over)


def test_our_own_name_counts_before_the_star_and_only_500_kib_are_read() -> None:
    assert product_token("FeedHub/0.1 (+http://portal.example)") == "FeedHub"
    named = "User-agent: *\nDisallow: /\n\nUser-agent: feedhub\nDisallow: /private/\n"
    assert allowed(named, URL, "FeedHub")
    assert not allowed(named, "http://site.example/private/1", "FeedHub")
    late = "User-agent: *\n" + "# filler\n" * (MOST_BYTES // 9) + "Disallow: /\n"
    assert allowed(late, URL, "FeedHub")
