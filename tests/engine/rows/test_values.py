"""Null counts through a live session, whatever the session declares."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cst_contracts.checks.needs import NullsNeed
from datafusion import SessionContext
from deltalake import write_deltalake
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measuring import MEMORY, values

from cst_contracts.contract.model import (
    Explode,
    Flatten,
    SourceContract,
    SourceFormat,
    Sql,
    ViewContract,
)
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.relations.registry import LiveCatalog
from cst_contracts.engine.rows.measurements import Measurements, Measuring
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, NullCount, ValueFacts
from cst_contracts.location import Location

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., LiveCatalog]
REFUSAL = "declared as non-nullable but contains null values"


def write(file: Path, table: pa.Table) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file)
    return file


def counted(live: LiveCatalog, *paths: str, name: str = "t") -> ValueFacts:
    found = values(live, name, paths)
    assert isinstance(found, ValueFacts), found
    return found


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
    tmp_path: Path, catalog: Build, format_: SourceFormat, rows: list[dict[str, object]]
) -> None:
    table = pa.Table.from_pylist(rows, SCHEMA)
    if format_ is SourceFormat.DELTA:
        write_deltalake(tmp_path / "t", table, mode="overwrite")
    else:
        write(tmp_path / "t" / "f.parquet", table)
    wanted = expected(rows)
    found = counted(catalog("t", format_), *wanted)
    assert (found.rows, found.basis) == (len(rows), Basis.SCAN)
    assert {path: (each.values, each.nulls) for path, each in found.nulls.items()} == wanted


@pytest.mark.parametrize("format_", [SourceFormat.PARQUET, SourceFormat.DELTA])
def test_a_view_that_takes_structs_apart_counts_right(
    tmp_path: Path, catalog: Build, format_: SourceFormat
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
    live = catalog("t", format_, views=views)
    assert counted(live, "lo", "word", name="flat").nulls == {
        "lo": NullCount(2, 1),
        "word": NullCount(2, 1),
    }
    assert counted(live, "r", name="each").nulls == {"r": NullCount(2, 1)}
    assert counted(live, "span.word", "refs[].r", name="all").nulls == {
        "span.word": NullCount(1, 0),
        "refs[].r": NullCount(1, 0),
    }


def test_hive_partitions_are_counted(tmp_path: Path, catalog: Build) -> None:
    for folder in ("k=x", "k=__HIVE_DEFAULT_PARTITION__"):
        write(tmp_path / "t" / folder / "f.parquet", pa.table({"a": [1, None]}))
    found = counted(catalog(), "a", "k")
    told = NullCount(4, 2, basis=Basis.STATISTICS)
    assert found.nulls == {"a": told, "k": NullCount(4, 2)}  # the engine reads the folder's name


def test_files_that_lack_a_field_count_as_null(tmp_path: Path, catalog: Build) -> None:
    write(tmp_path / "t" / "1.parquet", pa.table({"a": [1]}))
    write(tmp_path / "t" / "2.parquet", pa.table({"a": [1], "b": [2]}))
    assert counted(catalog(), "b").nulls == {"b": NullCount(2, 1)}


def test_without_a_field_to_count_the_rows_are_told(tmp_path: Path, catalog: Build) -> None:
    write(tmp_path / "t" / "f.parquet", pa.table({"a": [1, None]}))
    assert counted(catalog(), "none") == ValueFacts(2, Basis.STATISTICS)


def test_an_answer_is_remembered(tmp_path: Path, catalog: Build) -> None:
    file = write(tmp_path / "t" / "f.parquet", pa.table({"a": [1, None]}))
    measured = Measurements(catalog(), {}, Measuring(MEMORY))
    first = measured.answer("t", NullsNeed("a"))
    file.unlink()
    assert isinstance(first, ValueFacts)
    assert measured.answer("t", NullsNeed("a")) is first


def test_pages_that_cannot_be_read_name_table_and_location(tmp_path: Path, catalog: Build) -> None:
    """Under an intact footer, whose null count is believed unless the data must be verified."""
    file = write(tmp_path / "t" / "f.parquet", pa.table({"a": list(range(1000))}))
    data = file.read_bytes()
    file.write_bytes(data[:4] + b"\xff" * 2000 + data[2004:])
    live = catalog()
    assert live.row_count("t") == (1000, Basis.STATISTICS)
    proved = values(live, "t", ["a"])
    assert isinstance(proved, ValueFacts)
    assert proved.basis is Basis.STATISTICS
    error = values(live, "t", ["a"], Measuring(MEMORY, verify_data=True))
    assert isinstance(error, IntrospectionError)
    assert (error.table, error.location) == ("t", f"{tmp_path.as_uri()}/t/")


def test_a_declared_not_null_over_nulls_is_refused_on_exactly_that_field(
    tmp_path: Path, catalog: Build
) -> None:
    table = pa.table({"a": [1, None], "b": [1, None], "c": [1, 2], "d": [None, 2]})
    file = write(tmp_path / "t.parquet", table)
    fields = (required("a", pa.int64()), pa.field("b", pa.int64()), required("c", pa.int64()))
    context = declared(file, *fields, required("d", pa.int64()))
    found = counted(catalog("t.parquet", supplied=context), "a", "b", "c", "d")
    refused = NullCount(0, 0, refusal=REFUSAL)
    assert found.nulls == {"a": refused, "b": NullCount(2, 1), "c": NullCount(2, 0), "d": refused}
    assert (found.rows, found.basis) == (2, Basis.SCAN)


def test_below_a_refused_struct_the_stored_rows_are_counted(tmp_path: Path, catalog: Build) -> None:
    table = pa.table({"s": [None, {"lo": None, "word": "x"}, {"lo": 1, "word": "y"}]})
    file = write(tmp_path / "t.parquet", table)
    context = declared(file, required("s", SPAN))
    found = counted(catalog("t.parquet", supplied=context), "s", "s.lo", "s.word")
    assert found.nulls == {
        "s": NullCount(0, 0, refusal=REFUSAL),
        "s.lo": NullCount(2, 1),
        "s.word": NullCount(2, 0),
    }


def test_without_a_storage_to_look_at_all_below_a_refused_struct_is_refused(tmp_path: Path) -> None:
    table = pa.table({"s": [None, {"lo": 1, "word": "x"}], "b": [None, 1]})
    file = write(tmp_path / "t.parquet", table)
    context = declared(file, required("s", SPAN), pa.field("b", pa.int64()))
    live = LiveCatalog(context, Relations({}, {}, {}), None, supplied=True)
    refused = NullCount(0, 0, refusal=REFUSAL)
    found = counted(live, "s", "s.lo", "b")
    assert found.nulls == {"s": refused, "s.lo": refused, "b": NullCount(2, 1)}


@pytest.mark.parametrize(
    "field",
    [
        pa.field("s", pa.struct([required("lo", pa.int64())])),
        pa.field("l", pa.list_(required("item", pa.int64()))),
    ],
)
def test_a_nested_not_null_that_the_engine_cannot_read_is_no_count(
    tmp_path: Path, catalog: Build, field: pa.Field
) -> None:
    structs = pa.array([{"lo": None}], pa.struct([("lo", pa.int64())]))
    table = pa.table({"s": structs, "l": pa.array([[None]], pa.list_(pa.int64()))})
    file = write(tmp_path / "t.parquet", table)
    error = values(catalog("t.parquet", supplied=declared(file, field)), "t", [field.name])
    assert isinstance(error, IntrospectionError)
    assert "Cannot cast nullable struct field" in error.cause


def test_rows_in_memory_are_counted_as_they_are() -> None:
    hidden = pa.StructArray.from_arrays(
        [pa.array([1, None, None])], ["lo"], mask=pa.array([True, False, True])
    )
    batch = pa.record_batch({"a": [1, None, 3], "s": hidden})
    context = SessionContext()
    context.register_record_batches("t", [[batch, batch.slice(1)], [batch.slice(0, 1)]])
    views = {"v": ViewContract("v", Flatten("s"), "t", AT)}
    live = LiveCatalog(context, Relations({}, views, {}), None, supplied=True)
    assert counted(live, "a", "s", "s.lo").nulls == {
        "a": NullCount(6, 2),
        "s": NullCount(6, 4),
        "s.lo": NullCount(2, 2),
    }
    assert counted(live, "lo", name="v").nulls == {"lo": NullCount(6, 6)}


def test_a_source_in_a_supplied_session_that_lacks_it_is_ours(tmp_path: Path) -> None:
    write(tmp_path / "t.parquet", pa.table({"a": [None, 1]}))
    source = SourceContract(SourceFormat.PARQUET, AT, (tmp_path / "t.parquet").as_uri())
    live = LiveCatalog(SessionContext(), Relations({"t": source}, {}, {}), None, supplied=True)
    assert counted(live, "a").nulls == {"a": NullCount(2, 1, basis=Basis.STATISTICS)}
