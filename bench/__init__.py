"""Benchmarks: FeedHub against its peers, in turn, in one run, on one machine.

May import feedhub; nothing imports this, and no test's pass or fail hangs on it. Start with `poll.py`.
"""
