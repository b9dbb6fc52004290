"""The only room that knows SQL: SQLAlchemy Core, `read()` and `write()` transactions, one file per table group.

May import ports, model, basics, errors. Start with `engine.py`, then `tables.py`; what changes an article is in
`articles.py`, and every such change gets its number in `changes.py`, in the same transaction.
"""
