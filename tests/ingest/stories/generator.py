"""Labelled pairs: reprints as they are made, and what only looks like one. A seed gives one of each kind."""

# ruff: noqa: E501
from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from feedhub.model.item import Item
from feedhub.model.safehtml import make_safe
from tests.ingest.stories.words import (
    BODY,
    BOILERPLATE,
    BRIEFING,
    NOTICE,
    OPENINGS,
    SLOTS,
    SYNONYMS,
    TITLES,
    WEATHER,
)


@dataclass(frozen=True)
class Piece:
    """A text by paragraphs."""

    title: str
    paragraphs: tuple[str, ...]

    def item(self, name: str) -> Item:
        markup = "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)
        return Item(guid=name, link=f"http://{name}.example/1", title=self.title, html=make_safe(markup))


@dataclass(frozen=True)
class Pair:
    """`known` came first; whether `newcomer` is the same piece is in `same`."""

    kind: str
    language: str
    known: Piece
    newcomer: Piece
    same: bool


def pairs(seed: int) -> list[Pair]:
    """One pair of every kind in both languages."""
    made: list[Pair] = []
    for language in ("zh", "en"):
        for kind, make in {**REPRINTS, **OTHERS}.items():
            dice = random.Random(f"{seed} {language} {kind}")
            known, newcomer = make(dice, language)
            made.append(Pair(kind, language, known, newcomer, kind in REPRINTS))
    return made


# --- pieces ------------------------------------------------------------------------------------------------------


def facts(dice: random.Random, language: str) -> dict[str, object]:
    slots = SLOTS[language]
    chosen: dict[str, object] = {name: dice.choice(words) for name, words in slots.items()}
    chosen |= {
        "body2": dice.choice(slots["body"]),
        "sky2": dice.choice(slots["sky"]),
        "sky3": dice.choice(slots["sky"]),
    }
    return chosen | {
        "d": dice.randint(4, 28),
        "n": dice.randint(200, 9000),
        "t": dice.randint(18, 38),
        "u": dice.randint(5, 17),
    }


def fill(dice: random.Random, sentence: str, told: dict[str, object], language: str) -> str:
    own = {"name": dice.choice(SLOTS[language]["name"]), "k": dice.randint(2, 60), "m": dice.randint(100, 9000)}
    return sentence.format(**(told | own | {"n": dice.randint(200, 9000)}))


def piece(dice: random.Random, language: str, told: dict[str, object] | None = None) -> Piece:
    told = told or facts(dice, language)
    own = told | {"k": 3, "m": 500}
    sentences = [dice.choice(OPENINGS[language]).format(**own)]
    sentences += [fill(dice, one, told, language) for one in dice.sample(BODY[language], dice.randint(7, 14))]
    return Piece(dice.choice(TITLES[language]).format(**own), paragraphs(dice, sentences, language))


def paragraphs(dice: random.Random, sentences: list[str], language: str) -> tuple[str, ...]:
    made, rest = [], list(sentences)
    while rest:
        take = dice.randint(1, 3)
        made.append(("" if language == "zh" else " ").join(rest[:take]))
        rest = rest[take:]
    return tuple(made)


# --- what a reprint does -----------------------------------------------------------------------------------------

Way = Callable[[random.Random, str, Piece], Piece]


def as_it_is(dice: random.Random, language: str, one: Piece) -> Piece:
    return one


def credit(dice: random.Random, language: str, one: Piece) -> Piece:
    name = dice.choice(SLOTS[language]["name"])
    head = dice.choice(
        {
            "zh": ["本报讯（记者 {}）", "衡阳日报讯 记者{} ", "（通讯员 {}）"],
            "en": ["By {} - ", "HENGYANG (Xinhua) -- "],
        }[language]
    )
    tail = dice.choice(
        {"zh": ["（责编：{}）", "来源：衡阳日报", "编辑：{}"], "en": ["Editor: {}", "Source: Hengyang Daily"]}[language]
    )
    first, *rest = one.paragraphs
    return Piece(one.title, (head.format(name) + first, *rest, tail.format(name)))


def editors_line(dice: random.Random, language: str, one: Piece) -> Piece:
    line = dice.choice(
        {
            "zh": ["编者按：以下报道刊于本地媒体，本站转载，以飨读者。", "这是基层传来的一则好消息，值得一读。"],
            "en": [
                "Editor's note: the following piece appeared in a local paper.",
                "Here is some good news from the counties.",
            ],
        }[language]
    )
    return Piece(one.title, (line, *one.paragraphs) if dice.random() < 0.5 else (*one.paragraphs, line))


