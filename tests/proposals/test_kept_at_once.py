"""Whatever the tables are like, the contracts that are written for them are kept by them at once."""

import shutil
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from datafusion import SessionContext
from deltalake import write_deltalake
from support.delta_logs import declare_not_null
from support.starting import Starting, red

from cst_contracts.extract.flat import write_flat_delta
from cst_contracts.proposals.finding import given_tables, stored_tables
from cst_contracts.proposals.tables import Proposed
from cst_contracts.proposals.writing import Started

ITEM = pa.struct(
    [
        pa.field("sku", pa.string(), nullable=False),
        pa.field("size", pa.struct([("n", pa.int32()), ("unit", pa.string())])),
    ]
)
NESTED = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("items", pa.list_(pa.field("element", ITEM, nullable=False)), nullable=False),
        pa.field("attrs", pa.map_(pa.string(), pa.struct([("z", pa.int8())]))),
        pa.field("none_yet", pa.list_(pa.struct([pa.field("sku", pa.string(), nullable=False)]))),
    ]
)
NESTED_ROWS = [
    {
        "id": 1,
        "items": [{"sku": "a", "size": {"n": 1}}],
        "attrs": [("a", {"z": 1})],
        "none_yet": [],
    },
    {"id": 2, "items": [], "attrs": None, "none_yet": None},
]


def written(started: Started) -> dict[str, int]:
    """The tables with their rows; nothing went wrong with any of them."""
    assert started.unwritten == ()
    assert [proposal.red for _, proposal in started.written] == [()] * len(started.written)
    return {proposal.table: proposal.rows for _, proposal in started.written}


def test_the_tables_of_libcst_nested_and_flat_in_parquet_and_delta(
    starting: Starting, clean_lake: Path
) -> None:
    shutil.copytree(clean_lake, starting.lake, dirs_exist_ok=True)
    write_flat_delta(starting.lake, starting.lake / "delta", ("refs", "defs"))

    tables = written(starting.start(*Proposed))

    assert {"libcst_files_v1", "delta.cst_refs", "delta.cst_defs"} <= set(tables)
    assert red(starting.checked()) == []
    nested = starting.text("libcst_files_v1")
    assert "nullability: strict\n" in nested
    assert "  ordered_by: [path, file_id]  # the footers claim it, and " in nested
    cst_id = "nullable: false, nullability: strict, metadata: {semantic: NodeId}"
    assert f"      - {{name: cst_id, type: int64, {cst_id}}}\n" in nested
    refs = starting.text("delta_cst_refs")
    assert "  partitioned_by: [repo]\n" in refs
    assert "  - [ref_id]  # unique in " in refs
    assert "  - {fields: [file_id], table: libcst_files_v1, to: [file_id]}  # all " in refs


def test_text_and_arrow(starting: Starting) -> None:
    (starting.lake / "c.csv").write_text("id,name,day\n1,x,2026-01-01\n2,,2026-01-02\n")
    (starting.lake / "j.json").write_text('{"b": 1, "a": {"y": [1, 2]}}\n{"b": null, "a": null}\n')
    with pa.ipc.new_file(starting.lake / "a.arrow", pa.schema([("a", pa.int64())])) as file:
        file.write_table(pa.table({"a": [1, 2]}))

    assert written(starting.start(Proposed.KEYS)) == {"a": 2, "c": 2, "j": 2}

    assert red(starting.checked()) == []
    assert starting.text("c") == (
        "table: c\nversion: 1.0.0\n\nsource: {format: csv, location: c.csv}\n\nfields:\n"
        "  - {name: id, type: int64, nullable: false}  # no null in 2 rows (scan)\n"
        "  - {name: name, type: string}\n"
        "  - {name: day, type: date32, nullable: false}  # no null in 2 rows (scan)\n\n"
        "keys:\n  - [id]  # unique in 2 rows\n"
    )


def test_text_that_no_comma_splits(starting: Starting) -> None:
    (starting.lake / "c.csv").write_text("id;name\n1;x\n2;\n")
    (starting.lake / "t.csv").write_text("id\tname\n1\tx\n2\t\n")
    (starting.lake / "one.csv").write_text("id\n1\n")

    assert written(starting.start()) == {"c": 2, "one": 1, "t": 2}

    assert red(starting.checked()) == []
    assert '  options: {delimiter: ";"}\n' in starting.text("c")
    assert '  options: {delimiter: "\\t"}\n' in starting.text("t")
    assert "  - {name: name, type: string}\n" in starting.text("c")
    assert "options" not in starting.text("one")


