"""The classes of changes are what happens: readers of before read new files, and new readers old ones."""

import re
from collections.abc import Callable, Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext

from cst_contracts.datatypes import walk_nodes
from cst_contracts.drift.changes import diff
from cst_contracts.drift.compatibility import rule_of
from cst_contracts.drift.rules import RULES
from cst_contracts.drift.snapshot import SeenRelation, TableSnapshot, table_snapshot, type_text
from cst_contracts.drift.widths import holds_all
from cst_contracts.facts import TableFacts

Rows: TypeAlias = list[dict[str, Any]]
I32, I64, TEXT = pa.int32(), pa.int64(), pa.string()


def struct(*fields: pa.Field) -> pa.DataType:
    return pa.struct(fields)


def schema(*fields: pa.Field) -> pa.Schema:
    return pa.schema(fields)


def field(name: str, type_: pa.DataType, *, nullable: bool = True) -> pa.Field:
    return pa.field(name, type_, nullable)


X, Y = field("x", I32), field("y", TEXT)
NOT_NULL = field("x", I32, nullable=False)
#: By rule: a schema with rows that only it allows for, and another one with such rows.
CASES: list[tuple[str, pa.Schema, Rows, pa.Schema, Rows]] = []


def case(rule: str, before: list[pa.Field], old: Rows, after: list[pa.Field], new: Rows) -> None:
    CASES.append((rule, schema(*before), old, schema(*after), new))


case("field-added", [X], [{"x": 1}], [X, Y], [{"x": 1, "y": "a"}])
case(
    "required-field-added",
    [X],
    [{"x": 1}],
    [X, field("y", TEXT, nullable=False)],
    [{"x": 1, "y": "a"}],
)
case("field-removed", [X, Y], [{"x": 1, "y": "a"}], [X], [{"x": 1}])
case(
    "field-renamed",
    [X, field("order_id", TEXT, nullable=False)],
    [{"x": 1, "order_id": "a"}],
    [X, field("orderId", TEXT, nullable=False)],
    [{"x": 1, "orderId": "a"}],
)
case("type-widened", [X], [{"x": 2**31 - 1}], [field("x", I64)], [{"x": 2**31}])
case("type-narrowed", [field("x", I64)], [{"x": 2**31}], [X], [{"x": 1}])
case("type-changed", [X], [{"x": 1}], [field("x", TEXT)], [{"x": "a"}])
case("nullability-loosened", [NOT_NULL], [{"x": 1}], [X], [{"x": None}])
case("nullability-tightened", [X], [{"x": None}], [NOT_NULL], [{"x": 1}])

Wrap: TypeAlias = tuple[Callable[[list[pa.Field]], pa.DataType], Callable[[Any], Any]]
#: Types with a struct of the fields in them, and their values with a struct's in them.
WRAPS: list[Wrap] = [
    (lambda fields: pa.list_(pa.struct(fields)), lambda value: [value]),
    (pa.struct, lambda value: value),
    (lambda fields: pa.list_(struct(field("s", pa.struct(fields)))), lambda value: [{"s": value}]),
]
for wrap, wrapped in WRAPS:
    for rule_, before_, old_, after_, new_ in CASES[:9]:
        case(
            rule_,
            [field("l", wrap(list(before_)))],
            [{"l": wrapped(row)} for row in old_],
            [field("l", wrap(list(after_)))],
            [{"l": wrapped(row)} for row in new_],
        )


def attrs(*fields: pa.Field) -> pa.Field:
    return field("attrs", pa.map_(TEXT, struct(*fields)))


