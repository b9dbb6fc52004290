"""The web: feeds, pages, health; the only room that chooses HTTP status and words.

May import ingest, publish, hub, access, store, config, ports, model, basics, errors. A plain request for a document
is answered by gate → door → cache → conditional; any other goes through the gate to the door and, unless it is for a
document or a stream, on to wsgi_bridge → app. Start with `door.py`, then `gate.py`; what HTTP says of a document is in
`conditional.py`, the addresses of pages are in `app.py`.
"""
