"""A promised and an observed type to the paths at which they differ."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TypeAlias

import pyarrow as pa
from msgspec import Struct

from cst_contracts.datatypes.nodes import child_nodes, child_path, is_list
from cst_contracts.datatypes.order import stayed
from cst_contracts.datatypes.printer import print_type

ABSENT = "absent"

_ChildKey: TypeAlias = tuple[str, int]


class DifferenceKind(StrEnum):
    TYPE = "type"
    MISSING = "missing"
    EXTRA = "extra"
    MOVED = "moved"


class TypeDifference(Struct, frozen=True):
    """`promised` and `observed` are types, `absent`, or for a moved child what it stands before and
    after."""

    path: str
    promised: str
    observed: str
    kind: DifferenceKind


def same_type(a: pa.DataType, b: pa.DataType, *, exact: bool = False) -> bool:
    """Whether two types are the same down to the last leaf, nullability and metadata aside.

    Unless `exact`, these count as the same: the three string types; the three binary types; list
    types without a fixed size; a list's child name; the names of a map's sides and whether its keys
    are sorted; a dictionary and its value type. An extension type is its storage type either way.
    """
    return next(_differences(a, b, "", exact=exact), None) is None


def type_differences(
    promised: pa.DataType, observed: pa.DataType, *, path: str, exact: bool = False
) -> tuple[TypeDifference, ...]:
    """Where two types of a field at `path` are not `same_type`, each at its own path only.

    In promised order, a struct's extra children after the others. Every path is a node of the
    promised type, extra children aside.
    """
    return tuple(_differences(promised, observed, path, exact=exact))


def moved_names(promised: Sequence[str], observed: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The fewest names whose moving explains the observed order, each with what was promised and
    observed of it. Names that stand on one side only do not count."""
    if promised == observed:
        return {}
    moves = _moves([(name, 0) for name in promised], [(name, 0) for name in observed])
    return {name: sides for (name, _), sides in moves.items()}


def _differences(
    promised: pa.DataType, observed: pa.DataType, path: str, *, exact: bool
) -> Iterator[TypeDifference]:
    if not exact and promised == observed:
        return  # nearly always so; equality does not see the name of a list's child
    promised, observed = _stored(promised), _stored(observed)
    if not exact and not pa.types.is_dictionary(promised):
        observed = _values(observed)
    if pa.types.is_struct(promised) and pa.types.is_struct(observed):
        yield from _struct_differences(promised, observed, path, exact=exact)
        return
    if not _same_node(promised, observed, exact=exact):
        yield TypeDifference(path, print_type(promised), print_type(observed), DifferenceKind.TYPE)
    if _both(is_list, promised, observed) or _both(pa.types.is_map, promised, observed):
        sides = zip(child_nodes(path, promised), child_nodes(path, observed), strict=True)
        for mine, theirs in sides:
            yield from _differences(mine.field.type, theirs.field.type, mine.path, exact=exact)


def _stored(type_: pa.DataType) -> pa.DataType:
    while isinstance(type_, pa.BaseExtensionType):
        type_ = type_.storage_type
    return type_


def _values(type_: pa.DataType) -> pa.DataType:
    while pa.types.is_dictionary(type_):
        type_ = _stored(type_.value_type)
    return type_


def _both(test: Callable[[pa.DataType], bool], a: pa.DataType, b: pa.DataType) -> bool:
    return test(a) and test(b)


def _same_node(promised: pa.DataType, observed: pa.DataType, *, exact: bool) -> bool:
    """Whether two types agree, apart from what differs at nodes below them."""
    if pa.types.is_dictionary(promised):
        return _same_dictionary(promised, observed, exact=exact)
    if _both(is_list, promised, observed):
        return _same_list(promised, observed, exact=exact)
    if _both(pa.types.is_map, promised, observed):
        return not exact or _map_marks(promised) == _map_marks(observed)
    if _both(pa.types.is_run_end_encoded, promised, observed):
        same_ends = promised.run_end_type == observed.run_end_type
        return same_ends and same_type(promised.value_type, observed.value_type, exact=exact)
    if _both(pa.types.is_union, promised, observed):
        return _same_union(promised, observed, exact=exact)
    return bool(promised == observed) or (not exact and _same_layout(promised, observed))


