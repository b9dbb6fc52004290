"""`feedhub hub test-callback URL`: what a callback does with what this hub sends, without subscribing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click

from feedhub.cli.output import house, json_option, print_json
from feedhub.errors import FeedHubError, FetchError
from feedhub.hub.asking import with_query
from feedhub.hub.deliver import SCHEDULE
from feedhub.hub.signing import signature_of
from feedhub.hub.subscribing import check_callback
from feedhub.hub.verifying import judge
from feedhub.ports.pushes import Push
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.wiring.house import House


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the test: `passed` None where the answer is neither right nor wrong."""

    step: str
    passed: bool | None
    said: str


@click.command("test-callback")
@click.argument("url", metavar="URL")
@click.option("--secret", default="", help="Sign the test delivery with this.")
@json_option
@click.pass_context
def test_callback(context: click.Context, url: str, secret: str, as_json: bool) -> None:
    """Ask a callback to verify, send it a test delivery, and say how it behaves.

    The topic of the test is one that nobody asked for: a careful subscriber refuses it.
    """
    with house() as home, home.pushing() as web:
        steps = _steps(home, web.send, url, secret)
    if as_json:
        print_json(steps)
    else:
        for one in steps:
            mark = {True: "ok", False: "no", None: "--"}[one.passed]
            click.echo(f"{mark:3} {one.step}: {one.said}")
    context.exit(0 if all(one.passed is not False for one in steps) else 1)


def _steps(home: House, send: Callable[[WebRequest], WebResponse], url: str, secret: str) -> list[Step]:
    rules = home.hub_rules()
    try:
        check_callback(rules, url)
    except FeedHubError as error:
        return [Step("address", False, str(error))]
    steps = [Step("address", True, "it may be called")]
    topic, challenge = f"{home.config.portal.base_url}/rss/a-test-nobody-asked-for.xml", home.dice.token()
    fields = {"hub.mode": "subscribe", "hub.topic": topic, "hub.challenge": challenge, "hub.lease_seconds": "864000"}
    asked = WebRequest(with_query(url, fields), reach="callback", follow_redirects=False)
    try:
        answer = send(asked)
    except FetchError as error:
        return [*steps, Step("reachable", False, str(error))]
    steps.append(Step("reachable", True, f"it answered in {answer.seconds:.2f} s"))
    if judge(answer, challenge).meant:
        steps.append(Step("verification", None, "it confirms what it did not ask for: anybody can subscribe it"))
    elif answer.status == 404:
        steps.append(Step("verification", True, "it refuses a topic that it did not ask for, by 404"))
    else:
        steps.append(Step("verification", None, f"it answered {answer.status} to a topic that it did not ask for"))
    return [*steps, _delivery(home, url, topic, secret)]


def _delivery(home: House, url: str, topic: str, secret: str) -> Step:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Test</title></channel></rss>\n'
    fields = {
        "Content-Type": "application/xml; charset=utf-8",
        "Link": f'<{home.hub_rules().hub_url}>; rel="hub", <{topic}>; rel="self"',
        "FeedHub-Sequence": "0",
        "FeedHub-Since": "0",
        "FeedHub-Delivery": "dlv_test",
    }
    if secret:
        fields["X-Hub-Signature"] = signature_of(secret, body, "sha256")
    with home.fan_out() as fan:
        fan.begin(Push("", url, [f"{name}: {value}" for name, value in fields.items()], body))
        (answer,) = fan.wait_for_all()
    if answer.error is not None:
        return Step("delivery", False, answer.error)
    if 200 <= answer.status < 300:
        return Step("delivery", True, f"it answered {answer.status} in {answer.seconds:.2f} s")
    if answer.status == 410:
        return Step("delivery", None, "it answered 410: a subscription of it would end at once")
    # 4xx may be its word on a topic that it did not ask for.
    passed = False if answer.status >= 500 else None
    return Step("delivery", passed, f"it answered {answer.status}: that would be tried {len(SCHEDULE)} times")
