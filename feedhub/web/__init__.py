"""The web: feeds, pages, health; the only room that chooses HTTP status and words.

May import publish, store, config, ports, model, basics, errors. A request goes door → cache → conditional for a
document, and door → wsgi_bridge → app for everything else. Start with `door.py`; what HTTP says of a document is in
`conditional.py`, the addresses of pages are in `app.py`.
"""
