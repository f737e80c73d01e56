"""Breaks promises about rows: nulls, keys, references, rules, order, freshness, and that there are rows."""

import re
from collections.abc import Callable, Iterator
from itertools import islice, permutations
from typing import Any

import pyarrow as pa
from msgspec.structs import replace

from cst_contracts.checks.aggregates import AggregateHolds
from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.delta.parity import DeltaParity
from cst_contracts.checks.fields import FieldKept
from cst_contracts.checks.freshness import RowsFresh
from cst_contracts.checks.keys import KeyUnique
from cst_contracts.checks.nulls import NoNulls
from cst_contracts.checks.ordering import OrderDeclared, OrderMeasured, OrderPlanned
from cst_contracts.checks.policies import PruningEffective, StatisticsEffective
from cst_contracts.checks.queries import QueryRuns
from cst_contracts.checks.references import ReferencesExist
from cst_contracts.checks.rows import RowsPresent
from cst_contracts.checks.rules import RuleHolds
from cst_contracts.checks.snapshots import SchemaSnapshot
from cst_contracts.checks.tables import TablePresent
from cst_contracts.checks.value_constraints import CODES, ValuesKept
from cst_contracts.checks.views import ViewUsable
from cst_contracts.checks.wording import counted
from cst_contracts.contract.clauses.source import TEXT_FORMATS
from cst_contracts.contract.model import SourceFormat, TableContract, Tolerance
from cst_contracts.datatypes import find_node, top_level
from cst_contracts.proof.aggregates import changed, free_fields, ruled_fields
from cst_contracts.proof.breakers.alone import ASKED, alone, table_of
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable
from cst_contracts.proof.candidates import ruled_of
from cst_contracts.proof.implied import all_broken, in_its_way
from cst_contracts.proof.kinds import kind_of
from cst_contracts.proof.limits import beyond_alone, pool_at
from cst_contracts.proof.mentions import constants
from cst_contracts.proof.moments import oldest_young, stale
from cst_contracts.proof.ordering import ordered, rank
from cst_contracts.proof.references import holding, whole
from cst_contracts.proof.retyping import retyped
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.staging import Stage

#: Values beyond a limit that are tried.
_BEYOND = 40
_ELEMENT = re.compile(r"\[\]|\{\}")
#: What has something to look at in a table with rows only.
_OF_ROWS = (QueryRuns, SchemaSnapshot, TablePresent, StatisticsEffective, PruningEffective)


def break_rows(check: RowsPresent, ground: Ground) -> Iterator[Break | Unbreakable]:
    if check.allow_empty:
        yield Unbreakable("`allow_empty` lets a table without rows keep it", counted=False)
        return
    none = replace(ground.stage, rows=ground.stage.rows.take([]), cuts=())
    yield Break(
        "no row at all",
        FindingCode.EMPTY_TABLE,
        [none],
        lambda other: isinstance(other, _OF_ROWS),
        (FindingCode.TABLE_UNREADABLE,),  # text without rows has no schema
    )


def break_nulls(check: NoNulls, ground: Ground) -> Iterator[Break | Unbreakable]:
    path = check.field.path
    contract = table_of(ground)
    if ground.stage.layout.is_foldered(top_level(path)):
        yield Unbreakable("the name of a folder is never null", counted=False)
        return
    if ground.stage.layout.format is SourceFormat.CSV and len(ground.stage.rows.schema) == 1:
        yield Unbreakable("a line of CSV without any value is no row", counted=False)
        return
    slots = list(ground.stage.rows.slots(path))
    if not slots:
        yield Unbreakable(f"no row that was made has a value at {path}", counted=True)
        return
    nullable = retyped(ground.stage.rows.schema, _nullable_at(path))
    many = too_many(check.field.tolerance, len(slots))
    if many is None:
        yield Unbreakable(_tolerated(check.field.tolerance), counted=False)
        return

    def nulled(number: int) -> Stage:
        rows = Rows(nullable, ground.stage.rows.copy().columns)
        there = list(rows.slots(path))
        for each in range(many):
            there[(number - each) % len(there)].put(None)
        return replace(ground.stage, rows=ordered(contract, rows))

    def hangs(other: Check) -> bool:
        """A strict flag, a view that hands the value on, and what log and snapshot say of the flag."""
        strict = isinstance(other, FieldKept) and other.field.path == path
        return strict or isinstance(other, ViewUsable | QueryRuns | SchemaSnapshot | DeltaParity)

    tries = alone(check, ground, (nulled(number) for number in _spread(len(slots))))
    what = f"{'one null' if many == 1 else f'{many} nulls'} at {path}"
    yield Break(what, FindingCode.NULL_VALUES, tries, hangs)


