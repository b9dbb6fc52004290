"""`python -m feedhub` and `feedhub`: the command line."""

from __future__ import annotations

from feedhub.cli.main import main

if __name__ == "__main__":
    main()
