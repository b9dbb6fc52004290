"""The composition root: the only place that builds things and joins them.

May import every room below it. Start with `house.py`; `parent.py` runs the whole as one process group.
"""