case(
    "map-field-added",
    [attrs(X)],
    [{"attrs": {"k": {"x": 1}}}],
    [attrs(X, Y)],
    [{"attrs": {"k": {"x": 1, "y": "a"}}}],
)
case(
    "map-field-removed",
    [attrs(X, Y)],
    [{"attrs": {"k": {"x": 1, "y": "a"}}}],
    [attrs(X)],
    [{"attrs": {"k": {"x": 1}}}],
)
case(
    "type-widened",
    [attrs(X)],
    [{"attrs": {"k": {"x": 1}}}],
    [attrs(field("x", I64))],
    [{"attrs": {"k": {"x": 2**31}}}],
)
case(
    "nullability-loosened",
    [field("l", pa.list_(field("item", I32, nullable=False)))],
    [{"l": [1]}],
    [field("l", pa.list_(I32))],
    [{"l": [None]}],
)
case(
    "nullability-tightened",
    [field("l", pa.list_(I32))],
    [{"l": [None]}],
    [field("l", pa.list_(field("item", I32, nullable=False)))],
    [{"l": [1]}],
)
case(
    "type-widened",
    [field("l", pa.list_(I32, 2))],
    [{"l": [1, 2]}],
    [field("l", pa.list_(I32))],
    [{"l": [1, 2, 3]}],
)
case(
    "type-narrowed",
    [field("l", pa.list_(I32))],
    [{"l": [1, 2, 3]}],
    [field("l", pa.list_(I32, 2))],
    [{"l": [1, 2]}],
)
IDS = [f"{rule}-{number}" for number, (rule, *_) in enumerate(CASES)]


def snapshot(fields: pa.Schema) -> TableSnapshot:
    seen = table_snapshot(SeenRelation(TableFacts("t", "parquet", fields)))
    assert isinstance(seen, TableSnapshot)
    return seen


def written(folder: Path, fields: pa.Schema, rows: Rows) -> Path:
    file = folder / "t.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=fields), file)
    return file


def is_read(file: Path, declared: pa.Schema) -> bool:
    """Whether the engine reads a file as it is declared: what both have, as it was written."""
    session = SessionContext()
    session.register_parquet("t", str(file), schema=declared)
    try:
        read = session.table("t").to_arrow_table().to_pylist()
    except Exception as error:
        if not re.search(r"cast|null|too (large|small)", str(error), re.IGNORECASE):
            raise
        return False
    return all(map(_agrees, read, pq.read_table(file).to_pylist()))


def _agrees(read: Any, stored: Any) -> bool:
    match read, stored:
        case dict(), dict():
            return all(_agrees(value, stored.get(name)) for name, value in read.items())
        case list(), list():
            return len(read) == len(stored) and all(map(_agrees, read, stored))
        case _:
            return bool(read == stored)


def is_there(promised: pa.Schema, now: pa.Schema) -> bool:
    """Whether a query of before finds each field by its name, of the type that it had, and null where it
    might be before."""
    nodes = {node.path: node.field for node in walk_nodes(now)}
    for node in walk_nodes(promised):
        found = nodes.get(node.path)
        if found is None or (found.nullable and not node.field.nullable):
            return False
        if type_text(found.type) != type_text(node.field.type):
            return False
    return True


@pytest.mark.parametrize(("rule", "before", "old", "after", "new"), CASES, ids=IDS)
def test_who_reads_what_is_as_the_rule_says(
    rule: str, before: pa.Schema, old: Rows, after: pa.Schema, new: Rows, tmp_path: Path
) -> None:
    assert {rule_of(change).id for change in diff(snapshot(before), snapshot(after))} == {rule}

    file = written(tmp_path, after, new)
    assert (is_read(file, before) and is_there(before, after)) is not RULES[rule].breaks_readers
    file = written(tmp_path, before, old)
    assert is_read(file, after) is not RULES[rule].breaks_writers


def test_all_rules_that_are_about_schemas_are_tried() -> None:
    kinds = ("fields", "types", "nullability")
    about = {rule.id for rule in RULES.values() if rule.kind in kinds}
    assert {rule for rule, *_ in CASES} == about - {"field-moved", "table-renamed"}


def test_a_reader_by_position_gets_another_fields_values_where_fields_moved(tmp_path: Path) -> None:
    session = SessionContext()
    for name, columns in (("old", {"a": [1], "b": [2]}), ("new", {"b": [2], "a": [1]})):
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
        session.register_parquet(name, str(tmp_path / f"{name}.parquet"))

    both = session.sql("SELECT * FROM old UNION ALL SELECT * FROM new").to_pylist()

    assert {"a": 2, "b": 1} in both
    assert RULES["field-moved"].breaks_readers
    assert RULES["field-moved"].breaks_writers


