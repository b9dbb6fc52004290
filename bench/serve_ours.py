"""FeedHub's web process alone, as `feedhub web` runs it: `python -m bench.serve_ours FOLDER PORT`."""

from __future__ import annotations

import sys
from pathlib import Path

from feedhub.config.load import load_config
from feedhub.web.server import serve
from feedhub.wiring.house import open_house
from feedhub.wiring.parent import leave, stop_on_signals
from feedhub.wiring.site import site_of

if __name__ == "__main__":
    stop = stop_on_signals()
    with open_house(load_config(Path(sys.argv[1]) / "config.yaml", {})) as house:
        serve(site_of(house), "127.0.0.1", int(sys.argv[2]), stop)
    leave()
