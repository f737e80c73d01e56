"""The DDL that is printed for a contract, run by the engine, declares what it says it does."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext

from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.datatypes import parse_type, same_type
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.schema import live_schema
from cst_contracts.extract.lake import write_lake
from cst_contracts.extract.sources import SourceRoot
from cst_contracts.sql.declaration import table_ddl
from cst_contracts.sql.types import sql_type

ROOT = Path(__file__).parents[2]
REFS = """\
table: s.Refs
source:
  format: parquet
  location: refs
  partitioned_by: [{name: year, type: int32}]
  ordered_by: [path, {field: bstart, direction: desc}]
fields:
  - {name: path, type: string, nullable: false, metadata: {semantic: Path}}
  - {name: bstart, type: int64}
  - {name: attrs, type: "map<string, string>"}
  - {name: refs, type: "list<struct<ref_id: string not null>>"}
  - {name: year, type: int32}
keys: [[path, bstart]]
references: [{fields: [path], table: files, to: [path]}]
rules: [{name: forward, sql: bstart >= 0}]
"""


def contract_of(text: str) -> TableContract:
    contract = parse_contract(text.encode(), "contracts/t.yaml")
    assert isinstance(contract, TableContract)
    return contract


def declared(text: str, location: str) -> tuple[SessionContext, pa.Schema]:
    context = open_session({})
    contract = contract_of(text)
    context.sql("CREATE SCHEMA IF NOT EXISTS s")
    context.sql(table_ddl(contract, location))
    return context, live_schema(context, contract.name)


def test_the_statement_declares_what_sql_can_say(tmp_path: Path) -> None:
    (tmp_path / "year=1").mkdir()
    pq.write_table(pa.table({"path": ["a", "b"], "bstart": [2, 1]}), tmp_path / "year=1/f.parquet")

    context, schema = declared(REFS, f"{tmp_path.as_uri()}/")

    assert schema.names == ["path", "bstart", "refs", "year"]
    assert [schema.field(name).nullable for name in schema.names] == [False, True, True, False]
    assert same_type(schema.field("refs").type, pa.list_(pa.struct([("ref_id", pa.string())])))
    assert schema.field("year").type == pa.int32()
    plan = context.sql('SELECT path, bstart FROM s."Refs"').execution_plan().display_indent()
    assert "output_ordering=[path@0 ASC NULLS LAST, bstart@1 DESC NULLS LAST]" in plan


def test_what_sql_cannot_say_stands_in_comments() -> None:
    comments = [
        line.strip() for line in table_ddl(contract_of(REFS), "refs").splitlines() if "--" in line
    ]

    assert comments == [
        "-- s.Refs, as contracts/t.yaml promises it; runs only where no other file lies beside the folders",
        "-- NOT NULL is believed, not checked: IS NULL then answers false over any file",
        "-- not said, NOT NULL below the top level: refs[].ref_id",
        "-- not said, field metadata: path",
        "-- the order is believed, not checked",
        "-- not said, unique (path, bstart): a PRIMARY KEY would be believed, and DISTINCT and GROUP BY "
        "answer wrongly over duplicates",
        "-- not said, (path) references files (path): there is no FOREIGN KEY",
        "-- not said, rule forward: there is no CHECK",
        '-- "attrs": SQL cannot say map<string, string>',
    ]


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_an_unbounded_source_is_declared_so(tmp_path: Path, format_: str) -> None:
    file = tmp_path / "events"
    file.write_text("a\n1\n" if format_ == "csv" else '{"a": 1}\n')
    text = (
        f"table: t\nsource: {{format: {format_}, location: x, unbounded: true}}\n"
        "fields: [{name: a, type: int64}]\n"
    )

    context, _ = declared(text, file.as_uri())

    frame = context.sql("SELECT * FROM t")
    assert "infinite_source=true" in frame.execution_plan().display_indent()
    assert frame.to_arrow_table().to_pydict() == {"a": [1]}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "source: {format: delta, location: x}",
            "register the provider: context.register_table('t'",
        ),
        ("source: {format: view}", "a contract's `views` define it"),
        ("", "no `source` with a location"),
    ],
)
def test_what_has_no_ddl_is_told_in_comments_only(source: str, told: str) -> None:
    text = table_ddl(contract_of(f"table: t\n{source}\nfields: [{{name: a, type: int64}}]\n"), "x")
    assert all(line.startswith("-- ") for line in text.splitlines())
    assert told in text


@pytest.mark.parametrize(
    "written",
    [
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float", "double", "string", "large_string", "binary", "date32", "time64[ns]"),
        *("timestamp[s]", "timestamp[ms]", "timestamp[us]", "timestamp[ns]"),
        *("decimal128(10, 2)", "decimal128(38, 0)", "decimal256(50, 2)", "list<int32>"),
        *("list<list<string>>", "list<struct<a: list<int8>>>", "fixed_size_list<int32>[3]"),
        *("struct<`b c`: string>", "struct<a: struct<b: decimal128(4, 1), c: timestamp[us]>>"),
        *("dictionary<values=string, indices=int32>", "large_list<int64>"),
    ],
)
def test_a_type_that_sql_has_a_word_for_is_read_back(written: str) -> None:
    promised = parse_type(written.replace("`", ""))
    found = sql_type(promised)
    assert found is not None
    context = open_session({})
    context.sql(f"CREATE EXTERNAL TABLE t (a {found.text}) STORED AS PARQUET LOCATION 'file:///x/'")
    assert live_schema(context, "t").field("a").type == found.type
    assert same_type(promised, found.type)


@pytest.mark.parametrize(
    "written",
    [
        *("map<string, string>", "timestamp[us, tz=UTC]", "duration[s]", "time32[s]", "halffloat"),
        *("decimal128(5, -1)", "decimal256(10, 2)", "struct<a: map<string, int64>>", "null"),
        *("list<duration[s]>", "fixed_size_binary[4]", "date64"),
    ],
)
def test_other_types_are_not_said(written: str) -> None:
    assert sql_type(parse_type(written)) is None


def test_every_table_of_this_repository_is_declared_as_far_as_its_ddl_says(tmp_path: Path) -> None:
    write_lake([SourceRoot(ROOT / "tests" / "assets" / "source", "assets")], tmp_path, workers=1)
    file = ROOT / "contracts" / "libcst_files_v1.yaml"
    contract = parse_contract(file.read_bytes(), file.name)
    assert isinstance(contract, TableContract)
    text = table_ddl(contract, f"{(tmp_path / 'libcst_files_v1').as_uri()}/")

    context = open_session({})
    context.sql(text)

    schema = live_schema(context, contract.name)
    unsaid = {f.name for f in contract.fields if f'-- "{f.name}": SQL cannot say' in text}
    assert schema.names == [f.name for f in contract.fields if f.name not in unsaid]
    for field in contract.fields:
        if field.name not in unsaid:
            assert same_type(schema.field(field.name).type, field.type)
            assert schema.field(field.name).nullable == field.nullable


def test_a_partition_field_that_cannot_be_named_leaves_the_engine_to_look_for_itself(
    tmp_path: Path,
) -> None:
    (tmp_path / "Year=1").mkdir()
    pq.write_table(pa.table({"path": ["a"], "bstart": [1]}), tmp_path / "Year=1/f.parquet")
    text = REFS.replace("name: year", "name: Year")
    assert "PARTITIONED BY takes plain lower-case names" in table_ddl(contract_of(text), "x")
    _, schema = declared(text, f"{tmp_path.as_uri()}/")
    assert schema.names == ["path", "bstart", "Year"]


def test_several_partition_fields_are_declared_in_the_order_of_their_folders(
    tmp_path: Path,
) -> None:
    for folder in ("repo=a/year=1", "repo=b/year=2"):
        (tmp_path / folder).mkdir(parents=True)
        pq.write_table(pa.table({"path": ["p"]}), tmp_path / folder / "f.parquet")
    text = """\
table: s.t
source: {format: parquet, location: t, partitioned_by: [repo, {name: year, type: int32}]}
fields: [{name: path, type: string}, {name: repo, type: string}, {name: year, type: int32}]
"""
    assert "PARTITIONED BY (repo, year)" in table_ddl(contract_of(text), "t").splitlines()

    context, schema = declared(text, f"{tmp_path.as_uri()}/")

    assert schema.names == ["path", "repo", "year"]
    rows = context.sql("SELECT repo, year FROM s.t ORDER BY repo").to_pylist()
    assert rows == [{"repo": "a", "year": 1}, {"repo": "b", "year": 2}]