def too_many(tolerance: Tolerance, looked_at: int) -> int | None:
    """The least number of violations that is not tolerated; None where all of them are."""
    numbers = range(1, looked_at + 1)
    return next((each for each in numbers if not tolerance.allows(each, looked_at)), None)


def _tolerated(tolerance: Tolerance) -> str:
    return f"at most {tolerance} may break it, and the rows that were made are no more than that"


def _nullable_at(path: str) -> Callable[[str, pa.Field], pa.Field]:
    def change(at: str, field: pa.Field) -> pa.Field:
        return field.with_nullable(True) if at == path else field  # noqa: FBT003

    return change


def _spread(count: int) -> list[int]:
    """The last, the first and the others."""
    return list(dict.fromkeys([count - 1, 0, *range(count)]))


def break_key(check: KeyUnique, ground: Ground) -> Iterator[Break | Unbreakable]:
    paths = check.key.fields
    there = list(whole(ground.stage.rows, paths))
    if len(there) < 2:
        why = "the fields leave room for one row only" if there else "no row has a key"
        yield Unbreakable(f"{why}, so that nothing can repeat", counted=True)
        return
    implying = [
        other
        for other in map(kind_of, ground.checks)
        if isinstance(other, KeyUnique) and _implies(other.key.fields, paths)
    ]
    if implying:
        why = f"implied by {implying[0].id}, which is unique by fewer fields"
        yield Unbreakable(why, counted=True)
        return
    many = too_many(check.tolerance, len(there))
    if many is None or many >= len(there):
        yield Unbreakable(_tolerated(check.tolerance), counted=False)
        return
    tries = alone(check, ground, _duplicated(ground, paths, len(there), many))
    what = f"{counted(many, 'row')} with the {', '.join(paths)} of another"
    yield Break(what, FindingCode.DUPLICATE_KEYS, tries)


def _implies(fewer: tuple[str, ...], paths: tuple[str, ...]) -> bool:
    """Whether what is unique by fewer fields is by all: not where these lead into further lists, of which
    every element is a key of its own."""
    chains = tuple(map(_lists_above, fewer))
    reached = all(any(chain.startswith(_lists_above(path)) for chain in chains) for path in paths)
    return set(fewer) < set(paths) and reached


def _lists_above(path: str) -> str:
    """The path of the innermost element that a path lies in; empty for one that is in no list."""
    return path[: max(path.rfind("[]"), path.rfind("{}")) + 2] if _ELEMENT.search(path) else ""


def _duplicated(ground: Ground, paths: tuple[str, ...], count: int, many: int) -> Iterator[Stage]:
    """One key in the place of others; and where rules or references hold it back, a whole row beside it."""
    for one, other in permutations(range(count), 2):
        rows = ground.stage.rows.copy()
        there = list(whole(rows, paths))
        places = [number % count for number in range(other, other + count)]
        for place in [each for each in places if each != one][:many]:
            for source, target in zip(there[one], there[place], strict=True):
                target.put(source.value)
        yield _with_targets(ground, rows)
    for number in range(ground.stage.rows.count if many == 1 else 0):
        yield _with_targets(ground, _twin(ground, number, paths))


def _with_targets(ground: Ground, rows: Rows) -> Stage:
    """The rows in their order, and in other tables all that they refer to."""
    contract = table_of(ground)
    others = dict(ground.stage.others)
    for reference in contract.references:
        if reference.table in others:
            others[reference.table] = holding(others[reference.table], rows, reference)
    return replace(ground.stage, rows=ordered(contract, rows), others=others)


def _twin(ground: Ground, number: int, paths: tuple[str, ...]) -> Rows:
    """The rows with one of them twice, of which the second has other values in the other keys' fields."""
    rows = ground.stage.rows.take([*range(ground.stage.rows.count), number])
    last = rows.count - 1
    for key in table_of(ground).keys:
        for path in key.fields:
            if path in paths or (find := find_node(rows.schema, path)) is None:
                continue
            more = pool_at(table_of(ground), path, find.field.type, plain=False).more
            for count, slot in enumerate(slot for slot in rows.slots(path) if slot.row == last):
                if more is not None and slot.value is not None:
                    slot.put(_far(more, 500 + count))
    return rows


def _far(more: Callable[[int], Any], number: int) -> Any:
    """One of the further values that nobody has drawn; a near one where limits leave no other."""
    value = more(number)
    return more(number % 50) if value is None else value


