"""Nulls are counted as they are stored, whatever the session declares."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.observing import MEMORY, answered, null_counts, observer_over, refused, registry_of

from cst_contracts.contract.model import (
    Explode,
    Flatten,
    SourceContract,
    SourceFormat,
    Sql,
    ViewContract,
)
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.rows.plan import Queried
from cst_contracts.facts import Basis, NullCount, RowCount, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import NullsNeed, RowCountNeed, RowsReadNeed

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]
REFUSAL = "declared as non-nullable but contains null values"


def write(file: Path, table: pa.Table) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file)
    return file


def declared(file: Path, *fields: pa.Field) -> SessionContext:
    """A project's session that says more of the file than the file does."""
    context = SessionContext()
    context.register_parquet("t", str(file), schema=pa.schema(fields))
    return context


def required(name: str, type_: pa.DataType) -> pa.Field:
    return pa.field(name, type_, nullable=False)


SPAN = pa.struct([pa.field("lo", pa.int64()), pa.field("word", pa.string())])
ROW = st.fixed_dictionaries(
    {
        "span": st.none()
        | st.fixed_dictionaries(
            {
                "lo": st.none() | st.integers(0, 9),
                "word": st.none() | st.sampled_from(["", "x" * 20]),
            }
        ),
        "refs": st.none()
        | st.lists(st.none() | st.fixed_dictionaries({"r": st.none() | st.just(1)}), max_size=2),
        "attrs": st.none()
        | st.lists(st.tuples(st.sampled_from("ab"), st.none() | st.just("v")), max_size=2),
    }
)
SCHEMA = pa.schema(
    [
        ("span", SPAN),
        ("refs", pa.list_(pa.struct([("r", pa.int64())]))),
        ("attrs", pa.map_(pa.string(), pa.string())),
    ]
)


def expected(rows: list[dict[str, object]]) -> dict[str, tuple[int, int]]:
    spans = [row["span"] for row in rows]
    lists = [row["refs"] for row in rows]
    maps = [row["attrs"] for row in rows]
    elements = [each for found in lists if isinstance(found, list) for each in found]
    pairs = [pair for found in maps if isinstance(found, list) for pair in found]
    words = [span["word"] for span in spans if isinstance(span, dict)]
    slots: dict[str, list[object]] = {
        "span": spans,
        "span.word": words,
        "refs": lists,
        "refs[]": elements,
        "refs[].r": [each["r"] for each in elements if isinstance(each, dict)],
        "attrs": maps,
        "attrs{}.key": [key for key, _ in pairs],
        "attrs{}.value": [value for _, value in pairs],
    }
    return {path: (len(found), found.count(None)) for path, found in slots.items()}


@pytest.mark.parametrize("format_", [SourceFormat.PARQUET, SourceFormat.DELTA])
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROW, min_size=1, max_size=5))
def test_counts_through_storage_and_engine_are_those_of_the_rows(
    tmp_path: Path, observer: Build, format_: SourceFormat, rows: list[dict[str, object]]
) -> None:
    table = pa.Table.from_pylist(rows, SCHEMA)
    if format_ is SourceFormat.DELTA:
        write_deltalake(tmp_path / "t", table, mode="overwrite")
    else:
        write(tmp_path / "t" / "f.parquet", table)
    wanted = expected(rows)
    live = observer("t", format_)
    found = null_counts(live, "t", *wanted)
    assert answered(live, RowsReadNeed("t")) == RowCount(len(rows), Basis.SCAN)
    assert {path: (each.values, each.nulls) for path, each in found.items()} == wanted
    assert {each.rows for each in found.values()} == {len(rows)}


@pytest.mark.parametrize("format_", [SourceFormat.PARQUET, SourceFormat.DELTA])
def test_a_view_that_takes_structs_apart_counts_right(
    tmp_path: Path, observer: Build, format_: SourceFormat
) -> None:
    rows = [
        {"span": None, "refs": [None, {"r": 1}]},
        {"span": {"lo": 1, "word": "x"}, "refs": None},
    ]
    table = pa.Table.from_pylist(rows, pa.schema([SCHEMA.field("span"), SCHEMA.field("refs")]))
    if format_ is SourceFormat.DELTA:
        write_deltalake(tmp_path / "t", table)
    else:
        write(tmp_path / "t" / "f.parquet", table)
    views = [
        ViewContract("flat", Flatten("span"), "t", AT),
        ViewContract("each", Explode("refs"), "t", AT),
        ViewContract("all", Sql("SELECT span, refs FROM t"), "t", AT),
    ]
    live = observer("t", format_, views=views)
    assert null_counts(live, "flat", "lo", "word") == {
        "lo": NullCount(2, 1, rows=2),
        "word": NullCount(2, 1, rows=2),
    }
    assert null_counts(live, "each", "r") == {"r": NullCount(2, 1, rows=2)}
    assert null_counts(live, "all", "span.word", "refs[].r") == {
        "span.word": NullCount(1, 0, rows=2),
        "refs[].r": NullCount(1, 0, rows=2),
    }


