"""What reader (PyPI) makes of addresses, run in an environment that has it: id, title, link, seconds, author."""

import json
import sys

from reader import make_reader

found = []
for url in sys.argv[1:]:
    reader = make_reader(":memory:")
    reader.add_feed(url)
    reader.update_feeds()
    assert reader.get_feed(url).last_exception is None, reader.get_feed(url).last_exception
    found.append(
        [[it.id, it.title, it.link, int(it.published.timestamp()), it.author] for it in reader.get_entries(feed=url)]
    )
print(json.dumps(found))
