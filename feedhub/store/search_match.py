"""Whether one article answers a question, without the index: the same answer as the index would give, live or not."""

from __future__ import annotations

from feedhub.basics.text import plain_text
from feedhub.basics.words import folded, is_chinese
from feedhub.model.article import Article
from feedhub.model.question import Question
from feedhub.store.search_index import BORDER, first_place, marked_choices, marks_of


def answers(question: Question, article: Article) -> bool:
    """Whether the article holds all that is asked and nothing that must not be; its state does not matter."""
    second = first_place(article.published)
    if question.since is not None and second < first_place(question.since):
        return False
    if question.until is not None and second >= first_place(question.until):
        return False
    marks = marks_of(article)
    if not all(any(mark in marks for mark in choice) for choice in marked_choices(question)):
        return False
    if not question.terms and not question.without:
        return True
    parts = [folded(article.title), folded(article.summary), folded(plain_text(article.html or ""))]
    said = f" {f' {BORDER} '.join(part for part in parts if part)} "
    return all(row_of(term) in said for term in question.terms) and not any(
        row_of(term) in said for term in question.without
    )


def row_of(term: str) -> str:
    """What stands in a text that holds the term: whole words, but Chinese may go on at both ends."""
    first, last = term.partition(" ")[0], term.rpartition(" ")[2]
    return f"{'' if is_chinese(first) else ' '}{term}{'' if is_chinese(last) else ' '}"