def test_hive_partitions_are_counted(tmp_path: Path, observer: Build) -> None:
    for folder in ("k=x", "k=__HIVE_DEFAULT_PARTITION__"):
        write(tmp_path / "t" / folder / "f.parquet", pa.table({"a": [1, None]}))
    live = observer()
    assert null_counts(live, "t", "a", "k") == {
        "a": NullCount(4, 2, basis=Basis.STATISTICS, rows=4),
        "k": NullCount(4, 2, rows=4),  # the engine reads the folder's name
    }
    assert answered(live, RowsReadNeed("t")) == RowCount(4, Basis.SCAN)


def test_partition_values_of_a_delta_table_are_counted_by_its_log(
    tmp_path: Path, observer: Build
) -> None:
    """Two files with a list are two schemas to the engine, so that they are read one by one."""
    lists = [[{"r": 1}, None], None, [], [{"r": None}]]
    for keys in (["x", "x", None, None], ["y", None, "y", None]):
        rows = pa.table({"k": pa.array(keys, pa.string()), "l": lists, "n": [1, 2, None, 3]})
        write_deltalake(tmp_path / "t", rows, partition_by=["k"], mode="append")
    live = observer("t", SourceFormat.DELTA)
    assert null_counts(live, "t", "k", "l", "l[]", "l[].r", "n") == {
        "k": NullCount(8, 4, rows=8),
        "l": NullCount(8, 2, rows=8),
        "l[]": NullCount(6, 2, rows=8),
        "l[].r": NullCount(4, 2, rows=8),
        "n": NullCount(8, 2, rows=8),
    }
    (plan,) = live.plans()
    assert all(isinstance(answer, Queried) for answer in plan.answers)


def test_files_that_lack_a_field_count_as_null(tmp_path: Path, observer: Build) -> None:
    write(tmp_path / "t" / "1.parquet", pa.table({"a": [1]}))
    write(tmp_path / "t" / "2.parquet", pa.table({"a": [1], "b": [2]}))
    assert null_counts(observer(), "t", "b") == {"b": NullCount(2, 1, rows=2)}


def test_a_field_that_is_not_there_has_no_count_and_spoils_no_other(
    tmp_path: Path, observer: Build
) -> None:
    write(tmp_path / "t" / "f.parquet", pa.table({"a": [1, None]}))
    live = observer()
    live.prepare([NullsNeed("t", "none"), NullsNeed("t", "a"), NullsNeed("t", "a.x")])
    for path in ("none", "a.x"):
        error = refused(live, NullsNeed("t", path))
        assert (error.relation, error.trouble) == ("t", Trouble.FIELD)
        assert error.reason == f"it has no field {path} to count in"
    told = NullCount(2, 1, basis=Basis.STATISTICS, rows=2)
    assert null_counts(live, "t", "a") == {"a": told}


def test_where_there_is_no_field_to_count_in_the_rows_are_counted(
    tmp_path: Path, observer: Build
) -> None:
    write(tmp_path / "t" / "f.parquet", pa.table({"a": [1, None]}))
    live = observer()
    live.prepare([NullsNeed("t", "none")])
    assert answered(live, RowsReadNeed("t")) == RowCount(2, Basis.STATISTICS)


def test_nobody_has_read_rows_in_which_no_nulls_are_counted(
    tmp_path: Path, observer: Build
) -> None:
    write(tmp_path / "t" / "f.parquet", pa.table({"a": [1, None]}))
    assert answered(observer(), RowsReadNeed("t")) is None


def test_an_answer_is_remembered(tmp_path: Path, observer: Build) -> None:
    file = write(tmp_path / "t" / "f.parquet", pa.table({"a": [1, None]}))
    live = observer()
    first = answered(live, NullsNeed("t", "a"))
    file.unlink()
    assert answered(live, NullsNeed("t", "a")) is first


def test_pages_that_cannot_be_read_name_table_and_location(tmp_path: Path, observer: Build) -> None:
    """Under an intact footer, whose null count is believed unless the data must be verified."""
    file = write(tmp_path / "t" / "f.parquet", pa.table({"a": list(range(1000))}))
    data = file.read_bytes()
    file.write_bytes(data[:4] + b"\xff" * 2000 + data[2004:])
    live = observer()
    assert answered(live, RowCountNeed("t")) == RowCount(1000, Basis.STATISTICS)
    assert answered(live, NullsNeed("t", "a")).basis is Basis.STATISTICS
    verifying = observer(how=MeasuringOptions(MEMORY, verify_data=True))
    error = refused(verifying, NullsNeed("t", "a"))
    assert (error.relation, error.location) == ("t", f"{tmp_path.as_uri()}/t/")


