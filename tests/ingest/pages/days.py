"""One page on different days: the same form, names and host; other items, as a list has them from day to day."""

from __future__ import annotations

import random

from tests.ingest.pages.generator import NOW, Drawn, Maker, Page, a_page

LONGER = "，进一步巩固和拓展既有成果，推动各项重点任务在年底之前全面落到实处"
LONGER_ENGLISH = " and explains at some length what it is going to do about it before the year is over"


class Day(Maker):
    """The page of a seed with `new` items above those of its first day, `size` items at most; titles are
    longer from the new item of the number `longer` on."""

    def __init__(
        self, seed: int, *, new: int = 0, size: int | None = None, longer: int | None = None, undated: int = 0
    ):
        super().__init__(seed)
        self.seed, self.new, self.size, self.longer, self.undated = seed, new, size, longer, undated

    def settle(self, place: str) -> None:
        """From here on the dice fall as on every other day, however many items there were."""
        self.dice.seed(f"{place} {self.seed}")

    def drawn(self, fewest: int = 8, most: int = 25) -> list[Drawn]:
        if most <= 5:
            found = super().drawn(fewest, most)
            self.settle("beside")
            return found
        self.settle("items")
        first = super().drawn(fewest, most)
        self.dice = random.Random(f"new {self.seed}")
        spare = NOW - first[0].moment
        numbers = {one.number for one in first}
        fresh: list[Drawn] = []
        while len(fresh) < self.new:
            title, number = self.title(), self.dice.randint(100000, 999999)
            if self.longer is not None and len(fresh) >= self.longer:
                title += LONGER if self.chinese else LONGER_ENGLISH
            if number in numbers or title in {one.title for one in (*first, *fresh)}:
                title += f" {len(fresh)}"
            numbers.add(number)
            moment = first[0].moment + spare * (1 - 0.9 ** (len(fresh) + 1))
            fresh.insert(0, Drawn(title, moment.replace(second=0, microsecond=0), number, shown=title))
        self.dice = random.Random(f"after {self.seed}")
        return [*fresh, *first][: self.size or max(len(first), 1)]

    def dated(self, items: list[Drawn], form: str) -> dict[int, str]:
        dates = super().dated(items, form)
        for place in range(self.undated):
            dates[place] = ""
        return dates

    def cut(self, items: list[Drawn]) -> None:
        super().cut(items)
        self.settle("cut")

    def paged(self, *forms: str) -> None:
        self.settle("paged")
        super().paged(*forms)


def a_day(seed: int, *, new: int = 0, size: int | None = None, longer: int | None = None, undated: int = 0) -> Page:
    """The page of a seed on a day."""
    return a_page(seed, Day(seed, new=new, size=size, longer=longer, undated=undated))
