"""reader's side, run by the Python of an environment of its own: each line on stdin is one update of all feeds.

`python reader_side.py DATABASE WORKERS URL_FILE`. Only the standard library and reader are imported here.
"""

import json
import sys
import time
from pathlib import Path

from reader import make_reader


def main(database: str, workers: int, url_file: str) -> None:
    """Serve updates until stdin ends."""
    reader = make_reader(database)
    for url in Path(url_file).read_text().split():
        reader.add_feed(url)
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        reader.update_feeds(workers=workers, scheduled=False)  # all, not those that reader thinks are due
        seconds = time.perf_counter() - started
        failed = sum(feed.last_exception is not None for feed in reader.get_feeds())
        entries = reader.get_entry_counts().total
        print(json.dumps({"seconds": seconds, "entries": entries, "failed": failed}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
