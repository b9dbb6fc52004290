"""Article → bytes: who stands in each section's document, and the document in RSS, Atom and JSON.

May import store, net, config, ports, model, basics, errors; never ingest, hub or access. Documents depend on
stored content alone, never on the present (SEMANTICS 2, 16 to 24). Start with `render.py`, the whole flow;
`window.py` answers "why is this article in the feed?", `fragments.py` "why does its item look like this?".
"""
