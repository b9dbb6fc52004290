"""`/healthz`: this process is alive. `/readyz`: it can serve.

Able to serve means: the database answers, the tables fit, documents exist, a worker beat within the last minute, and
pushes arrive.
"""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Flask, Response

from feedhub.basics.dates import rfc3339
from feedhub.errors import StoreError
from feedhub.hub.canary import late_ones
from feedhub.model.feed import FORMATS
from feedhub.publish.addresses import feed_path
from feedhub.store.canaries import waiting_canaries
from feedhub.store.documents import document_versions
from feedhub.store.schema import require_schema
from feedhub.store.settings import last_tick
from feedhub.web.front import Front

SILENCE = timedelta(seconds=60)


def register(app: Flask, site: Front) -> None:
    """Add both addresses; the door answers `/healthz` before we see it."""

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})

    @app.get("/readyz")
    def readyz() -> Response:
        checks = ready(site)
        good = all(words == "ok" for words in checks.values())
        return Response(
            json.dumps({"ready": good, "checks": checks}, ensure_ascii=False) + "\n",
            status=200 if good else 503,
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )


def ready(site: Front) -> dict[str, str]:
    """What stands in the way, by check; `ok` where nothing does."""
    checks = {"database": "ok", "schema": "ok", "documents": "ok", "worker": "ok", "pushes": "ok"}
    try:
        require_schema(site.store)
        with site.store.read() as tx:
            present = document_versions(tx)
            beat = last_tick(tx)
            late = late_ones(waiting_canaries(tx), site.clock.now())
    except StoreError as error:
        # The words of the database may name hosts and users: they go to the log, not to the public.
        checks["schema" if error.code == "schema_mismatch" else "database"] = error.code
        checks["documents"] = checks["worker"] = checks["pushes"] = "unknown"
        return checks
    if beat is None or site.clock.now() - beat > SILENCE:
        checks["worker"] = "no worker runs" if beat is None else f"silent since {rfc3339(beat)}"
    if late:
        checks["pushes"] = f"late at {len(late)} topics since {rfc3339(late[0].waits_since or late[0].mounted_at)}"
    wanted = [feed_path(section, format_) for section in site.sections for format_ in FORMATS]
    missing = sum(path not in present for path in wanted)
    if missing:
        checks["documents"] = f"{missing} of {len(wanted)} are still to be made"
    return checks
