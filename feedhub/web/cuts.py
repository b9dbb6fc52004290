"""Documents cut by `?limit=` and `?lang=`: publish makes and keeps them, here they become answers (SEMANTICS 20)."""

from __future__ import annotations

from threading import Lock

from feedhub.model.feed import Format
from feedhub.publish.limited import Cut, Cutter
from feedhub.publish.style import make_style, read_style_files
from feedhub.store.settings import installation_id
from feedhub.web.conditional import Representation, represent_document
from feedhub.web.front import Front


class CutDocuments:
    """Cut documents of a site. The cutter is made at the first request, so that a start needs no database."""

    def __init__(self, site: Front) -> None:
        self._site, self._lock = site, Lock()
        self._cutter: Cutter | None = None

    def find(self, section: str, format_: Format, cut: Cut) -> Representation:
        """The section's document in that cut; StoreAway when the database does not answer."""
        return represent_document(self._made().document(section, format_, cut))

    def _made(self) -> Cutter:
        with self._lock:
            if self._cutter is None:
                site = self._site
                with site.store.read() as tx:
                    installation = installation_id(tx)
                style = make_style(
                    site.portal,
                    content_type=site.content_type,
                    style_files=read_style_files(site.style_directory),
                    installation=installation,
                )
                self._cutter = Cutter(site.store, style)
            return self._cutter