def test_every_type_that_parquet_has(starting: Starting) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    columns = {
        "moment": pa.array([now], pa.timestamp("us", "UTC")),
        "day": pa.array([date(2026, 1, 1)]),
        "time": pa.array([time(1)], pa.time64("us")),
        "bytes": pa.array([b"x"]),
        "fixed": pa.array([b"xx"], pa.binary(2)),
        "half": pa.array([1.5], pa.float16()),
        "money": pa.array([Decimal("1.5")], pa.decimal128(10, 2)),
        "great": pa.array([Decimal("1.5")], pa.decimal256(40, 2)),
        "long": pa.array([timedelta(1)], pa.duration("us")),
        "pair": pa.array([[1, 2]], pa.list_(pa.int8(), 2)),
        "many": pa.array([["a"]], pa.large_list(pa.large_string())),
        "coded": pa.array(["a"]).dictionary_encode(),
        "nothing": pa.nulls(1),
    }
    starting.write("types.parquet", columns)

    assert written(starting.start()) == {"types": 1}

    assert red(starting.checked()) == []
    assert (
        '  - {name: money, type: "decimal128(10, 2)", nullable: false}  # no null'
        in starting.text("types")
    )
    assert '  - {name: nothing, type: "null"}\n' in starting.text("types")


def test_nested_fields_and_lists_without_an_element_in_parquet_and_delta(
    starting: Starting,
) -> None:
    rows = pa.Table.from_pylist(NESTED_ROWS, schema=NESTED)
    starting.write("one/nested.parquet", rows)
    write_deltalake(starting.lake / "other", rows)

    assert written(starting.start()) == {"one": 2, "other": 2}

    assert red(starting.checked()) == []
    assert starting.text("one") == (
        "table: one\nversion: 1.0.0\n\nsource: {format: parquet, location: one}\n\n"
        "nullability: strict\n\nfields:\n"
        "  - {name: id, type: int64, nullable: false}\n\n"
        "  - name: items\n"
        '    type: "list<item: struct not null>"\n'
        "    nullable: false\n"
        "    fields:\n"
        "      - {name: sku, type: string, nullable: false}\n"
        "      - name: size\n"
        "        type: struct\n"
        "        nullable: false  # no null in 1 value (scan)\n"
        "        nullability: values\n"
        "        fields:\n"
        "          - {name: n, type: int32, nullable: false}  # no null in 1 value (scan)\n"
        "          - {name: unit, type: string}\n\n"
        "  - name: attrs\n"
        '    type: "map<string, struct>"\n'
        "    fields:\n"
        "      - {name: z, type: int8, nullable: false, nullability: values}"
        "  # no null in 1 value (scan)\n\n"
        '  - {name: none_yet, type: "list<struct<sku: string not null>>", allow_empty: true}\n'
    )


def test_partitions_of_folders_and_of_a_delta_log(starting: Starting) -> None:
    rows = {"x": [1, 2], "y": ["a", None]}
    for country in ("de", "fr"):
        starting.write(f"hive/country={country}/part-0.parquet", rows)
    starting.write("unknown/country=__HIVE_DEFAULT_PARTITION__/part-0.parquet", rows)
    write_deltalake(
        starting.lake / "log", pa.table({"id": [1, 2], "p": ["x", "y"]}), partition_by=["p"]
    )

    started = starting.start()

    assert written(started) == {"hive": 4, "log": 2, "unknown": 2}
    assert red(starting.checked()) == []
    assert "  partitioned_by: [country]\n" in starting.text("hive")
    assert "  - {name: country, type: string, nullable: false}" in starting.text("hive")
    assert "  partitioned_by: [p]\n" in starting.text("log")
    assert "partitioned_by" not in starting.text("unknown")
    assert starting.text("unknown").startswith(
        "# partitioned by country, which is not promised: "
        "the engine reads '__HIVE_DEFAULT_PARTITION__' as text\n"
    )


def test_names_that_no_identifier_has(starting: Starting) -> None:
    names = ['a"b', "a.b", "a b", "Upper", "select", "x,y", "null", "é", "yes", "a'b", "1", "[x]"]
    starting.write("Odd Name's (1).parquet", {name: [1, 2] for name in names})
    inner = pa.array([dict.fromkeys(names, 1)] * 2)
    starting.write("below.parquet", {"s": inner})

    assert written(starting.start(Proposed.KEYS)) == {"Odd Name's (1)": 2, "below": 2}

    assert red(starting.checked()) == []
    assert sorted(path.name for path in (starting.root / "contracts").iterdir()) == [
        "Odd_Name_s_1.yaml",
        "below.yaml",
    ]


