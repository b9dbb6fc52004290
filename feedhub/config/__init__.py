"""config.yaml, the environment and feeds/ into checked values; every fault at once, each with its place.

May import ports, model, basics, errors. Start with `load.py`; `yaml_nodes.py` is why YAML cannot surprise.
"""
