"""Partners' documents: gather a section's articles, judge each by the profile, render what may go, list what may not.

A document is made when its section moves, or an item's time in it is over, for the sections that the profile names and
those somebody asked for. What breaks a rule is kept from that partner alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.digests import digest
from feedhub.errors import FeedHubError
from feedhub.model.article import Article
from feedhub.model.profile import Profile
from feedhub.model.section import Section
from feedhub.ports.clock import Clock
from feedhub.publish.addresses import profile_path
from feedhub.publish.gather import languages_of
from feedhub.publish.last_modified import next_last_modified
from feedhub.publish.preflight import language_for
from feedhub.publish.profile_report import Gathered, bounds, profile_document, report
from feedhub.publish.style import Style
from feedhub.publish.telling_faults import MOST_NAMED, is_told, not_made, tell_while
from feedhub.store.article_reads import get_articles, section_articles, versions_of
from feedhub.store.changes import withdrawals
from feedhub.store.engine import Store
from feedhub.store.profiles import (
    StoredProfile,
    drop_documents,
    licences_of,
    profiles_asked_for,
    store_profile,
    stored_profiles,
)
from feedhub.store.sections import SectionState, section_states

# Articles that are looked at for one document; `items` of those that pass are sent.
LOOKED_AT = 200
MOST_WITHDRAWN = 500
NOT_RENDERED, LEFT_OUT = "partner_feeds_not_rendered", "left_out_for_partners"
_log = logging.getLogger(__name__)


def wanted(style: Style, asked: Sequence[tuple[str, str]]) -> list[tuple[Profile, Section]]:
    """The documents that are to be ready: those profiles name, and those asked for that a profile can have."""
    known = style.portal.sections()
    profiles = {profile.name: profile for profile in style.portal.profiles}
    named = [(profile.name, section) for profile in profiles.values() for section in profile.sections]
    return [
        (profiles[name], known[section])
        for name, section in dict.fromkeys((*named, *asked))
        if name in profiles and section in known and language_for(profiles[name], known[section], style.portal)
    ]


def render_profiles(store: Store, style: Style, clock: Clock) -> int:
    """Bring partners' documents up to their sections; returns how many were made."""
    with store.read() as tx:
        stored = stored_profiles(tx)
        if not (stored or style.portal.profiles):
            return 0
        pairs = wanted(style, profiles_asked_for(tx))
        states = section_states(tx)
    paths = {profile_path(profile.name, section.id) for profile, section in pairs}
    if gone := stored.keys() - paths:
        with store.write() as tx:
            drop_documents(tx, gone)
    made, failed = 0, []
    for profile, section in pairs:
        before = stored.get(profile_path(profile.name, section.id))
        if section.id in states and _is_behind(before, states[section.id], style, profile, clock.now()):
            done = _render_alone(store, profile, section, before, style, clock)
            made += done is True
            failed += [f"{section.id} for {profile.name}"] if done is None else []
    if made or failed or gone:
        _tell(store, failed, clock)
    return made


def _is_behind(
    before: StoredProfile | None, state: SectionState, style: Style, profile: Profile, now: datetime
) -> bool:
    if before is None or before.generation < state.generation or before.style != _depends_on(style, profile):
        return True
    return before.renew_at is not None and before.renew_at <= now


def _depends_on(style: Style, profile: Profile) -> str:
    return digest(style.digest, style.licences, profile.digest)


def _render_alone(
    store: Store, profile: Profile, section: Section, before: StoredProfile | None, style: Style, clock: Clock
) -> bool | None:
    """Make one document; False when it has to wait. A fault of ours in it is logged, holds up no other, and gives
    None."""
    try:
        now = clock.now()
        with store.read() as tx:
            gathered = gather_profile(tx, section, profile, now)
        moment = next_last_modified(gathered.at, before.last_modified if before else None, now)
        if moment is None:
            return False
        said = report(profile, gathered, style)
        made = profile_document(said, gathered.state, style, moment)
        with store.write() as tx:
            store_profile(tx, made, _depends_on(style, profile), renew_at=said.renew_at, left_out=said.left_out)
        return True
    except FeedHubError:
        raise
    except Exception:
        if not is_told(store, NOT_RENDERED, f"{section.id} for {profile.name}"):
            _log.exception("the document of %s for %s cannot be rendered; the old one stands", section.id, profile.name)
        return None


def _tell(store: Store, failed: Sequence[str], clock: Clock) -> None:
    """One alert while a document cannot be made, one while articles are left out of some."""
    with store.read() as tx:
        lacking = {path: one.left_out for path, one in stored_profiles(tx).items() if one.left_out}
    named = "; ".join(
        f"{path} without {', '.join(ids[:MOST_NAMED])}" for path, ids in list(lacking.items())[:MOST_NAMED]
    )
    articles = f"No item can be written of some articles, so partners' feeds go on without them: {named}."
    tell_while(store, NOT_RENDERED, not_made("The partners' feeds", failed), clock)
    tell_while(store, LEFT_OUT, f"{articles} Correct or withdraw them." if lacking else None, clock)


def gather_profile(tx: Connection, section: Section, profile: Profile, now: datetime) -> Gathered:
    """Everything one partner's document is made of, in one view of the store.

    `now` only chooses among stored instants: the section's latest change, and the bounds that have passed since.
    """
    state = section_states(tx)[section.id]
    articles = section_articles(tx, section.id, limit=LOOKED_AT, languages=languages_of(section))
    gone: list[tuple[Article, datetime]] = []
    if profile.takedown.form != "drop":
        log = withdrawals(tx, section.id, state.changed_at - profile.takedown.keep, MOST_WITHDRAWN)
        found = get_articles(tx, sorted({change.article_id for change in log if change.article_id}))
        for change in log:
            article = found.get(change.article_id or "")
            # A later change of the same article means that it is back, or withdrawn anew with a row of its own.
            if article is not None and article.seq == change.seq:
                gone.append((article, change.at))
    passed = [end for end in bounds(profile, articles, [when for _, when in gone]) if end <= now]
    at = max([state.changed_at, *passed])
    gone = [(article, when) for article, when in gone if when + profile.takedown.keep > at]
    keys = {it.origin.removeprefix("source:") for it in (*articles, *(one for one, _ in gone))}
    versions = versions_of(tx, [one.id for one, _ in gone])
    return Gathered(section, state, at, tuple(articles), licences_of(tx, sorted(keys)), tuple(gone), versions)
