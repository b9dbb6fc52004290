"""Where everything we publish stands, and the ids that do not change when we move (SEMANTICS 5, 6)."""

from __future__ import annotations

import uuid
from urllib.parse import quote, urlsplit

from feedhub.basics.dates import zone
from feedhub.model.article import Article, Twin
from feedhub.model.feed import ARCHIVE_SIZE, Format, Slot
from feedhub.model.question import EVERYTHING, SAVED
from feedhub.model.question_text import write_question
from feedhub.model.section import ALL, SEARCH, Portal


def feed_path(section: str, format_: Format, query: str = "") -> str:
    """`/rss/life/health.xml`, `/json/life/health.json`, `/rss/search.xml?q=river`."""
    return _asking(f"/{format_}/{quote(section)}.{'json' if format_ == 'json' else 'xml'}", query)


def archive_path(section: str, format_: Format, number: int) -> str:
    """`/rss/life/health/archive/3.xml`: the path alone is the document."""
    return f"/{format_}/{quote(section)}/archive/{number}.{'json' if format_ == 'json' else 'xml'}"


def profile_path(profile: str, section: str) -> str:
    """`/rss/profile/msn/life/health.xml`: a section's document for a partner."""
    return f"/rss/profile/{profile}/{quote(section)}.xml"


def archive_url(portal: Portal, section: str, format_: Format, slot: Slot) -> str:
    """The address of an archive whose last place is `slot`.

    One that is still open gets a new address with every id, in a parameter that names nothing: readers and caches
    that keep archives by address, as RFC 5005 §4 allows, would else not see what was added to it.
    """
    address = portal.base_url + archive_path(section, format_, slot.number)
    return address if slot.position == ARCHIVE_SIZE else f"{address}?ids={slot.position}"


def feed_url(portal: Portal, section: str, format_: Format, query: str = "") -> str:
    """The feed's own address: self, topic and key of every cache."""
    return portal.base_url + feed_path(section, format_, query)


def search_path(query: str) -> str:
    """The page that answers a question."""
    return _asking("/search", query)


def page_url(portal: Portal, section: str, query: str = "") -> str:
    """The page for people: the front page for `all`, a question's for `search` and saved feeds, else the section's."""
    if section.startswith(f"{SAVED}/"):
        asked = portal.feeds()[section].question or EVERYTHING
        return portal.base_url + search_path(write_question(asked, zone(portal.time_zone)))
    if section == SEARCH:
        return portal.base_url + search_path(query)
    return f"{portal.base_url}/" if section == ALL else f"{portal.base_url}/sections/{quote(section)}/"


def article_url(portal: Portal, article: Article) -> str:
    """The article's own address when it has one elsewhere, else its page here."""
    return article.url or article_page(portal, article.id)


def article_page(portal: Portal, article_id: str) -> str:
    """The article's page here, whatever other address it has."""
    return f"{portal.base_url}/articles/{quote(article_id, safe='')}"


def twin_url(portal: Portal, twin: Twin) -> str:
    """The page of an article's twin in another language, its own address when it has one elsewhere."""
    return twin.url or f"{portal.base_url}/articles/{quote(twin.id, safe='')}"


def icon_url(portal: Portal) -> str:
    """The portal's mark."""
    return style_url(portal, "icon.png")


def style_url(portal: Portal, name: str) -> str:
    """A file of the portal's style."""
    return f"{portal.base_url}/style/{name}"


def stylesheet_url(portal: Portal) -> str:
    """What makes a feed readable in a browser."""
    return style_url(portal, "feed.css")


def cloud_of(portal: Portal) -> tuple[str, str, str, str, str]:
    """What `<cloud>` says: domain, port, path, procedure, protocol (RSS 2.0; SEMANTICS 28)."""
    public = urlsplit(portal.base_url)
    secure = public.scheme == "https"
    port = str(public.port or (443 if secure else 80))
    path = f"{public.path.rstrip('/')}/rsscloud/pleaseNotify"
    return public.hostname or "", port, path, "", "https-post" if secure else "http-post"


def hub_url(portal: Portal) -> str:
    """Where pushes are subscribed to (WebSub)."""
    return f"{portal.base_url}/hub"


def about_url(portal: Portal) -> str:
    """The page that says what our feeds carry, `_feedhub` in JSON among it."""
    return f"{portal.base_url}/rss/"


def feed_id(portal: Portal, section: str, installation: uuid.UUID, query: str = "") -> str:
    """The Atom id of a section's feed (RFC 4287 §4.2.6): a tag URI (RFC 4151), else a URN of this installation.

    That of a question's feed is made of its normalised query.
    """
    name = _asking(SEARCH, query) if section == SEARCH else f"section/{section}"
    if portal.id_authority:
        return f"tag:{portal.id_authority}:{name}"
    return uuid.uuid5(installation, name).urn


def _asking(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
