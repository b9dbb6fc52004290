"""The table of all periodic jobs and the APScheduler that beats the time.

May import ingest, publish, hub, store, ports, model, basics, errors. Start with `table.py`.
"""
