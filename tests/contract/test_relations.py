"""All contracts to the relations that they define between them."""

import pyarrow as pa
import pytest

from cst_contracts.contract.model import Contract, SessionContract, SourceFormat, ViewContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.presets import PRESETS, preset_text
from cst_contracts.contract.relations import Relations, preset_settings, relations


def table(name: str, *, source: str = "", views: tuple[str, ...] = (), file: str = "") -> Contract:
    lines = [f"table: {name}", "fields: [{name: a, type: 'map<string, string>'}]"]
    lines += [f"source: {source}"] if source else []
    lines += ["views:", *(f"  - {view}" for view in views)] if views else []
    return parse_contract("\n".join(lines).encode(), file or f"{name}.yaml")


def session(clause: str) -> Contract:
    return parse_contract(f"session: s\n{clause}\n".encode(), "s.yaml")


PARQUET = "{format: parquet, location: files}"


def read_by(found: Relations, view: str) -> tuple[str, ...]:
    return found.read_by(found.views[view])


def test_tables_with_a_source_and_views_are_found_by_name() -> None:
    found = relations(
        [
            table("files", source=PARQUET, views=("{name: v, sql: SELECT 1}",)),
            table("supplied"),
            session("functions: [f]"),
        ]
    )
    assert list(found.sources) == ["files"]
    assert found.sources["files"].format is SourceFormat.PARQUET
    assert list(found.views) == ["v"]
    assert isinstance(found.views["v"], ViewContract)
    assert found.conflicts == {}


def test_a_tables_promised_fields_are_known_by_their_names_and_types() -> None:
    text = """\
table: t
fields:
  - {name: a, type: int64, nullable: false, metadata: {unit: byte}}
  - {name: s, type: struct, fields: [{name: x, type: int8}]}
"""
    found = relations([parse_contract(text.encode(), "t.yaml"), session("functions: [f]")])
    fields = pa.field("a", pa.int64(), nullable=False), pa.field("s", pa.struct([("x", pa.int8())]))
    assert list(found.promised) == ["t"]
    assert found.promised["t"].equals(pa.schema(fields), check_metadata=True)
    assert [each.name for each in found.tables] == ["t"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_that_is_written_out_sets_what_it_sets(name: str) -> None:
    preset = PRESETS[name]
    text = preset_text(preset)
    written = parse_contract(f"session: s\n{text}".encode(), "s.yaml")
    assert isinstance(written, SessionContract)
    assert {each.name: each.value for each in written.settings} == dict(preset.values)
    assert text.splitlines()[0] == f"# {name}: {preset.purpose}"
    assert [line[4:] for line in text.splitlines() if line.startswith("  # ")] == [
        each.why for each in preset.settings
    ]


def test_no_contracts_define_nothing() -> None:
    assert relations([]) == Relations({}, {}, {})


def test_files_that_are_no_contracts_are_remembered() -> None:
    assert relations([table("t")], ["broken.yaml"]).unread == ("broken.yaml",)


def test_a_table_that_two_contracts_store_is_a_conflict_of_their_files() -> None:
    found = relations(
        [
            table("t", source=PARQUET, file="one.yaml"),
            table("t", file="supplied.yaml"),
            table("t", source="{format: csv, location: t.csv}", file="two.yaml"),
        ]
    )
    assert found.conflicts == {"t": ("one.yaml", "two.yaml")}
    assert found.sources["t"].format is SourceFormat.PARQUET


def test_a_view_that_two_contracts_define_is_a_conflict_of_their_files() -> None:
    found = relations(
        [
            table("t", views=("{name: v, sql: SELECT 1}",)),
            table("u", views=("{name: v, sql: SELECT 2}",)),
        ]
    )
    assert found.conflicts == {"v": ("t.yaml", "u.yaml")}


def test_a_view_of_a_stored_tables_name_is_a_conflict() -> None:
    found = relations([table("t", source=PARQUET), table("u", views=("{name: t, sql: SELECT 1}",))])
    assert found.conflicts == {"t": ("t.yaml", "u.yaml")}


def test_a_table_contract_of_a_view_is_no_conflict() -> None:
    found = relations(
        [
            table("t", source=PARQUET, views=("{name: v, expand: a}",)),
            table("v", source="{format: view}"),
        ]
    )
    assert found.conflicts == {}


def test_a_view_reads_what_it_is_of_and_by_default_its_contracts_table() -> None:
    found = relations(
        [
            table("t", source=PARQUET, views=("{name: v, expand: a}",)),
            table("u", views=("{name: w, flatten: a, of: v}", "{name: x, explode: a, of: gone}")),
        ]
    )
    assert read_by(found, "v") == ("t",)
    assert read_by(found, "w") == ("v",)
    assert read_by(found, "x") == ("gone",)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("SELECT * FROM t", ("t",)),
        ("SELECT * FROM t JOIN lake.files USING (a)", ("t", "lake.files")),
        ('SELECT * FROM "lake"."files"', ("lake.files",)),
        ("SELECT * FROM v", ("v",)),
        ("SELECT files FROM other", ()),
        ("SELECT * FROM tt", ()),
        ("SELECT t.a AS q FROM t", ("t",)),
        ("SELECT 1", ()),
    ],
)
def test_a_query_reads_the_known_relations_that_it_mentions(
    query: str, read: tuple[str, ...]
) -> None:
    """More than it reads at worst, such as a column with the name of a table; never itself."""
    views = ("{name: v, sql: SELECT 1}", f"{{name: q, sql: {query!r}}}")
    found = relations(
        [table("t", source=PARQUET, views=views), table("lake.files", source=PARQUET)]
    )
    assert read_by(found, "q") == read


def test_a_presets_settings_open_the_session_and_spelled_out_ones_do_not() -> None:
    contracts = [
        table("t"),
        session("preset: cst\nsettings: {datafusion.execution.batch_size: '1'}"),
        session("preset: unknown"),
        session("functions: [f]"),
    ]
    assert preset_settings(contracts) == PRESETS["cst"].values
    assert preset_settings(contracts[2:]) == {}


def test_what_is_told_of_schemas_is_none_of_the_names() -> None:
    told = ("files_schema_diagnostics", "cst_schema_diagnostics")
    found = relations([table(name, source=PARQUET) for name in ("files", "a_diagnostics", *told)])
    assert found.names == ("a_diagnostics", "files")
    assert [name for name in (*told, *found.names, "gone") if name in found] == list(found.names)
