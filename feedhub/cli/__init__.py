"""The command line: every operator's task, beside a running service or without one.

May import wiring and all below. Start with `main.py`; one file per noun. Commands write rows, the service
sees them within a second (SEMANTICS 32).
"""
