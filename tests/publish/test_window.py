"""Who stands in the current document: every rule of SEMANTICS 16, over histories made at random."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from feedhub.publish.window import MOST, PINNED_FOR, SHOWN, Member, Place, WindowChange, next_window
from tests.publish.material import NOON

DAY = timedelta(days=1)


def place(name: str, day: int) -> Member:
    return Member(name, NOON + day * DAY)


def imported(name: str, day: int, at: datetime = NOON) -> WindowChange:
    return WindowChange("published", name, at, False, NOON + day * DAY)


def accepted(name: str, day: int, at: datetime = NOON) -> WindowChange:
    return WindowChange("published", name, at, True, NOON + day * DAY)


def withdrawn(name: str) -> WindowChange:
    return WindowChange("withdrawn", name, NOON, False, None)


def full(count: int = SHOWN) -> tuple[Member, ...]:
    """A full document, one article a day, newest first; n000 is the oldest."""
    return tuple(place(f"n{day:03}", day) for day in range(count - 1, -1, -1))


def ids(members: tuple[Member, ...]) -> list[str]:
    return [member.article_id for member in members]


def test_importing_into_an_empty_section_shows_the_newest_fifty() -> None:
    made = next_window((), [imported(f"n{day:03}", day) for day in range(77)], NOON)
    assert ids(made) == [f"n{day:03}" for day in range(76, 26, -1)]


def test_one_second_is_ordered_by_id() -> None:
    made = next_window((), [imported("a", 1), imported("c", 1), imported("b", 1)], NOON)
    assert ids(made) == ["c", "b", "a"]


def test_importing_history_into_a_full_section_announces_nothing() -> None:
    assert next_window(full(), [imported("old", -1)], NOON) == full()


def test_importing_something_newer_takes_the_oldest_out() -> None:
    made = next_window(full(), [imported("new", 99)], NOON)
    assert ids(made) == ["new", *ids(full())[:-1]]


def test_a_piece_accepted_late_stands_for_a_week_beside_the_fifty() -> None:
    made = next_window(full(), [accepted("late", -900)], NOON)
    assert ids(made) == [*ids(full()), "late"]
    before_the_end = next_window(made, [], NOON + PINNED_FOR - timedelta(seconds=1))
    assert ids(before_the_end)[-1] == "late"
    assert next_window(made, [], NOON + PINNED_FOR) == full()


def test_a_correction_brings_back_what_had_left_and_moves_no_one_else() -> None:
    change = WindowChange("corrected", "gone", NOON, True, NOON - 40 * DAY)
    assert ids(next_window(full(), [change], NOON)) == [*ids(full()), "gone"]


def test_a_withdrawal_leaves_a_gap_that_history_does_not_fill() -> None:
    outside: Place = (NOON - DAY, "outside")
    made = next_window(full(), [withdrawn("n010")], NOON, outside)
    assert len(made) == SHOWN - 1
    again = next_window(made, [imported("older", -30)], NOON, outside)
    assert again == made
    newer_than_outside = next_window(made, [imported("between", 0)], NOON, outside)
    assert len(newer_than_outside) == SHOWN


def test_what_leaves_within_one_batch_is_outside_for_the_rest_of_it() -> None:
    batch = [imported("new", 99), withdrawn("n010"), imported("older", -1)]
    made = next_window(full(), batch, NOON)
    assert "older" not in ids(made)
    assert "n000" not in ids(made)


def test_moved_out_leaves_and_a_move_within_announces_nothing() -> None:
    out = WindowChange("moved", "n010", NOON, False, None)
    within = WindowChange("moved", "gone", NOON, False, NOON + 99 * DAY, arrives=False)
    made = next_window(full(), [out, within], NOON)
    assert "n010" not in ids(made)
    assert "gone" not in ids(made)
    moved_in = WindowChange("moved", "guest", NOON, False, NOON + 99 * DAY)
    assert ids(next_window(full(), [moved_in], NOON))[0] == "guest"


def test_at_most_150_and_the_pins_that_end_first_go_first() -> None:
    changes = [accepted(f"late{n:03}", -1 - n, NOON + timedelta(minutes=n)) for n in range(200)]
    made = next_window(full(), changes, NOON + DAY)
    assert len(made) == MOST
    assert ids(made)[:SHOWN] == ids(full())
    assert set(ids(made)[SHOWN:]) == {f"late{n:03}" for n in range(100, 200)}


# --- random histories --------------------------------------------------------------------------------------------


@dataclass
class Model:
    """A section told in the plainest way: everything it holds, its document, and who ever left it."""

    live: dict[str, datetime] = field(default_factory=dict)
    pins: dict[str, datetime] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    seen: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)

    def outside(self, arriving: set[str]) -> Place | None:
        standing = {member.article_id for member in self.members} | arriving
        return max(((day, name) for name, day in self.live.items() if name not in standing), default=None)


NAMES = st.sampled_from([f"a{n:03}" for n in range(100)])
STEP = st.tuples(
    st.sampled_from(["import", "import", "import", "accept", "correct", "withdraw"]), NAMES, st.integers(-2000, 2000)
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from([0, 3, 49, 50, 51, 70]), st.lists(st.lists(STEP, max_size=40), min_size=1, max_size=5))
def test_every_history_keeps_every_rule(stock: int, batches: list[list[tuple[str, str, int]]]) -> None:
    model, now, dead = Model(), NOON, set[str]()
    stocked = [("import", f"a{n:03}", n * 20) for n in range(stock)]
    for batch in [stocked, *batches]:
        now += DAY
        before = {member.article_id for member in model.members}
        was_full = len(before) >= SHOWN
        oldest = min((member.place for member in model.members), default=None)
        log: list[tuple[str, str]] = []
        live_before = dict(model.live)
        for deed, name, hour in batch:
            date = NOON + timedelta(hours=hour)
            if deed in ("import", "accept") and name not in model.live and name not in dead:
                model.live[name] = date
                log.append((deed, name))
            elif deed == "correct" and name in model.live:
                log.append((deed, name))
            elif deed == "withdraw" and name in model.live:
                del model.live[name]
                dead.add(name)  # an import of a withdrawn article changes nothing
                log.append((deed, name))
        kinds = {"import": "published", "accept": "published", "correct": "corrected", "withdraw": "withdrawn"}
        changes = [
            WindowChange(kinds[deed], name, now, deed in ("accept", "correct"), model.live.get(name))  # type: ignore[arg-type]
            for deed, name in log
        ]
        outside = model.outside({name for deed, name in log if deed != "withdraw"})
        made = next_window(model.members, changes, now, outside)
        names = {member.article_id for member in made}
        for deed, name in log:
            if deed in ("accept", "correct"):
                model.pins[name] = now + PINNED_FOR

        assert [m.place for m in made] == sorted((m.place for m in made), reverse=True), "newest first"
        assert len(names) == len(made) <= MOST
        assert names <= model.live.keys(), "only what is live"
        announced_late = {name for deed, name in log if deed in ("accept", "correct")} & model.live.keys()
        pinned = {name for name, until in model.pins.items() if until > now and name in model.live}
        if len(pinned) <= MOST - SHOWN:
            assert pinned <= names, "a week, whatever the date"
        for name in names - before - announced_late:
            assert name not in model.left, "what had left is not announced again"
            assert name not in live_before, "only what is new arrives"
            assert outside is None or (model.live[name], name) > outside, "history fills no gap"
            if was_full and oldest is not None and not any(deed == "withdraw" for deed, _ in log):
                assert (model.live[name], name) > oldest, "history is not announced in a full section"
        assert len([m for m in made if m.pinned_until is None or m.pinned_until <= now]) <= SHOWN
        touched = {name for deed, name in log if deed == "withdraw"}
        if not any(deed != "withdraw" for deed, _ in log):
            assert names <= before, "a withdrawal admits nobody"
            unpinned_before = [m for m in model.members if m.article_id not in touched]
            assert all(m.article_id in names for m in unpinned_before[:SHOWN]), "nor sends anybody else away"
        model.left |= before - names
        model.left -= names
        model.members = made
