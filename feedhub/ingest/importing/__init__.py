"""Records of any form into articles: JSON Lines, Markdown, HTML, the portal's own pages, and feeds/articles/.

May import store, config, model, basics, errors. Start with `take_in.py` for the flow, `records.py` for the rules.
"""
