"""A version is named that is red, after one that is not, however versions are broken, mended or lost."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.gate.bisection import Found, State, bisect, walk

LETTERS = {"f": State.FINE, "r": State.RED, "?": State.UNKNOWN}


class Versions:
    """Counted from `first`; remembers who was looked at."""

    def __init__(self, letters: str, first: int = 0) -> None:
        self.letters, self.first = letters, first
        self.asked: list[int] = []

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + len(self.letters))

    def look(self, version: int) -> State:
        self.asked.append(version)
        return LETTERS[self.letters[version - self.first]]


@pytest.mark.parametrize(
    ("letters", "red", "fine", "looked"),
    [
        ("r", 0, None, (0,)),
        ("fr", 1, 0, (0, 1)),
        ("fffffffr", 7, 6, (6, 7)),
        ("ffrrrrrr", 2, 1, (0, 1, 2, 4, 6, 7)),
        ("rrrrrrrr", 0, None, (0, 4, 6, 7)),
        ("?????frr", 6, 5, (4, 5, 6, 7)),
        ("f????rrr", 5, 0, (0, 1, 2, 3, 4, 5, 6, 7)),
        ("????r", 4, None, (0, 1, 2, 3, 4)),
        ("frfffffr", 7, 6, (6, 7)),
    ],
)
def test_steps_back_double_and_what_is_left_is_halved(
    letters: str, red: int, fine: int | None, looked: Sequence[int]
) -> None:
    found = bisect(range(len(letters)), Versions(letters).look)

    assert (found.red, found.fine) == (red, fine)
    assert set(found.looked) <= set(looked)


def test_of_a_thousand_versions_few_are_looked_at() -> None:
    versions = Versions("f" * 300 + "r" * 700)

    assert bisect(versions.numbers, versions.look).red == 300
    assert len(versions.asked) < 22


def test_walking_finds_the_first_one_and_all_that_is_unknown_before_it() -> None:
    assert walk(range(8), Versions("frfffffr").look) == Found(1, 0, (0, 1))
    assert walk(range(4), Versions("?f?r").look) == Found(3, 1, (0, 1, 2, 3))
    assert walk(range(2), Versions("?r").look) == Found(1, None, (0, 1))


@given(st.text("fr?", max_size=40), st.integers(0, 5))
def test_whatever_the_history_is(history: str, first: int) -> None:
    versions = Versions(f"{history}r", first)

    found = bisect(versions.numbers, versions.look)

    state = dict(zip(versions.numbers, versions.letters, strict=True))
    assert state[found.red] == "r"
    assert {found.red, *found.between} <= set(found.looked)
    assert all(state[each] == "?" for each in found.between)
    assert found.fine is None or state[found.fine] == "f"
    assert len(versions.asked) == len(set(versions.asked))
    if found.fine is None:
        assert state[min(each for each, letter in state.items() if letter != "?")] == "r"
