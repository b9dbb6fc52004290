"""The only sockets we open: one guarded outbound client with bounds on address, time, bytes and decompression.

May import ports, model, basics, errors. A request goes client → exchange (one request, its hops) → transfer (one hop
on one curl handle), all inside the thread of `loop.py`. Start with `client.py`; what may be connected to is in
`address.py`, what an outbound URL is in `url.py`, where a redirect may lead in `redirect.py`, how often a host is
asked in `manners.py`.
"""
