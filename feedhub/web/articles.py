"""The page of an article, in the portal's own form: title, From, Date Add in, text size, body, original."""

from __future__ import annotations

from flask import Flask, Response, request

from feedhub.errors import NotFound
from feedhub.model.article import Article
from feedhub.model.section import ALL, lineage
from feedhub.publish.addresses import twin_url
from feedhub.publish.presentable import media_at_home, presentable
from feedhub.publish.wording import correction_notes
from feedhub.store.article_reads import find_article
from feedhub.web.bodies import for_page
from feedhub.web.catalogue import INTERFACE, interface_of
from feedhub.web.front import Front, article_path
from feedhub.web.linked_data import linked_article
from feedhub.web.pages import autodiscovery, near_section
from feedhub.web.replies import page, refusal_page, reply


def register(app: Flask, site: Front) -> None:
    """Add the page of an article to the application."""

    @app.get("/articles/<article_id>")
    def article(article_id: str) -> Response:
        with site.store.read() as tx:
            found = find_article(tx, article_id) if len(article_id) <= 64 else None
        if found is None or found.state == "scheduled":
            # What is not out yet does not exist for anybody.
            raise NotFound("article", article_id[:64])
        section = near_section(site, found)
        crumbs = [
            site.sections[name]
            for name in reversed(lineage(section.id) if section else ())
            if name in site.sections and name != ALL
        ]
        if found.state == "withdrawn":
            return refusal_page(
                410, "gone.html", article=found, crumbs=crumbs, autodiscovery=autodiscovery(site, found.sections)
            )
        shown = presentable(media_at_home(found, site.portal))
        canonical = _canonical(site, shown)
        return reply(
            page(
                "article.html",
                article=shown,
                body=for_page(
                    found.html, site.prefix, language=shown.language, spoken=interface_of(site.portal.language)
                ),
                original=_original(shown),
                source_home=shown.source.url,
                enclosures=shown.enclosures,
                corrections=correction_notes(shown),
                twins=[
                    (twin_url(site.portal, it), it.language, INTERFACE.get(it.language.split("-")[0], it.language))
                    for it in shown.twins
                ],
                crumbs=crumbs,
                large=request.args.get("size") == "large",
                autodiscovery=autodiscovery(site, shown.sections),
                canonical=canonical,
                linked_data=linked_article(site, shown, section, canonical),
                updated_later=shown.updated.date() > shown.published.date(),
            )
        )


def _original(article: Article) -> str | None:
    """Where the piece stands elsewhere: the original of a reprint, else its own address."""
    return article.source_url or article.url


def _canonical(site: Front, article: Article) -> str:
    """The one address search engines shall keep: the article's own, else the original's, else ours (SEMANTICS 6)."""
    return article.url or article.source_url or site.absolute(article_path(article.id))
