"""Every reader holds over what once broke it, and over some inputs that nobody would write."""

from random import Random

import pytest

from fuzz.examples import EXAMPLES
from fuzz.targets import TARGETS, seeds

_CHANGED = 150


def changed(seed: bytes, other: bytes, random: Random) -> bytes:
    """A piece of it is gone, twice there, of another input, or noise."""
    start, end = sorted(random.randrange(len(seed) + 1) for _ in range(2))
    piece = random.choice(
        (
            b"",
            seed[start:end] * 2,
            other[start:end],
            random.randbytes(random.randrange(1, 9)),
            random.choice((b"(", b"]", b": ", b"\n", b"<", b"&a *a", b"\xe2\x80\xa8")),
        )
    )
    return seed[:start] + piece + seed[end:]


@pytest.mark.parametrize("target", TARGETS)
def test_what_once_broke_a_reader_does_not(target: str) -> None:
    assert {type(TARGETS[target](each)) for each in (*seeds(target), *EXAMPLES[target])} == {
        type(None)
    }


@pytest.mark.parametrize("target", TARGETS)
def test_inputs_that_are_changed_at_random_break_no_reader(target: str) -> None:
    random = Random(13)  # noqa: S311 - equal inputs in each run
    known = list(seeds(target))
    fed = [changed(random.choice(known), random.choice(known), random) for _ in range(_CHANGED)]

    assert len(set(fed)) > _CHANGED // 2
    assert {type(TARGETS[target](each)) for each in fed} == {type(None)}
