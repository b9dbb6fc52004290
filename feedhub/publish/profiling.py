"""Partners' documents: gather a section's articles, judge each by the profile, render what may go, list what may not.

A document is made when its section moves, for the sections that the profile names and those somebody asked for. What
breaks a rule is kept from that partner alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.digests import digest
from feedhub.model.article import Article
from feedhub.model.profile import Profile
from feedhub.model.section import Section
from feedhub.ports.clock import Clock
from feedhub.publish.addresses import profile_path
from feedhub.publish.gather import languages_of
from feedhub.publish.last_modified import next_last_modified
from feedhub.publish.preflight import language_for
from feedhub.publish.profile_report import Gathered, profile_document, report
from feedhub.publish.style import Style
from feedhub.store.article_reads import get_articles, section_articles, versions_of
from feedhub.store.changes import withdrawals
from feedhub.store.documents import put_documents
from feedhub.store.engine import Store
from feedhub.store.profiles import StoredProfile, drop_documents, licences_of, profiles_asked_for, stored_profiles
from feedhub.store.sections import SectionState, section_states

# Articles that are looked at for one document; `items` of those that pass are sent.
LOOKED_AT = 200
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
    if not style.portal.profiles:
        return 0
    with store.read() as tx:
        stored = stored_profiles(tx)
        pairs = wanted(style, profiles_asked_for(tx))
        states = section_states(tx)
    paths = {profile_path(profile.name, section.id) for profile, section in pairs}
    if gone := stored.keys() - paths:
        with store.write() as tx:
            drop_documents(tx, gone)
    made = 0
    for profile, section in pairs:
        before = stored.get(profile_path(profile.name, section.id))
        if section.id in states and _is_behind(before, states[section.id], style, profile):
            made += _render_alone(store, profile, section, before, style, clock)
    return made


def _is_behind(before: StoredProfile | None, state: SectionState, style: Style, profile: Profile) -> bool:
    return before is None or before.generation < state.generation or before.style != _depends_on(style, profile)


def _depends_on(style: Style, profile: Profile) -> str:
    return digest(style.digest, style.licences, profile.digest)


def _render_alone(
    store: Store, profile: Profile, section: Section, before: StoredProfile | None, style: Style, clock: Clock
) -> bool:
    """Make one document; a fault of ours in it is logged and holds up no other."""
    try:
        with store.read() as tx:
            gathered = gather_profile(tx, section, profile)
        moment = next_last_modified(gathered.state.changed_at, before.last_modified if before else None, clock.now())
        if moment is None:
            return False
        made = profile_document(report(profile, gathered, style), gathered.state, style, moment)
        with store.write() as tx:
            put_documents(tx, [made], _depends_on(style, profile))
        return True
    except Exception:
        _log.exception("the document of %s for %s cannot be rendered; the old one stands", section.id, profile.name)
        return False


def gather_profile(tx: Connection, section: Section, profile: Profile) -> Gathered:
    """Everything one partner's document is made of, in one view of the store."""
    state = section_states(tx)[section.id]
    articles = section_articles(tx, section.id, limit=LOOKED_AT, languages=languages_of(section))
    gone: list[tuple[Article, datetime]] = []
    if profile.takedown.form != "drop":
        log = withdrawals(tx, section.id, state.changed_at - profile.takedown.keep)
        found = get_articles(tx, sorted({change.article_id for change in log if change.article_id}))
        for change in log:
            article = found.get(change.article_id or "")
            # A later change of the same article means that it is back, or withdrawn anew with a row of its own.
            if article is not None and article.seq == change.seq:
                gone.append((article, change.at))
    keys = {it.origin.removeprefix("source:") for it in (*articles, *(one for one, _ in gone))}
    versions = versions_of(tx, [one.id for one, _ in gone])
    return Gathered(section, state, tuple(articles), licences_of(tx, sorted(keys)), tuple(gone), versions)
