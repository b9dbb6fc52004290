"""Dates, addresses, digests, text and back-off arithmetic: plain functions with no knowledge of feeds.

May import errors only. Start with `urls.py` for what counts as a safe address and `dates.py` for time.
"""
