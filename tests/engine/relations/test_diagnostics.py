"""What the engine says of every field and node of a relation, rows or no rows, views of strings or none."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from deltalake import write_deltalake

from cst_contracts.contract.model import Expand, SourceFormat, Sql, ViewContract
from cst_contracts.datatypes import walk_nodes
from cst_contracts.engine.relations.registry import LiveCatalog
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import FieldDiagnostic, TableFacts
from cst_contracts.location import Location

AT = Location("contracts/t.yaml", 1, 1)
TEXTS = pa.map_(pa.string(), pa.string())
REF = pa.struct(
    [
        pa.field("ref_id", pa.string(), nullable=False, metadata={"semantic": "RefId"}),
        pa.field("attrs", TEXTS),
    ]
)
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False, metadata={"semantic": "Id"}),
        pa.field("refs", pa.list_(pa.field("item", REF, nullable=False))),
        pa.field("span", pa.struct([pa.field("lo", pa.int64(), nullable=False)])),
        pa.field('od "d', pa.int8()),
    ]
)
EXPECTED = [
    ("id", "Utf8", False, {"semantic": "Id"}),
    ("refs", "List(non-null Struct(\"ref_id\": non-null Utf8, \"attrs\": Map(\"entries\": non-null "
     "Struct(\"key\": non-null Utf8, \"value\": Utf8), unsorted)))", True, {}),
    ("refs[]", "Struct(\"ref_id\": non-null Utf8, \"attrs\": Map(\"entries\": non-null "
     "Struct(\"key\": non-null Utf8, \"value\": Utf8), unsorted))", False, {}),
    ("refs[].ref_id", "Utf8", False, {"semantic": "RefId"}),
    ("refs[].attrs", "Map(\"entries\": non-null Struct(\"key\": non-null Utf8, \"value\": Utf8), "
     "unsorted)", True, {}),
    ("refs[].attrs{}.key", "Utf8", False, {}),
    ("refs[].attrs{}.value", "Utf8", True, {}),
    ("span", 'Struct("lo": non-null Int64)', True, {}),
    ("span.lo", "Int64", False, {}),
    ('"od \\"d"', "Int8", True, {}),
]  # fmt: skip


def told(found: tuple[FieldDiagnostic, ...] | IntrospectionError) -> list[tuple[object, ...]]:
    assert isinstance(found, tuple), found
    return [(each.path, each.audit_type, each.nullable, dict(each.metadata)) for each in found]


def audited(
    found: tuple[FieldDiagnostic, ...] | IntrospectionError,
) -> list[tuple[str, str]]:
    assert isinstance(found, tuple), found
    return [(each.path, each.audit_type) for each in found]


ROW = {"id": "a", "refs": [{"ref_id": "r", "attrs": [("k", "v")]}], "span": {"lo": 1}, 'od "d': 1}


@pytest.mark.parametrize("rows", [[], [ROW]], ids=["no-rows", "a-row"])
def test_every_node_is_told_whether_there_are_rows_or_not(
    tmp_path: Path, catalog: Callable[..., LiveCatalog], rows: list[dict[str, object]]
) -> None:
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), tmp_path / "t")

    assert told(catalog().diagnostics("t")) == EXPECTED


def test_the_engines_own_word_stands_beside_the_audited_one(
    tmp_path: Path, catalog: Callable[..., LiveCatalog]
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    found = catalog().diagnostics("t")
    assert isinstance(found, tuple)
    arrow = {each.path: each.arrow_type for each in found}
    assert arrow["id"] == "Utf8View"
    assert arrow["refs"].endswith("field: 'element')")
    assert 'metadata: {"semantic": "RefId"}' in arrow["refs[]"]


@pytest.mark.parametrize("views", ["true", "false"])
def test_the_audit_is_the_same_with_view_types_on_and_off(
    tmp_path: Path, catalog: Callable[..., LiveCatalog], views: str
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    setting = "datafusion.execution.parquet.schema_force_view_types"
    context = open_session({setting: views})
    live = catalog(supplied=context)
    context.register_parquet("t", str(tmp_path / "t"), file_extension="", skip_metadata=False)
    found = live.diagnostics("t")

    assert told(found) == EXPECTED
    assert isinstance(found, tuple)
    assert found[0].arrow_type == {"true": "Utf8View", "false": "Utf8"}[views]


def test_delta_and_memory_audit_as_parquet_does(
    tmp_path: Path, catalog: Callable[..., LiveCatalog]
) -> None:
    table = pa.Table.from_pylist([ROW], schema=SCHEMA)
    write_deltalake(tmp_path / "d", table)
    pq.write_table(table, tmp_path / "t")
    context = SessionContext(SessionConfig().with_information_schema(enabled=True))
    context.register_record_batches("t", [table.to_batches()])

    in_delta = catalog("d", SourceFormat.DELTA, name="d").diagnostics("d")
    assert told(catalog(supplied=context).diagnostics("t")) == EXPECTED
    assert audited(in_delta) == [(path, type_) for path, type_, _, _ in EXPECTED]


VIEWED = pa.schema(
    [
        ("lv", pa.list_view(pa.string_view())),
        ("ll", pa.large_list(pa.large_string())),
        ("llv", pa.large_list_view(pa.binary_view())),
        ("fsl", pa.list_(pa.string_view(), 2)),
        ("m", pa.map_(pa.string_view(), pa.large_list(pa.string_view()))),
        ("d", pa.dictionary(pa.int32(), pa.large_string())),
        ("b", pa.large_binary()),
        ("n", pa.null()),
        ("ts", pa.timestamp("us", "UTC")),
        ("dec", pa.decimal128(10, 2)),
        ("ree", pa.run_end_encoded(pa.int32(), pa.string())),
        ("du", pa.duration("s")),
    ]
)
PLAIN = pa.schema(
    [
        ("lv", pa.list_(pa.string())),
        ("ll", pa.list_(pa.string())),
        ("llv", pa.list_(pa.binary())),
        ("fsl", pa.list_(pa.string(), 2)),
        ("m", pa.map_(pa.string(), pa.list_(pa.string()))),
        ("d", pa.dictionary(pa.int32(), pa.string())),
        ("b", pa.binary()),
        *list(VIEWED)[7:],
    ]
)


def test_views_and_large_types_audit_as_the_plain_ones(catalog: Callable[..., LiveCatalog]) -> None:
    def of(schema: pa.Schema) -> tuple[FieldDiagnostic, ...] | IntrospectionError:
        context = SessionContext(SessionConfig().with_information_schema(enabled=True))
        batch = pa.record_batch([pa.nulls(1, field.type) for field in schema], schema=schema)
        context.register_record_batches("t", [[batch]])
        return catalog(format_=SourceFormat.VIEW, supplied=context).diagnostics("t")

    assert audited(of(VIEWED)) == audited(of(PLAIN))
    assert len(audited(of(VIEWED))) == len(list(walk_nodes(VIEWED)))


def test_one_view_tells_of_all_relations_that_can_be_opened(
    tmp_path: Path, catalog: Callable[..., LiveCatalog]
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    wide = ViewContract("ids", Sql("SELECT id FROM t"), "t", AT)
    broken = ViewContract("broken", Expand("gone"), "t", AT)
    live = catalog(views=[wide, broken], others=["missing"])

    context, errors = live.whole_session()

    rows = context.sql(
        "SELECT table_name, path FROM cst_schema_diagnostics ORDER BY table_name, position"
    ).to_arrow_table()
    assert rows.column("table_name").to_pylist() == ["ids"] + ["t"] * len(EXPECTED)
    assert rows.column("path").to_pylist() == ["id", *(path for path, *_ in EXPECTED)]
    assert sorted(str(error.table) for error in errors) == ["broken", "missing"]
    metadata = context.sql(
        "SELECT metadata['semantic'] AS s FROM t_schema_diagnostics WHERE path = 'refs[].ref_id'"
    ).to_arrow_table()
    assert metadata.column("s").to_pylist() == ["RefId"]


def test_a_contract_can_be_about_the_diagnostics_and_a_view_can_read_them(
    tmp_path: Path, catalog: Callable[..., LiveCatalog]
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    query = "SELECT path FROM cst_schema_diagnostics WHERE NOT nullable AND table_name = 't'"
    required = ViewContract("required", Sql(query), "t", AT)
    live = catalog(views=[required])

    assert isinstance(live.facts("t_schema_diagnostics"), TableFacts)
    assert live.row_count("required")[0] == sum(not each[2] for each in EXPECTED)  # type: ignore[index]


def test_a_name_that_the_session_has_for_something_else_is_told(
    tmp_path: Path, catalog: Callable[..., LiveCatalog]
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    live = catalog()
    context = live.session_with("t")
    context.sql("CREATE VIEW t_schema_diagnostics AS SELECT 1 AS one")

    error = live.diagnostics("t")

    assert isinstance(error, IntrospectionError)
    assert error.table == "t_schema_diagnostics"
    assert "the session has a relation of this name" in error.cause