def test_tables_without_a_row(starting: Starting) -> None:
    bare = pa.table({"a": pa.array([], pa.int64()), "l": pa.array([], pa.list_(pa.int64()))})
    starting.write("files.parquet", bare)
    write_deltalake(starting.lake / "log", bare)

    assert written(starting.start(Proposed.KEYS)) == {"files": 0, "log": 0}

    assert red(starting.checked()) == []
    assert "  allow_empty: true  # there is no row\n" in starting.text("files")


def test_files_that_disagree_in_fields_are_named(starting: Starting) -> None:
    starting.write("t/part-0.parquet", {"a": [1], "b": ["x"], "c": [1]})
    starting.write("t/part-1.parquet", {"a": [1], "b": ["x"]})

    assert written(starting.start()) == {"t": 2}

    assert red(starting.checked()) == []
    told = "  missing_in_files: allow  # c is missing in part-1.parquet, 1 of 2 files\n"
    assert told in starting.text("t")
    assert "  - {name: c, type: int64}\n" in starting.text("t")


def test_files_of_another_schema_are_named(starting: Starting) -> None:
    for number in range(3):
        starting.write(f"t/part-{number}.parquet", {name: [1] for name in "abcd"})
    starting.write("t/part-9.parquet", {"z": [1]})

    assert written(starting.start()) == {"t": 4}

    assert red(starting.checked()) == []
    told = "  missing_in_files: allow  # most fields are missing in part-9.parquet, 1 of 4 files\n"
    assert told in starting.text("t")


def test_files_that_nobody_reads_are_named(starting: Starting) -> None:
    starting.write("t/day=1/part-0.parquet", {"a": [1]})
    starting.write("t/day=1/old.parquet.bak", {"a": [1]})

    assert written(starting.start()) == {"t": 1}

    assert red(starting.checked()) == []
    assert "  ignore: [day=1/old.parquet.bak]  # nobody reads them\n" in starting.text("t")


def test_an_order_that_footers_claim_is_promised_where_it_is_true(starting: Starting) -> None:
    by_t = [pq.SortingColumn(0)]
    starting.write("true.parquet", {"t": [1, 2, 3]}, sorting_columns=by_t)
    starting.write("lie.parquet", {"t": [3, 2, 3]}, sorting_columns=by_t)

    assert written(starting.start()) == {"lie": 3, "true": 3}

    assert red(starting.checked()) == []
    told = "  ordered_by: [t]  # the footers claim it, and 3 rows are in it (scan)\n"
    assert told in starting.text("true")
    lie = "# not ordered by t, though the footers claim it: 1 of 3 rows are out of it\n"
    assert starting.text("lie").startswith(lie)
    assert "ordered_by" not in starting.text("lie")


def test_a_true_order_that_no_plan_would_use_is_told_and_not_promised(starting: Starting) -> None:
    """Each file is sorted, and their ranges overlap."""
    for number in range(40):
        rows = {"t": [number % 3, 9, 10]}
        starting.write(f"t/part-{number:02}.parquet", rows, sorting_columns=[pq.SortingColumn(0)])

    assert written(starting.start()) == {"t": 120}

    assert red(starting.checked()) == []
    text = starting.text("t")
    assert text.startswith(
        "# rows are ordered by t, which is not promised: order[plan] is broken: "
    )
    assert "ordered_by" not in text


def test_flags_that_are_not_true_are_not_promised(starting: Starting) -> None:
    """A session's own registration may declare what its rows do not keep."""
    starting.write("t.parquet", {"a": [1, None], "b": [1, 2]})
    session = SessionContext()
    declared = pa.schema(
        [pa.field("a", pa.int64(), nullable=False), pa.field("b", pa.int64(), nullable=False)]
    )
    session.register_parquet("t", str(starting.lake / "t.parquet"), schema=declared)

    written(starting.start(found=given_tables(session, ()), session=session))

    assert red(starting.checked(session)) == []
    assert "  - {name: a, type: int64}  # declared not null, and " in starting.text("t")
    assert "  - {name: b, type: int64, nullable: false}\n" in starting.text("t")


