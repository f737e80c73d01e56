"""Scopes inside scopes: closures, comprehensions, globals, nonlocals, lambdas and walruses."""

import os.path
import collections.abc as abc

COUNT = 0
pairs = [(x, y) for x in range(3) if x for y in range(x)]
unique = {x % 2 for x, _ in pairs}
by_first = {first: [second for _, second in pairs] for first, _ in pairs}
lazy = (total := total + each for total, each in pairs)


def counter(step: int = 1):
    """Counts in three scopes."""
    count = 0

    def advance() -> int:
        nonlocal count
        global COUNT
        count += step
        COUNT += 1
        return (lambda by: count * by)(step)

    class Local:
        count = count

        def read(self) -> int:
            return count

    return advance, Local


def unpack(first, *rest, key=None, **others):
    print(first, *rest, *pairs, sep=os.path.sep, **others, **{"end": "\n"})
    (left, *middle), right = rest, others
    del left, right
    return middle and counter(*rest)[0]() or [each async for each in others]


def matched(value: abc.Sequence | dict | None) -> str:
    match value:
        case [first, *_]:
            return f"{first}"
        case {"kind": kind, **rest} if rest:
            return kind
        case None | ():
            return ""
    try:
        return undefined(value)
    except* ValueError as errors:
        raise RuntimeError from errors