def other_title(dice: random.Random, language: str, one: Piece) -> Piece:
    parts = re.split(r"[，,。.]", one.paragraphs[0])
    titles = {
        "zh": [
            f"{one.title}（图）",
            f"衡阳：{one.title}",
            f"【基层动态】{one.title}",
            "".join(parts[1:2]) or one.title,
            f"喜讯！{one.title}",
        ],
        "en": [f"{one.title} (photos)", f"Hengyang: {one.title}", one.title.upper(), parts[0][:90]],
    }
    return Piece(dice.choice(titles[language]), one.paragraphs)


def cut_text(dice: random.Random, language: str, one: Piece) -> Piece:
    keep = max(3, round(len(one.paragraphs) * dice.uniform(0.5, 0.9)))
    return Piece(one.title, one.paragraphs[:keep])


def cut_middle(dice: random.Random, language: str, one: Piece) -> Piece:
    at = dice.randrange(1, max(2, len(one.paragraphs) - 1))
    return Piece(one.title, one.paragraphs[:at] + one.paragraphs[at + 1 :])


def other_marks(dice: random.Random, language: str, one: Piece) -> Piece:
    table = (
        {"，": ",", "。": ". ", "“": "「", "”": "」", "（": "(", "）": ")"}
        if language == "zh"
        else {"“": '"', "”": '"', ",": " ,"}
    )
    text = "\n".join(one.paragraphs)
    for old, new in table.items():
        text = text.replace(old, new)
    text = text.replace(" ", "\u00a0 ") if dice.random() < 0.5 else text
    if dice.random() < 0.5:
        text = "　　" + text.replace("\n", "\n　　")
    return Piece(one.title, tuple(text.split("\n")) if dice.random() < 0.7 else (text.replace("\n", " "),))


def day_or_place(dice: random.Random, language: str, one: Piece) -> Piece:
    text = "\n".join(one.paragraphs)
    if language == "zh":
        text = re.sub(r"(?<!\d)\d{1,2}日", dice.choice(["昨日", "近日"]), text, count=1)
    else:
        text = re.sub(r"on the \d+th", dice.choice(["yesterday", "on Tuesday"]), text, count=1)
    return Piece(one.title, tuple(text.split("\n")))


def other_words(dice: random.Random, language: str, one: Piece) -> Piece:
    text = "\n".join(one.paragraphs)
    for old, new in dice.sample(SYNONYMS[language], 2):
        text = text.replace(old, new)
    return Piece(one.title, tuple(text.split("\n")))


def a_summary(dice: random.Random, language: str, one: Piece) -> Piece:
    text = ("" if language == "zh" else " ").join(one.paragraphs)
    return Piece(one.title, (text[: dice.randint(140, 220) if language == "zh" else dice.randint(380, 560)] + "…",))


def reprint(*ways: Way) -> Callable[[random.Random, str], tuple[Piece, Piece]]:
    def make(dice: random.Random, language: str) -> tuple[Piece, Piece]:
        known = piece(dice, language)
        newcomer = known
        for way in ways:
            newcomer = way(dice, language, newcomer)
        return known, newcomer

    return make


