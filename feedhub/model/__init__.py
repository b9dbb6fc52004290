"""Frozen, slotted values, one type per stage: Item → Entry → Article → FeedView → FeedDocument.

No I/O, no clock. May import basics and errors. Start with `item.py`; `safehtml.py` is the border of markup.
"""
