"""Push against poll of one source, for `source show`; and `source publisher`, for those who push by themselves."""

from __future__ import annotations

from collections.abc import Sequence

import click

from feedhub.cli.output import house, json_option, plain, print_json
from feedhub.ingest.incoming import TRUSTED
from feedhub.model.incoming import Incoming, PushTally
from feedhub.store.incoming import let_publish, stop_publishing
from feedhub.store.sources import get_source


@click.command()
@click.argument("key")
@click.option("--off", is_flag=True, help="Take nothing from its publisher any more.")
@json_option
def publisher(key: str, off: bool, as_json: bool) -> None:
    """Let a source's publisher push its content here, signed; the address and the secret are shown this once."""
    with house() as home, home.store.write() as tx:
        source = get_source(tx, key)
        if off:
            taken = stop_publishing(tx, key)
            click.echo("nothing is taken from its publisher any more" if taken else "nothing was taken from it")
            return
        token, secret = home.dice.token(), home.dice.token()
        let_publish(tx, key, token=token, secret=secret, topic=source.url or "")
        address = f"{home.config.portal.base_url}/hub/in/{token}"
    if as_json:
        print_json({"source": key, "address": address, "secret": secret})
    else:
        click.echo(f"POST the document to {address}\nwith X-Hub-Signature: sha256=, HMAC under {secret}")


def push_words(subscribed: Sequence[Incoming], tally: PushTally | None) -> list[str] | None:
    """How it is subscribed to and how pushes have proved, a line each; None where there is nothing to say."""
    words = [_standing(one) for one in subscribed if one.state != "leaving"]
    if tally is not None:
        relied = "polls are fewer under an adaptive schedule" if tally.trust >= TRUSTED else "polls are as ever"
        words.append(
            f"{tally.pushes} pushes brought {tally.push_news} items, polls {tally.poll_news} that no push had brought; "
            f"{tally.refused} refused, {tally.repeated} repeated; {relied}"
        )
    return words or None


def push_object(subscribed: Sequence[Incoming], tally: PushTally | None) -> dict[str, object]:
    """The same as JSON has it; neither token nor secret is shown."""
    return {
        "subscriptions": [
            {
                "hub": one.hub,
                "topic": one.topic,
                "state": one.state,
                "lease_until": plain(one.lease_until),
                "last_error": one.last_error,
            }
            for one in subscribed
        ],
        "tally": plain(tally),
    }


def _standing(one: Incoming) -> str:
    if one.state == "active" and one.lease_until is not None:
        return f"subscribed at {one.hub} until {one.lease_until:%Y-%m-%d %H:%M}Z"
    why = f" ({one.last_error})" if one.last_error else ""
    return f"not yet subscribed at {one.hub}{why}; asked again at {one.next_try:%Y-%m-%d %H:%M}Z"