def break_reference(check: ReferencesExist, ground: Ground) -> Iterator[Break | Unbreakable]:
    reference = check.reference
    if not list(whole(ground.stage.rows, reference.fields)):
        yield Unbreakable("no row that was made refers to anything", counted=True)
        return
    count = len(list(whole(ground.stage.rows, reference.fields)))
    many = too_many(check.tolerance, count)
    if many is None:
        yield Unbreakable(_tolerated(check.tolerance), counted=False)
        return
    tries = alone(check, ground, _orphaned(check, ground, count, many))
    what = f"{many} {', '.join(reference.fields)} that {reference.table} does not have"
    yield Break(what, FindingCode.DANGLING_REFERENCES, tries)


def _orphaned(check: ReferencesExist, ground: Ground, count: int, many: int) -> Iterator[Stage]:
    """A value that is nowhere, or one row less where it is referred to."""
    reference, contract, stage = check.reference, table_of(ground), ground.stage
    shared = {path for each in contract.references if each is not reference for path in each.fields}
    columns = sorted(range(len(reference.fields)), key=lambda n: reference.fields[n] in shared)
    for column in columns:
        node = find_node(stage.rows.schema, reference.fields[column])
        path = reference.fields[column]
        more = None if node is None else pool_at(contract, path, node.field.type, plain=False).more
        for number in range(count if more is not None else 0):
            rows = stage.rows.copy()
            there = list(whole(rows, reference.fields))
            for each in range(many):
                slot = there[(number + each) % count][column]
                slot.put(None if more is None else _far(more, 77 + each))
            yield replace(stage, rows=ordered(contract, rows))
    others = stage.others.get(reference.table)
    for number in range(0 if others is None else others.count):
        fewer = (
            others.take([row for row in range(others.count) if row != number]) if others else None
        )
        if fewer is not None:
            yield replace(stage, others={**stage.others, reference.table: fewer})


def break_rule(check: RuleHolds, ground: Ground) -> Iterator[Break | Unbreakable]:
    contract = ground.keepable
    if not isinstance(contract, TableContract):
        return
    plain = contract.source is not None and contract.source.format in TEXT_FORMATS
    groups = ruled_of(contract, ground.stage.rows.schema, plain)
    group = next((each for each in groups if check.rule in each.rules), None)
    if group is None:
        yield Unbreakable("it names no field", counted=True)
        return
    name = check.rule.name
    if not group.breaking[name]:
        other = group.together.get(name)
        if other:
            why = f"implied by {', '.join(f'rule[{each}]' for each in other)}: false only where that is"
        elif other is not None:
            why = "false only where some other rule is, too"
        else:
            why = _never_false(contract, check, ground, plain=plain)
        yield Unbreakable(why, counted=True)
        return

    count = ground.stage.rows.count
    many = too_many(check.rule.tolerance, count)
    if many is None:
        yield Unbreakable(_tolerated(check.rule.tolerance), counted=False)
        return

    def broken() -> Iterator[Stage]:
        for values in group.breaking[name][:40]:
            for first in range(min(count, 3)):
                rows = ground.stage.rows.copy()
                for each in range(many):
                    for field, value in zip(group.names, values, strict=True):
                        rows.columns[field][(first + each) % count] = value
                yield _with_targets(ground, rows.copy())

    yield Break(
        f"{counted(many, 'row')} for which it is false",
        FindingCode.RULE_VIOLATED,
        alone(check, ground, broken()),
    )


def _never_false(contract: TableContract, check: RuleHolds, ground: Ground, *, plain: bool) -> str:
    schema = ground.stage.rows.schema
    others = in_its_way(contract, check.rule, schema, truth=False, plain=plain)
    if others:
        return f"implied by {' and '.join(others)}: false only where {all_broken(others)}"
    return "no row that was tried makes it false: it is true, or NULL, whatever the fields hold"


def break_values(check: ValuesKept, ground: Ground) -> Iterator[Break | Unbreakable]:
    path, limit, stage = check.field.path, check.constraint.limit, ground.stage
    contract = table_of(ground)
    there = [slot for slot in stage.rows.slots(path) if slot.value is not None]
    if not there:
        yield Unbreakable(f"no row that was made has a value at {path}", counted=True)
        return
    many = too_many(check.tolerance, len(there))
    if many is None:
        yield Unbreakable(_tolerated(check.tolerance), counted=False)
        return
    plain = contract.source is not None and contract.source.format in TEXT_FORMATS
    named = constants(contract).get(check.field.name, ()) if "." not in path else ()
    beyond = beyond_alone(check.field, check.constraint, named, plain=plain)
    if not beyond:
        why = "no value that was tried is beyond it, and within all other limits of the field"
        yield Unbreakable(why, counted=True)
        return

    def broken() -> Iterator[Stage]:
        for value in beyond[:_BEYOND]:
            for first in range(min(len(there), 3)):
                rows = stage.rows.copy()
                slots = [slot for slot in rows.slots(path) if slot.value is not None]
                for each in range(many):
                    slots[(first + each) % len(slots)].put(value)
                yield _with_targets(ground, rows)

    yield Break(
        f"{counted(many, 'value')} beyond it at {path}",
        CODES[limit.kind],
        alone(check, ground, broken()),
        lambda other: isinstance(other, ViewUsable | QueryRuns),
    )


