"""Partner keys: who may do what in a partner's name.

May import store, config, ports, model, basics, errors. Start with `keys.py`.
"""
