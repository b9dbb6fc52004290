"""The only sockets we open: address rules, bounds on time, bytes and decompression inside one client.

May import ports, basics, errors. Start with `client.py` (the loop), then `transfer.py` (one request over its
hops); which address may be connected to is judged in `address.py`.
"""