def test_a_new_name_reads_null_in_files_of_before_without_a_word(tmp_path: Path) -> None:
    file = written(tmp_path, schema(field("order_id", TEXT)), [{"order_id": "a"}])
    session = SessionContext()
    session.register_parquet("t", str(file), schema=schema(field("orderId", TEXT)))

    assert session.table("t").to_pylist() == [{"orderId": None}]


def test_readers_compute_in_the_narrower_type_without_a_word() -> None:
    sums = SessionContext().sql(
        "SELECT arrow_cast(2147483647, 'Int32') + arrow_cast(1, 'Int32') AS narrow, "
        "arrow_cast(2147483647, 'Int64') + arrow_cast(1, 'Int64') AS wide"
    )
    assert sums.to_pylist() == [{"narrow": -(2**31), "wide": 2**31}]


#: Types with the values at their ends, and one that only they hold.
ENDS: list[tuple[pa.DataType, list[Any]]] = [
    (pa.int8(), [-128, 127]),
    (pa.int16(), [-(2**15), 2**15 - 1]),
    (pa.int32(), [-(2**31), 2**31 - 1]),
    (pa.int64(), [-(2**63), 2**63 - 1]),
    (pa.uint8(), [0, 255]),
    (pa.uint16(), [0, 2**16 - 1]),
    (pa.uint32(), [0, 2**32 - 1]),
    (pa.uint64(), [0, 2**64 - 1]),
    (pa.float32(), [0.5, 2.0**100]),
    (pa.float64(), [0.1, 2.0**1000]),
    (pa.decimal128(10, 2), [Decimal("99999999.99")]),
    (pa.decimal128(12, 2), [Decimal("9999999999.99")]),
    (pa.decimal128(12, 4), [Decimal("99999999.9999")]),
    (pa.decimal128(20, 0), [Decimal(10**20 - 1)]),
    (pa.date32(), [date(1, 1, 1), date(9999, 12, 31)]),
    (pa.time32("ms"), [time(23, 59, 59, 999000)]),
    (pa.time64("us"), [time(23, 59, 59, 999999)]),
    (pa.binary(3), [b"abc"]),
    (pa.binary(), [b"abcd"]),
    (pa.string(), ["a"]),
    (pa.bool_(), [True, False]),
]


def widening_pairs() -> Iterator[tuple[pa.DataType, list[Any], pa.DataType]]:
    for narrow, values in ENDS:
        for wide, _ in ENDS:
            if holds_all(type_text(wide), type_text(narrow)):
                yield narrow, values, wide


def test_what_is_taken_for_wider_holds_the_ends_of_the_narrower(tmp_path: Path) -> None:
    pairs = list(widening_pairs())
    assert len(pairs) > 40
    for narrow, values, wide in pairs:
        file = written(tmp_path, schema(field("x", narrow)), [{"x": value} for value in values])
        assert is_read(file, schema(field("x", wide))), (narrow, wide)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (pa.decimal128(12, 4), pa.decimal128(10, 2)),
        (pa.decimal128(12, 2), pa.decimal128(10, 2)),
        (pa.int16(), pa.uint8()),
        (pa.float64(), pa.int32()),
        (pa.decimal128(10, 0), pa.int32()),
        (pa.decimal128(20, 0), pa.int64()),
    ],
)
def test_a_type_with_just_enough_room_is_wider(wide: pa.DataType, narrow: pa.DataType) -> None:
    assert holds_all(type_text(wide), type_text(narrow))
    assert not holds_all(type_text(narrow), type_text(wide))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (pa.int64(), pa.uint64()),
        (pa.uint64(), pa.int8()),
        (pa.float32(), pa.int32()),
        (pa.float64(), pa.int64()),
        (pa.decimal128(12, 4), pa.decimal128(12, 2)),
        (pa.decimal128(10, 2), pa.int32()),
    ],
)
def test_what_is_not_wider_fails_or_rounds(
    wide: pa.DataType, narrow: pa.DataType, tmp_path: Path
) -> None:
    values = next(values for type_, values in ENDS if type_ == narrow)
    file = written(tmp_path, schema(field("x", narrow)), [{"x": value} for value in values])

    assert not holds_all(type_text(wide), type_text(narrow))
    assert not is_read(file, schema(field("x", wide)))
