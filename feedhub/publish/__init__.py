"""Article → bytes: who stands in each document, in RSS, Atom and JSON; archives, deltas, partner profiles, files.

May import store, net, config, ports, model, basics, errors; never ingest, hub or access. Documents depend on
stored content alone, never on the present (SEMANTICS 2, 16 to 24). Start with `render.py`, the whole flow;
`window.py` answers "why is this article in the feed?", `fragments.py` "why does its item look like this?".
"""
