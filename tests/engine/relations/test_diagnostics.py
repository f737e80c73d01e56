"""What the engine says of every field and node of a relation, rows or no rows, views of strings or none."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from deltalake import write_deltalake
from support.observing import answered, observer_over, refused

from cst_contracts.contract.model import Expand, SourceFormat, Sql, ViewContract
from cst_contracts.datatypes import walk_nodes
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.facts import FieldDiagnostic
from cst_contracts.location import Location
from cst_contracts.needs import DiagnosticsNeed, RowCountNeed, SchemaNeed

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]
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


def diagnosed(live: DataFusionObserver, relation: str = "t") -> tuple[FieldDiagnostic, ...]:
    return answered(live, DiagnosticsNeed(relation))


def as_audited(found: tuple[FieldDiagnostic, ...]) -> list[tuple[object, ...]]:
    return [(each.path, each.audit_type, each.nullable, dict(each.metadata)) for each in found]


def audit_types(found: tuple[FieldDiagnostic, ...]) -> list[tuple[str, str]]:
    return [(each.path, each.audit_type) for each in found]


ROW = {"id": "a", "refs": [{"ref_id": "r", "attrs": [("k", "v")]}], "span": {"lo": 1}, 'od "d': 1}


@pytest.mark.parametrize("rows", [[], [ROW]], ids=["no-rows", "a-row"])
def test_every_node_is_told_whether_there_are_rows_or_not(
    tmp_path: Path, observer: Build, rows: list[dict[str, object]]
) -> None:
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), tmp_path / "t")

    assert as_audited(diagnosed(observer())) == EXPECTED


def test_the_engines_own_word_stands_beside_the_audited_one(
    tmp_path: Path, observer: Build
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    found = diagnosed(observer())
    arrow = {each.path: each.arrow_type for each in found}
    assert arrow["id"] == "Utf8View"
    assert arrow["refs"].endswith("field: 'element')")
    assert 'metadata: {"semantic": "RefId"}' in arrow["refs[]"]


@pytest.mark.parametrize("views", ["true", "false"])
def test_the_audit_is_the_same_with_view_types_on_and_off(
    tmp_path: Path, observer: Build, views: str
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    setting = "datafusion.execution.parquet.schema_force_view_types"
    context = open_session({setting: views})
    live = observer(supplied=context)
    context.register_parquet("t", str(tmp_path / "t"), file_extension="", skip_metadata=False)
    found = diagnosed(live)

    assert as_audited(found) == EXPECTED
    assert found[0].arrow_type == {"true": "Utf8View", "false": "Utf8"}[views]


def test_delta_and_memory_audit_as_parquet_does(tmp_path: Path, observer: Build) -> None:
    table = pa.Table.from_pylist([ROW], schema=SCHEMA)
    write_deltalake(tmp_path / "d", table)
    pq.write_table(table, tmp_path / "t")
    context = SessionContext(SessionConfig().with_information_schema(enabled=True))
    context.register_record_batches("t", [table.to_batches()])

    in_delta = diagnosed(observer("d", SourceFormat.DELTA, name="d"), "d")
    assert as_audited(diagnosed(observer(supplied=context))) == EXPECTED
    assert audit_types(in_delta) == [(path, type_) for path, type_, _, _ in EXPECTED]


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


def test_views_and_large_types_audit_as_the_plain_ones(observer: Build) -> None:
    def of(schema: pa.Schema) -> tuple[FieldDiagnostic, ...]:
        context = SessionContext(SessionConfig().with_information_schema(enabled=True))
        batch = pa.record_batch([pa.nulls(1, field.type) for field in schema], schema=schema)
        context.register_record_batches("t", [[batch]])
        return diagnosed(observer(format_=SourceFormat.VIEW, supplied=context))

    assert audit_types(of(VIEWED)) == audit_types(of(PLAIN))
    assert len(of(VIEWED)) == len(list(walk_nodes(VIEWED)))


def test_one_view_tells_of_all_relations_that_can_be_opened(
    tmp_path: Path, observer: Build
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    wide = ViewContract("ids", Sql("SELECT id FROM t"), "t", AT)
    broken = ViewContract("broken", Expand("gone"), "t", AT)
    live = observer(views=[wide, broken], others=["missing"])

    context, errors = live.whole_session()

    rows = context.sql(
        "SELECT table_name, path FROM cst_schema_diagnostics ORDER BY table_name, position"
    ).to_arrow_table()
    assert rows.column("table_name").to_pylist() == ["ids"] + ["t"] * len(EXPECTED)
    assert rows.column("path").to_pylist() == ["id", *(path for path, *_ in EXPECTED)]
    assert sorted(str(error.relation) for error in errors) == ["broken", "missing"]
    metadata = context.sql(
        "SELECT metadata['semantic'] AS s FROM t_schema_diagnostics WHERE path = 'refs[].ref_id'"
    ).to_arrow_table()
    assert metadata.column("s").to_pylist() == ["RefId"]


def test_a_contract_can_be_about_the_diagnostics_and_a_view_can_read_them(
    tmp_path: Path, observer: Build
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    query = "SELECT path FROM cst_schema_diagnostics WHERE NOT nullable AND table_name = 't'"
    required = ViewContract("required", Sql(query), "t", AT)
    live = observer(views=[required])

    facts = answered(live, SchemaNeed("t_schema_diagnostics"))
    assert (facts.format, facts.schema.names[:2]) == ("view", ["table_name", "path"])
    rows = answered(live, RowCountNeed("required")).rows
    assert rows == sum(not each[2] for each in EXPECTED)


def test_a_name_that_the_session_has_for_something_else_is_told(
    tmp_path: Path, registry: Callable[..., Registry]
) -> None:
    pq.write_table(SCHEMA.empty_table(), tmp_path / "t")
    relations = registry()
    relations.open("t")
    relations.context.sql("CREATE VIEW t_schema_diagnostics AS SELECT 1 AS one")

    error = refused(observer_over(relations), DiagnosticsNeed("t"))

    assert error.relation == "t_schema_diagnostics"
    assert "the session has a relation of this name" in error.reason


def test_an_extension_type_is_audited_as_what_it_is_stored_as(observer: Build) -> None:
    def of(type_: pa.DataType) -> tuple[FieldDiagnostic, ...]:
        schema = pa.schema([("u", type_), ("s", pa.struct([("u", type_)]))])
        batch = pa.record_batch([pa.nulls(1, field.type) for field in schema], schema=schema)
        context = SessionContext(SessionConfig().with_information_schema(enabled=True))
        context.register_record_batches("t", [[batch]])
        return diagnosed(observer(format_=SourceFormat.VIEW, supplied=context))

    assert audit_types(of(pa.uuid())) == audit_types(of(pa.binary(16)))
    assert dict(audit_types(of(pa.uuid())))["u"] == "FixedSizeBinary(16)"
