"""Where a field's line says what values may be: its own, and those inside of it."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import pyarrow as pa

from cst_contracts.datatypes import TypeNode, child_nodes, is_list
from cst_contracts.datatypes.values import value_type
from cst_contracts.proposals.outline import LimitLine

#: By the path of the value that it is of.
Limits: TypeAlias = Mapping[str, LimitLine]


def clause_of(path: str, type_: pa.DataType, limits: Limits) -> tuple[LimitLine, ...]:
    """What stands at a field: of its own values, and under `elements` and `map_keys` of those inside of it
    that have no field of their own."""
    own = limits.get(path)
    found = [] if own is None else [own]
    for key, child in _steps(path, type_):
        inner = clause_of(child.path, child.field.type, limits)
        found += [_under(key, each) for each in inner]
    return tuple(found)


def _under(key: str, line: LimitLine) -> LimitLine:
    pairs = ", ".join(f"{inner}: {value}" for inner, value in line.pairs)
    return LimitLine(line.check, ((key, f"{{{pairs}}}"),), line.evidence)


def _steps(path: str, type_: pa.DataType) -> Iterator[tuple[str, TypeNode]]:
    """Not to a map's values: those of different keys are of different things."""
    plain = value_type(type_)
    if is_list(plain):
        yield "elements", child_nodes(path, plain)[0]
    elif pa.types.is_map(plain):
        yield "map_keys", child_nodes(path, plain)[0]