def break_aggregate(check: AggregateHolds, ground: Ground) -> Iterator[Break | Unbreakable]:
    """Fewer rows, the same row many times, one value everywhere; else value by value."""
    tries = alone(check, ground, _of_other_aggregates(ground))
    yield Break("other rows", FindingCode.AGGREGATE_VIOLATED, tries)


def _of_other_aggregates(ground: Ground) -> Iterator[Stage]:
    contract, rows = table_of(ground), ground.stage.rows
    for count in range(rows.count - 1, 0, -1):
        yield _with_targets(ground, rows.take(range(count)))
        yield _with_targets(ground, rows.take(range(rows.count - count, rows.count)))
    plain = contract.source is not None and contract.source.format in TEXT_FORMATS
    for name in (*free_fields(contract, rows), *ruled_fields(contract, rows)):
        for value in dict.fromkeys((*rows.columns[name], *constants(contract).get(name, ()))):
            alike = rows.copy()
            alike.columns[name][:] = [value] * rows.count
            yield _with_targets(ground, alike)
            for each in (each for each in contract.aggregates if each.per):
                together = alike.copy()
                for of in each.per:
                    together.columns[of][:] = [rows.columns[of][0]] * rows.count
                yield _with_targets(ground, together)
    for row, name, value in changed(contract, rows, plain=plain):
        other = rows.copy()
        other.columns[name][row] = value
        yield _with_targets(ground, other)


def break_order(check: OrderMeasured, ground: Ground) -> Iterator[Break | Unbreakable]:
    stage = ground.stage
    fields = [term.field for term in check.terms]
    sources = {each.name for each in _source_partitions(ground)}
    inside = [field for field in fields if field not in sources]

    def key(row: int) -> list[Any]:
        values = [stage.rows.columns[field][row] for field in inside]
        return [(each is None, None if each is None else rank(each)) for each in values]

    swaps = [row for row in range(stage.rows.count - 1) if key(row) != key(row + 1)]
    swaps = [row for row in swaps if row + 1 not in stage.cuts and not _apart(ground, row)]
    if not swaps:
        yield Unbreakable("no two neighbours of a file differ in it", counted=True)
        return
    swaps.sort(key=lambda row: row % 2 == 0)  # the last of a row group, and the first of the next

    def swapped() -> Iterator[Stage]:
        for row in swaps:
            numbers = list(range(stage.rows.count))
            numbers[row], numbers[row + 1] = numbers[row + 1], numbers[row]
            yield replace(stage, rows=stage.rows.take(numbers))

    yield Break(
        "two neighbours swapped",
        FindingCode.ROWS_OUT_OF_ORDER,
        islice(swapped(), ASKED),
        # A lying order is registered by nobody, and the snapshot has what is registered.
        lambda other: isinstance(other, OrderDeclared | OrderPlanned | SchemaSnapshot),
    )


def _apart(ground: Ground, row: int) -> bool:
    """Whether a row and the next are in folders of different partitions."""
    names = [each.name for each in _source_partitions(ground)]
    columns = ground.stage.rows.columns
    return any(columns[name][row] != columns[name][row + 1] for name in names)


def _source_partitions(ground: Ground) -> tuple[Any, ...]:
    source = table_of(ground).source
    return source.partitioned_by if source is not None else ()


def break_freshness(check: RowsFresh, ground: Ground) -> Iterator[Break | Unbreakable]:
    tries = alone(check, ground, _aged(check, ground))
    yield Break("every row older than promised", FindingCode.ROWS_STALE, tries)


def _aged(check: RowsFresh, ground: Ground) -> Iterator[Stage]:
    """The young rows alone, or all of them; else without the young ones."""
    contract, name, stage = table_of(ground), check.freshness.field, ground.stage
    type_ = stage.rows.schema.field(name).type
    old = stale(check.freshness, type_, ground.now)
    youngest = oldest_young(check.freshness, type_, ground.now)
    young = [row for row, each in enumerate(stage.rows.columns[name]) if each and each >= youngest]
    for aged in (young, range(stage.rows.count)):
        rows = stage.rows.copy()
        for number, row in enumerate(aged):
            if rows.columns[name][row] is not None:
                rows.columns[name][row] = old - number
        yield replace(stage, rows=ordered(contract, rows))
    left = [row for row in range(stage.rows.count) if row not in young]
    if left:
        yield _with_targets(ground, stage.rows.take(left))