def test_flags_in_the_text_of_a_type_are_no_other(starting: Starting) -> None:
    """A log may say what its rows, written by others, do not keep."""
    rows = pa.table({"l": [["a", None]], "m": [["a", "b"]]})
    write_deltalake(starting.lake / "t", rows)
    declare_not_null(starting.lake / "t", "l", "m")

    assert written(starting.start()) == {"t": 1}

    assert red(starting.checked()) == []
    assert "  - {name: l, type: list<string>, nullable: false}\n" in starting.text("t")
    assert '  - {name: m, type: "list<item: string not null>", nullable: false}\n' in starting.text(
        "t"
    )


def test_the_tables_and_views_of_a_session(starting: Starting) -> None:
    starting.write("orders.parquet", {"id": ["a", "b"], "total": [-1, 2]})
    session = SessionContext()
    session.register_parquet("orders", str(starting.lake / "orders.parquet"))
    session.sql("CREATE VIEW sums AS SELECT lower(id) AS low, abs(total) AS total FROM orders")

    tables = written(starting.start(found=given_tables(session, ()), session=session))

    assert tables == {"orders": 2, "sums": 2}
    assert red(starting.checked(session)) == []
    assert "source" not in starting.text("orders")
    assert "source: {format: view}\n" in starting.text("sums")
    assert starting.text("sums").endswith("functions: [abs, lower]\n")


def test_a_source_without_an_end_and_a_name_that_is_none_are_told(starting: Starting) -> None:
    starting.write("t.parquet", {"": [1]})
    (starting.lake / "s.csv").write_text("a\n1\n")
    session = SessionContext()
    stream = f"STORED AS CSV LOCATION '{starting.lake / 's.csv'}'"
    session.sql(f"CREATE UNBOUNDED EXTERNAL TABLE s (a BIGINT) {stream}")

    (endless,) = starting.start(found=given_tables(session, ()), session=session).unwritten
    (nameless,) = starting.start(found=stored_tables(["lake/t.parquet"], None)).unwritten

    assert endless.reason.startswith("it is a source without an end, whose rows come once")
    assert nameless.reason.startswith("no contract can say what it is: contracts/t.yaml:")


def test_metadata_that_all_files_agree_on(starting: Starting) -> None:
    def rows(unit: str) -> pa.Table:
        told = {"unit": unit, "semantic": "Length", "comment": "How long,\n  outside."}
        stored = {**told, "delta.typeName": "long", "": "nothing"}
        schema = pa.schema([pa.field("a", pa.int64(), metadata=stored)])
        return pa.table({"a": [1]}, schema=schema)

    starting.write("t/part-0.parquet", rows("m"))
    starting.write("t/part-1.parquet", rows("mm"))

    assert written(starting.start()) == {"t": 2}

    assert red(starting.checked()) == []
    said = 'metadata: {semantic: Length}, description: "How long, outside."'
    assert f"  - {{name: a, type: int64, nullable: false, {said}}}  # no null" in starting.text("t")


def test_a_table_elsewhere_is_named_by_its_url(starting: Starting, tmp_path: Path) -> None:
    elsewhere = starting.write("../other/t.parquet", {"a": [1]})

    started = starting.start(found=stored_tables([str(elsewhere)], str(starting.lake)))

    assert written(started) == {"t": 1}
    assert red(starting.checked()) == []
    url = (tmp_path / "other" / "t.parquet").as_uri()
    assert f'source: {{format: parquet, location: "{url}"}}\n' in starting.text("t")


def test_places_and_lakes_may_be_urls(starting: Starting) -> None:
    starting.write("a b/t.parquet", {"a": [1]})
    lake = (starting.lake / "a b").as_uri()

    by_lake = stored_tables((), lake)
    by_file = stored_tables([f"{lake}/t.parquet"], None)

    assert (by_lake.lake, [each.location for each in by_lake.sources]) == (lake, ["t.parquet"])
    assert [each.location for each in by_file.sources] == ["lake/a b/t.parquet"]
    assert written(starting.start(found=by_lake)) == {"t": 1}


def test_tables_of_one_name_are_told_apart(starting: Starting) -> None:
    starting.write("t.parquet", {"a": [1]})
    starting.write("T/part-0.parquet", {"a": [1]})
    (starting.lake / "t.csv").write_text("a\n1\n")

    assert written(starting.start()) == {"T_parquet_2": 1, "t": 1, "t_parquet": 1}

    assert red(starting.checked()) == []
