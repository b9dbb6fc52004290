"""FeedHub: an RSS/Atom feed service and syndication hub for a publisher with many sections.

Start reading at `wiring/` (how the house is joined), then `ingest/pipeline.py` (a source comes in)
and `publish/render.py` (an article goes out). The floors are drawn in docs/architecture.md.
"""