def several(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    known = piece(dice, language)
    one, other = known, known
    for way in dice.sample([credit, editors_line, other_title, cut_text, other_marks], 3):
        other = way(dice, language, other)
    for way in dice.sample([credit, other_title, other_marks], 1):
        one = way(dice, language, one)
    return one, other


REPRINTS: dict[str, Callable[[random.Random, str], tuple[Piece, Piece]]] = {
    "as it is": reprint(as_it_is),
    "credit": reprint(credit),
    "editor's line": reprint(editors_line),
    "other title": reprint(other_title),
    "cut at the end": reprint(cut_text),
    "cut in the middle": reprint(cut_middle),
    "other marks and space": reprint(other_marks),
    "day or place named": reprint(day_or_place),
    "other words": reprint(other_words),
    "credit and cut": reprint(cut_text, credit),
    "title, marks and line": reprint(other_title, other_marks, editors_line),
    "a summary": reprint(a_summary),
    "several, both sides": several,
}

# --- what only looks like one ------------------------------------------------------------------------------------


def template(forms: dict[str, tuple[str, str]], *moved: str) -> Callable[[random.Random, str], tuple[Piece, Piece]]:
    """Two pieces of one form that differ in these facts alone."""

    def make(dice: random.Random, language: str) -> tuple[Piece, Piece]:
        told = facts(dice, language) | {"k": dice.randint(2, 5)}
        other = dict(told)
        while other == told:
            other |= {name: value for name, value in facts(dice, language).items() if name in moved}
        return tuple(
            Piece(*(part.format(**one) for part in forms[language][:1]), (forms[language][1].format(**one),))
            for one in (told, other)
        )  # type: ignore[return-value]

    return make


def two_briefings(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    made = []
    for _ in range(2):
        told = facts(dice, language)
        title, opening = (part.format(**told) for part in BRIEFING[language])
        rest = [fill(dice, one, told, language) for one in dice.sample(BODY[language], 4)]
        made.append(Piece(title, (opening, *paragraphs(dice, rest, language))))
    return made[0], made[1]


def follow_up(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    """The next day's piece, with half of the first as its background."""
    told = facts(dice, language)
    first = piece(dice, language, told)
    later = piece(dice, language, told)
    return first, Piece(later.title, (*later.paragraphs[:3], *first.paragraphs[1 : 1 + len(first.paragraphs) // 2]))


def new_figures(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    """The same piece with newer figures: an update, to be read."""
    first = piece(dice, language)
    text = "\n".join(first.paragraphs)
    figures = re.findall(r"\d{3,}", text)
    for figure in dice.sample(figures, min(2, len(figures))):
        text = text.replace(figure, str(int(figure) + dice.randint(1, 99)))
    return first, Piece(first.title, tuple(text.split("\n")))


def same_subject(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    told = facts(dice, language)
    return piece(dice, language, told), piece(dice, language, told)


def round_up(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    all_of_it = [piece(dice, language) for _ in range(4)]
    title = {"zh": "县区新闻集萃", "en": "News from the counties"}[language]
    whole = Piece(title, tuple(paragraph for one in all_of_it for paragraph in (one.title, *one.paragraphs)))
    one = dice.choice(all_of_it)
    return (whole, one) if dice.random() < 0.5 else (one, whole)


def empty_page(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    one, other = piece(dice, language), piece(dice, language)
    return Piece(one.title, (BOILERPLATE[language],)), Piece(other.title, (BOILERPLATE[language],))


def same_footer(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    one, other = piece(dice, language), piece(dice, language)
    return Piece(one.title, (*one.paragraphs[:2], BOILERPLATE[language])), Piece(
        other.title, (*other.paragraphs[:2], BOILERPLATE[language])
    )


def next_of_series(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    told = facts(dice, language)
    lead = {
        "zh": "为迎接{thing}，本站推出系列报道，走进{place}的乡村和社区，听居民讲述身边的变化，展现各行各业的新面貌，今天继续刊发，敬请关注。",
        "en": "Ahead of the {thing} we visit the villages of {place}, listen to the people there and show what has changed around them, in every trade and every street; today the series goes on.",
    }[language].format(**told)
    made = []
    for number in ("一", "二") if language == "zh" else ("I", "II"):
        rest = [fill(dice, one, told, language) for one in dice.sample(BODY[language], 4)]
        made.append(
            Piece(
                f"{told['place']}{'' if language == 'zh' else ' '}{told['thing']}（{number}）",
                (lead, *paragraphs(dice, rest, language)),
            )
        )
    return made[0], made[1]


def translation(dice: random.Random, language: str) -> tuple[Piece, Piece]:
    return piece(dice, language), piece(dice, "en" if language == "zh" else "zh")


OTHERS: dict[str, Callable[[random.Random, str], tuple[Piece, Piece]]] = {
    "weather, another day": template(WEATHER, "sky", "sky2", "sky3", "t", "u", "wind"),
    "weather, one word moved": template(WEATHER, "sky"),
    "weather, another place": template(WEATHER, "place"),
    "notice, another district": template(NOTICE, "place"),
    "notice, another street": template(NOTICE, "street"),
    "two briefings": two_briefings,
    "follow-up": follow_up,
    "new figures": new_figures,
    "same subject": same_subject,
    "round-up": round_up,
    "same boilerplate": empty_page,
    "same footer": same_footer,
    "series": next_of_series,
    "translation": translation,
}