def _same_dictionary(promised: pa.DataType, observed: pa.DataType, *, exact: bool) -> bool:
    if not exact:
        return same_type(_values(promised), observed)
    return (
        pa.types.is_dictionary(observed)
        and promised.index_type == observed.index_type
        and promised.ordered == observed.ordered
        and same_type(promised.value_type, observed.value_type, exact=True)
    )


def _same_list(promised: pa.DataType, observed: pa.DataType, *, exact: bool) -> bool:
    if exact and (promised.id, promised.field(0).name) != (observed.id, observed.field(0).name):
        return False
    return _list_size(promised) == _list_size(observed)


def _list_size(type_: pa.DataType) -> int | None:
    return type_.list_size if pa.types.is_fixed_size_list(type_) else None


def _map_marks(type_: pa.MapType) -> tuple[str, str, bool]:
    return type_.key_field.name, type_.item_field.name, type_.keys_sorted


def _same_union(promised: pa.UnionType, observed: pa.UnionType, *, exact: bool) -> bool:
    if (promised.mode, promised.type_codes) != (observed.mode, observed.type_codes):
        return False
    children = zip(promised, observed, strict=True)
    return all(
        mine.name == theirs.name and same_type(mine.type, theirs.type, exact=exact)
        for mine, theirs in children
    )


def _same_layout(promised: pa.DataType, observed: pa.DataType) -> bool:
    return _both(_is_text, promised, observed) or _both(_is_bytes, promised, observed)


def _is_text(type_: pa.DataType) -> bool:
    return type_ in (pa.string(), pa.large_string(), pa.string_view())


def _is_bytes(type_: pa.DataType) -> bool:
    return type_ in (pa.binary(), pa.large_binary(), pa.binary_view())


def _struct_differences(
    promised: pa.StructType, observed: pa.StructType, path: str, *, exact: bool
) -> Iterator[TypeDifference]:
    mine, theirs = _numbered(promised), _numbered(observed)
    moves = _moves(list(mine), list(theirs))
    for key, child in mine.items():
        child_at = child_path(path, child.name)
        if key not in theirs:
            yield TypeDifference(child_at, print_type(child.type), ABSENT, DifferenceKind.MISSING)
            continue
        if key in moves:
            yield TypeDifference(child_at, *moves[key], DifferenceKind.MOVED)
        yield from _differences(child.type, theirs[key].type, child_at, exact=exact)
    for key, child in theirs.items():
        if key not in mine:
            child_at = child_path(path, child.name)
            yield TypeDifference(child_at, ABSENT, print_type(child.type), DifferenceKind.EXTRA)


def _numbered(struct: pa.StructType) -> dict[_ChildKey, pa.Field]:
    """The children by name, told apart where an engine gave several the same name."""
    met: Counter[str] = Counter()
    children: dict[_ChildKey, pa.Field] = {}
    for child in struct:
        children[child.name, met[child.name]] = child
        met[child.name] += 1
    return children


def _moves(
    promised: Sequence[_ChildKey], observed: Sequence[_ChildKey]
) -> dict[_ChildKey, tuple[str, str]]:
    """What was promised and observed of each child that moved, as few as explain the new order.

    A child that moved is told by the nearest one that stayed and that it has changed sides with:
    unlike its position, that always differs.
    """
    position = {key: index for index, key in enumerate(observed)}
    shared = [key for key in promised if key in position]
    ranks = [position[key] for key in shared]
    kept = stayed(shared, sorted(shared, key=position.__getitem__))
    in_place = [index for index, key in enumerate(shared) if key in kept]
    moves: dict[_ChildKey, tuple[str, str]] = {}
    for index in (index for index, key in enumerate(shared) if key not in kept):
        passed = [each for each in in_place if (each < index) != (ranks[each] < ranks[index])]
        nearest = min(passed, key=lambda each: abs(each - index))
        neighbour = shared[nearest][0]
        sides = (f"after {neighbour}", f"before {neighbour}")
        moves[shared[index]] = sides if nearest < index else sides[::-1]
    return moves
