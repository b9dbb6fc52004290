"""Source → entry: schedule, fetch, decode, parse, normalise, deduplicate, decide, record.

May import store, net, config, ports, model, basics, errors; never publish, hub or access. Start with
`pipeline.py`, where a whole poll stands; every decision is a pure function in `decide.py`.
"""