def test_a_declared_not_null_over_nulls_is_refused_on_exactly_that_field(
    tmp_path: Path, observer: Build
) -> None:
    table = pa.table({"a": [1, None], "b": [1, None], "c": [1, 2], "d": [None, 2]})
    file = write(tmp_path / "t.parquet", table)
    fields = (required("a", pa.int64()), pa.field("b", pa.int64()), required("c", pa.int64()))
    context = declared(file, *fields, required("d", pa.int64()))
    live = observer("t.parquet", supplied=context)
    null = NullCount(0, 0, refusal=REFUSAL, rows=2)
    assert null_counts(live, "t", "a", "b", "c", "d") == {
        "a": null,
        "b": NullCount(2, 1, rows=2),
        "c": NullCount(2, 0, rows=2),
        "d": null,
    }
    assert answered(live, RowsReadNeed("t")) == RowCount(2, Basis.SCAN)


def test_below_a_refused_struct_the_stored_rows_are_counted(
    tmp_path: Path, observer: Build
) -> None:
    table = pa.table({"s": [None, {"lo": None, "word": "x"}, {"lo": 1, "word": "y"}]})
    file = write(tmp_path / "t.parquet", table)
    context = declared(file, required("s", SPAN))
    found = null_counts(observer("t.parquet", supplied=context), "t", "s", "s.lo", "s.word")
    assert found == {
        "s": NullCount(0, 0, refusal=REFUSAL, rows=3),
        "s.lo": NullCount(2, 1, rows=3),
        "s.word": NullCount(2, 0, rows=3),
    }


def test_without_a_storage_to_look_at_all_below_a_refused_struct_is_refused(tmp_path: Path) -> None:
    table = pa.table({"s": [None, {"lo": 1, "word": "x"}], "b": [None, 1]})
    file = write(tmp_path / "t.parquet", table)
    context = declared(file, required("s", SPAN), pa.field("b", pa.int64()))
    live = observer_over(registry_of(Relations({}, {}, {}), None, context))
    null = NullCount(0, 0, refusal=REFUSAL, rows=2)
    found = null_counts(live, "t", "s", "s.lo", "b")
    assert found == {"s": null, "s.lo": null, "b": NullCount(2, 1, rows=2)}


@pytest.mark.parametrize(
    "field",
    [
        pa.field("s", pa.struct([required("lo", pa.int64())])),
        pa.field("l", pa.list_(required("item", pa.int64()))),
    ],
)
def test_a_nested_not_null_that_the_engine_cannot_read_is_no_count(
    tmp_path: Path, observer: Build, field: pa.Field
) -> None:
    structs = pa.array([{"lo": None}], pa.struct([("lo", pa.int64())]))
    table = pa.table({"s": structs, "l": pa.array([[None]], pa.list_(pa.int64()))})
    file = write(tmp_path / "t.parquet", table)
    live = observer("t.parquet", supplied=declared(file, field))
    error = refused(live, NullsNeed("t", field.name))
    assert "Cannot cast nullable struct field" in error.reason


def test_rows_in_memory_are_counted_as_they_are() -> None:
    hidden = pa.StructArray.from_arrays(
        [pa.array([1, None, None])], ["lo"], mask=pa.array([True, False, True])
    )
    batch = pa.record_batch({"a": [1, None, 3], "s": hidden})
    context = SessionContext()
    context.register_record_batches("t", [[batch, batch.slice(1)], [batch.slice(0, 1)]])
    views = {"v": ViewContract("v", Flatten("s"), "t", AT)}
    live = observer_over(registry_of(Relations({}, views, {}), None, context))
    assert null_counts(live, "t", "a", "s", "s.lo") == {
        "a": NullCount(6, 2, rows=6),
        "s": NullCount(6, 4, rows=6),
        "s.lo": NullCount(2, 2, rows=6),
    }
    assert null_counts(live, "v", "lo") == {"lo": NullCount(6, 6, rows=6)}


def test_a_source_in_a_supplied_session_that_lacks_it_is_ours(tmp_path: Path) -> None:
    write(tmp_path / "t.parquet", pa.table({"a": [None, 1]}))
    source = SourceContract(SourceFormat.PARQUET, AT, (tmp_path / "t.parquet").as_uri())
    relations = Relations({"t": source}, {}, {})
    live = observer_over(registry_of(relations, None, SessionContext()))
    told = NullCount(2, 1, basis=Basis.STATISTICS, rows=2)
    assert null_counts(live, "t", "a") == {"a": told}
