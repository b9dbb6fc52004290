"""Text that looks garbled is held for a person, whatever the policy; the page or feed it came from gives it away.

An item is held when one of its texts looks garbled. Where most texts of a document do, all are held that are not
plain ASCII: two characters are too few to tell by themselves, but not in such company.
"""

from __future__ import annotations

from feedhub.ingest.garbled import texts_of, why_garbled
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.entry import Decision

REASON = "garbled"
RULE = "guard.garbled"


def hold_garbled(sight: Sight) -> Findings:
    """Hold what looks garbled, and say how the documents were decoded."""
    items = sight.gathered.items
    said = [facts.garbled if (facts := sight.gathered.facts.get(item)) else why_garbled(item) for item in items]
    holds = {place: Decision("held", REASON, RULE, why) for place, why in enumerate(said) if why}
    if not holds:
        return Findings(learned=sight.learned)
    foreign = [place for place, item in enumerate(items) if not all(text.isascii() for _, text in texts_of(item))]
    if len(holds) >= 3 and len(holds) * 2 > len(foreign):
        why = f"{len(holds)} of {len(items)} items of its document look garbled"
        holds |= {place: Decision("held", REASON, RULE, why) for place in foreign if place not in holds}
    used = ", ".join(dict.fromkeys(feed.encoding for feed in sight.gathered.feeds))
    note = (
        f"{len(holds)} of {len(items)} items look garbled and are held; the text was read as {used}. "
        "If that is wrong: feedhub source redecode KEY --encoding CHARSET --dry-run."
    )
    return Findings(learned=sight.learned, holds=holds, notes=(note,))
