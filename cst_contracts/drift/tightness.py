"""Says whether a promise that changed asks for more than before, or for less."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from cst_contracts.contract.clauses.tolerance import NOTHING_TOLERATED, Tolerance
from cst_contracts.drift.spelling import spelled


class Direction(StrEnum):
    """Where a promise went: what keeps the old one keeps a looser one, and the reverse."""

    LOOSENED = "loosened"
    TIGHTENED = "tightened"
    CHANGED = "changed"


#: Parts that have one of two values, the looser one first.
FLAGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "allow_empty": ("true", "false"),
        "enforced": ("false", "true"),
        "exact": ("false", "true"),
        "extra_constraints": ("allow", "forbid"),
        "extra_fields": ("allow", "forbid"),
        "field_order": ("any", "strict"),
        "missing_in_files": ("allow", "forbid"),
        "nullability": ("values", "strict"),
        "nullable": ("true", "false"),
        "severity": ("warn", "error"),
    }
)
_TIGHTER_WHEN_LESS = frozenset({"within", "maximum", "exclusive_maximum", "max_length"})
_TIGHTER_WHEN_MORE = frozenset({"minimum", "exclusive_minimum", "min_length"})
_NUMBERS = (int, float, Decimal, timedelta)


def direction(before: Mapping[str, object], after: Mapping[str, object]) -> Direction:
    """Of a promise with several parts: loosened or tightened where all that differ went the same way."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    went = {part_direction(name, before.get(name), after.get(name)) for name in names}
    return went.pop() if len(went) == 1 else Direction.CHANGED


def part_direction(name: str, before: object, after: object) -> Direction:
    """Of one part, by its name; a part that is not known to be looser or tighter has changed."""
    tighter = _is_tighter(name, before, after)
    if tighter is None:
        return Direction.CHANGED
    return Direction.TIGHTENED if tighter else Direction.LOOSENED


def _is_tighter(name: str, before: object, after: object) -> bool | None:
    if name in FLAGS:
        return _is_tighter_flag(name, before, after)
    if isinstance(before, Tolerance) and isinstance(after, Tolerance):
        return _is_less_tolerant(before, after)
    if name == "reads" and None in (before, after):
        return before is None
    if name in ("enum", "reads") and isinstance(before, tuple) and isinstance(after, tuple):
        return _is_fewer(set(map(spelled, before)), set(map(spelled, after)))
    if isinstance(before, _NUMBERS) and type(before) is type(after):
        return _is_tighter_number(name, less=bool(after < before))  # type: ignore[operator]
    return None


def _is_tighter_flag(name: str, before: object, after: object) -> bool:
    """Where one is left out, by the other."""
    tighter = FLAGS[name][1]
    return spelled(before) != tighter if after is None else spelled(after) == tighter


def _is_less_tolerant(before: Tolerance, after: Tolerance) -> bool | None:
    """None between a count and a share, which nobody can compare without rows."""
    if NOTHING_TOLERATED in (before, after):
        return after == NOTHING_TOLERATED
    if before.percent is not None and after.percent is not None:
        return after.percent < before.percent
    if before.percent is None and after.percent is None:
        return after.count < before.count
    return None


def _is_fewer(before: set[str], after: set[str]) -> bool | None:
    if after < before:
        return True
    return False if before < after else None


def _is_tighter_number(name: str, *, less: bool) -> bool | None:
    if name in _TIGHTER_WHEN_LESS:
        return less
    return not less if name in _TIGHTER_WHEN_MORE else None
