"""Breaks promises about schemas: that a table is there, its fields, their types, flags and metadata."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.field_set import FieldsComplete
from cst_contracts.checks.fields import FieldKept
from cst_contracts.checks.metadata import MetadataKept
from cst_contracts.checks.partitions import PartitionKept
from cst_contracts.checks.snapshots import SchemaSnapshot
from cst_contracts.checks.source import SourceRead
from cst_contracts.checks.tables import TablePresent
from cst_contracts.contract.clauses.source import TEXT_FORMATS
from cst_contracts.contract.model import (
    NullabilityMode,
    SourceFormat,
)
from cst_contracts.datatypes import find_node, top_level
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable
from cst_contracts.proof.breakers.touching import touches
from cst_contracts.proof.retyping import retyped
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.staging import register
from cst_contracts.sql.names import HIVE_NULL

_EXTRA = "cst_extra"


def break_table(check: TablePresent, ground: Ground) -> Iterator[Break | Unbreakable]:
    gone = replace(ground.stage, absent=True)
    yield Break("no such table", FindingCode.TABLE_MISSING, [gone])


def break_source(check: SourceRead, ground: Ground) -> Iterator[Break | Unbreakable]:
    """The session has a table of that name that it does not read from there: a copy in memory, of one row
    less."""
    rows = ground.stage.rows
    fewer = rows.take(range(rows.count - 1)) if rows.count > 1 else rows.take([0, 0])

    def other(session: SessionContext) -> None:
        register(session, check.table, fewer.table())

    yield Break(
        "the session reads other rows",
        FindingCode.SOURCE_DIFFERS,
        [replace(ground.stage, session=(other,))],
        lambda _: True,
    )


def break_fields(check: FieldsComplete, ground: Ground) -> Iterator[Break | Unbreakable]:
    rows = ground.stage.rows
    if check.forbid_extra:
        more = Rows(
            rows.schema.append(pa.field(_EXTRA, pa.string())),
            {**rows.columns, _EXTRA: ["a"] * rows.count},
        )
        stage = replace(ground.stage, rows=more)
        yield Break("one field more", FindingCode.FIELD_UNPROMISED, [stage], _of_schema)
    partitions = set(ground.stage.layout.partitioned_by)
    movable = [name for name in check.ordered if name not in partitions]
    if len(movable) > 1 and _has_field_order(ground):
        first, second = movable[:2]
        names = [{first: second, second: first}.get(name, name) for name in rows.schema.names]
        fields = [rows.schema.field(name) for name in names]
        swapped = Rows(pa.schema(fields, rows.schema.metadata), rows.columns)
        stage = replace(ground.stage, rows=swapped)
        yield Break("two fields swapped", FindingCode.FIELD_ORDER, [stage], _of_field_order)
    if not check.forbid_extra and not (check.ordered and _has_field_order(ground)):
        why = "`extra_fields: allow` and `field_order: any` let any others be there, in any order"
        yield Unbreakable(why, counted=False)


def _reads_by_promise(ground: Ground) -> bool:
    """Whether fields have no names of their own, so that they are read in the promised sequence."""
    layout = ground.stage.layout
    return layout.format is SourceFormat.CSV and not layout.options.header


def _has_field_order(ground: Ground) -> bool:
    """JSON has objects, whose fields have no order."""
    return not _reads_by_promise(ground) and ground.stage.layout.format is not SourceFormat.JSON


def _of_schema(check: Check) -> bool:
    return isinstance(check, SchemaSnapshot) or check.id in ("delta[parity]", "fields")


def _of_field_order(check: Check) -> bool:
    return isinstance(check, FieldKept) or _of_schema(check)


def break_field(check: FieldKept, ground: Ground) -> Iterator[Break | Unbreakable]:
    """Its type, that it is there, its flag and its metadata, as far as the format has them."""
    path, layout = check.field.path, ground.stage.layout
    node = find_node(ground.stage.rows.schema, path)
    if node is None:
        yield Unbreakable("no way leads to it in a schema", counted=False)
        return

    def hangs(other: Check) -> bool:
        return touches(other, path)

    if layout.is_foldered(top_level(path)):
        yield Unbreakable("a partition's name, type and values are partition[…]'s", counted=False)
        return
    text = layout.format in TEXT_FORMATS
    if pa.types.is_null(node.field.type):
        yield Unbreakable("of a field of nulls, every other type is as good", counted=False)
    elif layout.format is SourceFormat.CSV and _is_text(node.field.type):
        yield Unbreakable("whatever stands in CSV is text", counted=False)
    else:
        other = Rows(ground.stage.rows.schema, ground.stage.rows.copy().columns)
        stage = replace(
            ground.stage, rows=_of_another_type(other, path, node.field.type, text=text)
        )
        yield Break(f"another type of {path}", FindingCode.TYPE_MISMATCH, [stage], hangs)
    if check.parent is None and not _reads_by_promise(ground):
        yield from _break_presence(check, ground, hangs)
    if not text:
        yield from _break_flag(check, ground, hangs)
        yield from _break_metadata(check, ground, hangs)
        yield from _break_one_file(check, ground, hangs)


def _break_presence(
    check: FieldKept, ground: Ground, hangs: Callable[[Check], bool]
) -> Iterator[Break | Unbreakable]:
    name, stage = check.field.name, ground.stage
    rest = [each for each in stage.rows.schema if each.name != name]
    if {each.name for each in rest} <= set(stage.layout.partitioned_by):
        return  # a file has to have a field
    schema = pa.schema(rest, stage.rows.schema.metadata)
    rows = Rows(schema, {each: stage.rows.columns[each] for each in schema.names})
    partitions = tuple(each for each in stage.layout.partitioned_by if each != name)
    without = replace(stage, rows=rows, layout=replace(stage.layout, partitioned_by=partitions))
    yield Break(f"no {check.field.path}", FindingCode.FIELD_MISSING, [without], hangs)


def _break_flag(
    check: FieldKept, ground: Ground, hangs: Callable[[Check], bool]
) -> Iterator[Break | Unbreakable]:
    if check.field.nullable or check.nullability is not NullabilityMode.STRICT:
        return
    path = check.field.path
    schema = retyped(
        ground.stage.rows.schema,
        lambda at, field: field.with_nullable(True) if at == path else field,  # noqa: FBT003
    )
    stage = replace(ground.stage, rows=Rows(schema, ground.stage.rows.columns))
    yield Break(f"{path} declared nullable", FindingCode.DECLARED_NULLABLE, [stage], hangs)


def _break_metadata(
    check: FieldKept, ground: Ground, hangs: Callable[[Check], bool]
) -> Iterator[Break | Unbreakable]:
    if not check.field.metadata:
        return
    path, (key, value) = check.field.path, check.field.metadata[0]

    def change(at: str, each: pa.Field) -> pa.Field:
        told = {**(each.metadata or {}), key.encode(): f"{value}, not".encode()}
        return each.with_metadata(told) if at == path else each

    schema = retyped(ground.stage.rows.schema, change)
    stage = replace(ground.stage, rows=Rows(schema, ground.stage.rows.columns))
    yield Break(f"other metadata of {path}", FindingCode.METADATA_MISMATCH, [stage], hangs)


def _break_one_file(
    check: FieldKept, ground: Ground, hangs: Callable[[Check], bool]
) -> Iterator[Break | Unbreakable]:
    if check.in_files is None or not check.in_files.forbids_missing or check.parent is not None:
        return
    if not ground.stage.cuts or len(ground.stage.rows.schema) < 2 or not check.field.nullable:
        return
    lacking = replace(ground.stage, lacking={1: frozenset({check.field.name})})
    code = FindingCode.FIELD_MISSING_IN_FILES
    yield Break(f"a file without {check.field.path}", code, [lacking], hangs)


def _is_text(type_: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    )


def _of_another_type(rows: Rows, path: str, type_: pa.DataType, *, text: bool) -> Rows:
    """Values that were different stay so, and nulls stay nulls."""
    other, make = _another_text(type_) if text else _another(type_)
    numbers: dict[str, int] = {}
    for slot in rows.slots(path):
        if slot.value is not None:
            slot.put(make(numbers.setdefault(repr(slot.value), len(numbers))))
    schema = retyped(rows.schema, lambda at, field: field.with_type(other) if at == path else field)
    return Rows(schema, rows.columns)


def _another_text(type_: pa.DataType) -> tuple[pa.DataType, Callable[[int], Any]]:
    """Text knows no widths: what is no text becomes some."""
    return _another(type_) if _is_text(type_) else (pa.string(), lambda n: f"x{n}")


def _another(type_: pa.DataType) -> tuple[pa.DataType, Callable[[int], Any]]:
    """One that no engine takes for the same, and its n-th value."""
    if pa.types.is_dictionary(type_):
        return _another(type_.value_type)
    if _is_text(type_):
        return pa.int64(), lambda n: n
    if pa.types.is_int64(type_):
        return pa.int32(), lambda n: n
    if pa.types.is_integer(type_) or pa.types.is_boolean(type_):
        return pa.int64(), lambda n: n
    if pa.types.is_float64(type_):
        return pa.float32(), float
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return pa.float64(), float
    return pa.string(), lambda n: f"x{n}"


def break_metadata(check: MetadataKept, ground: Ground) -> Iterator[Break | Unbreakable]:
    rows, key = ground.stage.rows, check.promised.key
    told = {**(rows.schema.metadata or {}), key.encode(): f"{check.promised.value}, not".encode()}
    stage = replace(ground.stage, rows=Rows(rows.schema.with_metadata(told), rows.columns))
    yield Break(f"another {key}", FindingCode.METADATA_MISMATCH, [stage], _of_schema)


def break_partition(check: PartitionKept, ground: Ground) -> Iterator[Break | Unbreakable]:
    """A folder whose name says null, or storage that is not partitioned at all."""
    name, stage = check.partition.name, ground.stage

    def renamed(place: Path) -> None:
        folder = next(each for each in sorted(place.rglob(f"{name}=*")) if each.is_dir())
        shutil.move(folder, folder.with_name(f"{name}={HIVE_NULL}"))

    def hangs(other: Check) -> bool:
        return isinstance(other, PartitionKept) or touches(other, name) or _of_schema(other)

    if stage.layout.format is SourceFormat.DELTA:
        rest = tuple(each for each in stage.layout.partitioned_by if each != name)
        flat = replace(stage, layout=replace(stage.layout, partitioned_by=rest))
        yield Break(f"not partitioned by {name}", FindingCode.PARTITION_MISSING, [flat], hangs)
        return
    what = f"a folder {name}={HIVE_NULL}"
    tries = [replace(stage, files=(renamed,))]
    yield Break(what, FindingCode.PARTITION_VALUE, tries, hangs)
