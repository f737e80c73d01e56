"""What a field says of its values, key by key as it is written, and which of two bounds is stricter."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pyarrow as pa

from cst_contracts.contract.clauses.tolerance import NOTHING_TOLERATED
from cst_contracts.contract.clauses.value_constraints import (
    Limit,
    Matching,
    OfLength,
    OneOf,
    ValueConstraint,
    Within,
)
from cst_contracts.contract.model import FieldContract
from cst_contracts.datatypes.values import is_less, value_of
from cst_contracts.drift.tightness import Direction

#: What every field has under the keys of value constraints as long as it does not write them.
_UNSAID: Mapping[str, object] = MappingProxyType(
    {
        "enum": (),
        "minimum": None,
        "exclusive_minimum": None,
        "maximum": None,
        "exclusive_maximum": None,
        "pattern": None,
        "min_length": None,
        "max_length": None,
        "at_most": NOTHING_TOLERATED,
    }
)
_LOWER, _UPPER = (
    frozenset({"minimum", "exclusive_minimum"}),
    frozenset({"maximum", "exclusive_maximum"}),
)


def said_of_values(constraints: tuple[ValueConstraint, ...]) -> dict[str, object]:
    """By key; all keys, in any field."""
    said = dict(_UNSAID)
    for each in constraints:
        said.update(_written(each.limit))
        said["at_most"] = each.tolerance
    return said


def _written(limit: Limit) -> Iterator[tuple[str, object]]:
    match limit:
        case OneOf(values=values):
            yield "enum", values
        case Within(bounds=bounds):
            yield from bounds
        case Matching(pattern=pattern):
            yield "pattern", pattern
        case OfLength(least=least, most=most):
            yield "min_length", least
            yield "max_length", most


def bound_direction(
    key: str, before: tuple[FieldContract, object], after: tuple[FieldContract, object]
) -> Direction | None:
    """Of a bound that both fields write; None for what is no bound, and where the types differ."""
    if key not in _LOWER | _UPPER:
        return None
    old, new = (_value(*each) for each in (before, after))
    if old is None or new is None or old.type != new.type:
        return None
    tighter = is_less(old, new) if key in _LOWER else is_less(new, old)
    return Direction.TIGHTENED if tighter else Direction.LOOSENED


def _value(field: FieldContract, written: object) -> pa.Scalar | None:
    return value_of(written, field.type) if isinstance(written, str) else None
