"""WebSub and rssCloud: subscribe, verify, fan out, deliver, retry, replay, prove.

May import store, net, config, ports, model, basics, errors. Start with `subscribing.py`, then `pump.py`.
"""
