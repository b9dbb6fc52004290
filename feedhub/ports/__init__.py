"""The seams: Clock, Dice, Resolver and Web, the only four things a test cannot hold still otherwise.

May import model, basics, errors. Start with `clock.py`; the outbound client behind `web.py` is `net/client.py`.
"""
