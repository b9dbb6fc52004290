"""Entry → Article: the one place where a source's item becomes a piece of ours, or corrects it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection

from feedhub.basics.dates import fixed_offset
from feedhub.basics.digests import digest
from feedhub.basics.text import cut, plain_text
from feedhub.ingest.place_pictures import with_pictures
from feedhub.model.article import Article, Attribution
from feedhub.model.entry import Entry, EntryState
from feedhub.model.ids import derived_id, public_id
from feedhub.model.item import Item
from feedhub.model.source import Source
from feedhub.store.article_reads import find_article, standing_ids
from feedhub.store.articles import put_article, release_at
from feedhub.store.entries import update_entry
from feedhub.store.new_articles import NewArticle, add_articles


@dataclass(frozen=True, slots=True)
class Identity:
    """What public ids are made of: the tag authority, or the installation's id where there is none."""

    authority: str | None
    installation: uuid.UUID


def publish_entry(
    tx: Connection,
    entry: Entry,
    source: Source,
    identity: Identity,
    site_link: str | None,
    *,
    late: bool,
    now: datetime,
    by: str,
) -> Entry:
    """Make the entry's article and write both; the entry is published, or accepted while its time is ahead."""
    articles = NewArticles(tx, source, identity, site_link, late=late, now=now)
    out = articles.announce(entry, by)
    articles.write()
    update_entry(tx, out)
    return out


class NewArticles:
    """The articles of new entries: they have their ids at once and are written together.

    `links` are those of entries that may come, so that one look tells which ids are somebody's already.
    """

    def __init__(
        self,
        tx: Connection,
        source: Source,
        identity: Identity,
        site_link: str | None,
        *,
        late: bool,
        now: datetime,
        links: Sequence[str] = (),
    ) -> None:
        self._tx, self._source, self._identity, self._site_link = tx, source, identity, site_link
        self._late, self._now, self._links = late, now, links
        self._asked: set[str] = set()
        self._taken: set[str] = set()
        self._waiting: list[NewArticle] = []

    def announce(self, entry: Entry, by: str) -> Entry:
        """The entry as it is once its article stands; accepted while its time is ahead."""
        article = self._article_of(entry)
        reason = f"entry {entry.id}"
        if article.id in self._taken:  # by this very entry, before: it is a revision
            self.write()
            put_article(self._tx, article, now=self._now, late=self._late, by=by, reason=reason)
            stored = find_article(self._tx, article.id)
            waits = stored is not None and stored.state == "scheduled"
        else:
            self._taken.add(article.id)
            self._waiting.append(NewArticle(article=article, late=self._late, by=by, reason=reason))
            waits = release_at(article, self._now) is not None
        state: EntryState = "accepted" if waits else "published"
        # The reprinted page is looked at from tomorrow on (`page_checks.py`).
        watched = entry.item.link is not None and self._source.kind not in ("files", "mail")
        page_due = self._now + timedelta(days=1) if watched else None
        return replace(entry, state=state, article_id=article.id, changed_at=self._now, page_due=page_due)

    def write(self) -> None:
        """Write what waits; to be called before anybody looks for these articles."""
        waiting, self._waiting = self._waiting, []
        add_articles(self._tx, waiting, now=self._now)

    def _article_of(self, entry: Entry) -> Article:
        assert entry.item.published is not None
        article = article_from_item(
            with_pictures(self._tx, entry.item, self._source),
            self._source,
            sections=entry.sections,
            published=entry.item.published,
            identity=self._identity,
            site_link=self._site_link,
            now=self._now,
        )
        if not self._is_taken(article.id):
            return article
        # Another piece has this address (a source that links all its items to one page): it is not this one.
        own_id = digest("entry", self._source.key, entry.id)[:16]
        self._is_taken(own_id)
        named = public_id(own_id, self._identity.authority, self._identity.installation)
        return replace(article, id=own_id, public_id=named)

    def _is_taken(self, article_id: str) -> bool:
        if article_id not in self._asked:
            likely = () if self._asked else {derived_id(link, (), "", "") for link in self._links}
            asked = {article_id, *likely}
            self._asked |= asked
            self._taken |= standing_ids(self._tx, sorted(asked))
        return article_id in self._taken


def correct_article(
    tx: Connection, entry: Entry, source: Source, identity: Identity, site_link: str | None, now: datetime, by: str
) -> None:
    """Bring the entry's newer revision into its article: `updated` moves, `published` and sections stay."""
    if entry.article_id is None:
        return
    standing = find_article(tx, entry.article_id)
    if standing is None or standing.state == "withdrawn":
        return
    article = article_from_item(
        with_pictures(tx, entry.item, source),
        source,
        sections=standing.sections,
        published=standing.published,
        identity=identity,
        site_link=site_link,
        now=now,
        article_id=standing.id,
    )
    # The first announcement's date and source address are the article's own; a correction moves `updated` alone.
    put_article(
        tx,
        replace(article, precision=standing.precision, source_url=article.source_url or standing.source_url),
        now=now,
        late=True,
        by=by,
        reason=f"entry {entry.id} revision {entry.revision}",
    )


def add_sections(tx: Connection, article_id: str, sections: Sequence[str], now: datetime, late: bool) -> None:
    """Put an article into further sections, for an entry that was merged into it."""
    article = find_article(tx, article_id)
    if article is not None and not set(sections) <= set(article.sections):
        wider = tuple(dict.fromkeys((*article.sections, *sections)))
        put_article(tx, replace(article, sections=wider), now=now, late=late, by="rule:merged")


def article_from_item(
    item: Item,
    source: Source,
    *,
    sections: tuple[str, ...],
    published: datetime,
    identity: Identity,
    site_link: str | None,
    now: datetime,
    article_id: str | None = None,
) -> Article:
    """The article an item makes. `site_link` is the home page that the source's document named."""
    own_id = article_id or derived_id(item.link, sections, item.title, published.isoformat())
    moment = fixed_offset(published)
    # A date ahead of us would outlast every later correction.
    updated = fixed_offset(item.updated) if item.updated and published < item.updated <= now else moment
    return Article(
        id=own_id,
        public_id=public_id(own_id, identity.authority, identity.installation),
        title=item.title or cut(plain_text(item.html or item.summary), 80),
        sections=sections,
        language=item.language or source.language or "und",
        published=moment,
        precision=item.precision if item.published == published else "second",
        updated=updated,
        html=item.html,
        summary=item.summary,
        author=item.author,
        source=_attribution(source, site_link),
        source_url=item.link,
        url=item.link if source.link == "original" else None,
        categories=item.categories,
        enclosures=item.enclosures,
        rights=item.rights,
        origin=f"source:{source.key}",
    )


def _attribution(source: Source, site_link: str | None) -> Attribution:
    feed = source.url if source.kind == "feed" else None
    home = source.home or site_link
    # The address of a mailbox is nobody's home page, and none of the readers' business.
    if home is None and source.url is not None and source.kind != "mail":
        parts = urlsplit(source.url)
        home = f"{parts.scheme}://{parts.netloc}/"
    return Attribution(source.name, home, feed, source.name, source.kind == "feed")
