"""Views that miscount, cannot run, or are another thing than promised, each red at its own line."""

from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.gate import judge, observer_of
from support.rows import session_of

from cst_contracts.contract.parse import parse_contract
from cst_contracts.facts import CouldNotLook
from cst_contracts.files.contracts import list_contracts
from cst_contracts.needs import SchemaNeed
from cst_contracts.report.promise import findings_of

FILES = "libcst_files_v1"
FEWER_DECORATORS = """
CREATE VIEW cst_decorators AS
SELECT repo, e['file_id'] AS file_id, e['path'] AS path, e['file_sha256'] AS file_sha256,
  e['owner_def_id'] AS owner_def_id, e['owner_kind'] AS owner_kind,
  e['owner_def_bstart'] AS owner_def_bstart, e['owner_def_bend'] AS owner_def_bend,
  e['decorator_text'] AS decorator_text, e['decorator_index'] AS decorator_index,
  e['bstart'] AS bstart, e['bend'] AS bend
FROM (SELECT repo, unnest(decorators) AS e FROM libcst_files_v1) AS d LIMIT 1
"""
RENAMED_SPANS = """
CREATE VIEW cst_ref_spans AS
SELECT file_id, path, ref_id, named_struct('bstart', bstart, 'end', bend) AS span FROM cst_refs
"""
LATE = """
  - name: late
    sql: >-
      SELECT CAST(CASE WHEN bstart > 1000 THEN ref_text ELSE '0' END AS BIGINT) AS number
      FROM cst_refs ORDER BY bstart
"""
Red: TypeAlias = dict[tuple[str, str], list[tuple[str, str]]]


def red(lake: Path, folder: Path, *own: str) -> Red:
    """(table, check) to code and place, of what pytest would fail. `own` are the statements that the
    project's session begins with, over its own registration of the files."""
    parsed = [parse_contract(file.read_bytes(), file.name) for file in list_contracts(folder)]
    observer = observer_of(parsed, lake)
    if own:
        observer.answer(SchemaNeed("cst_refs"))
        context = session_of(observer)
        for statement in own:
            context.sql(statement)
        observer = observer_of(parsed, lake, context)
    return {
        key: [(each.code.value, str(each.place)) for each in findings_of(judgement.verdict)]
        for key, judgement in judge(parsed, observer).judgements.items()
        if judgement.failed
    }


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("view", "query"),
    [
        ("cst_refs_attrs",
         "SELECT file_id, ref_id, 'origin' AS attr_key, attrs['origin'] AS attr_value FROM cst_refs"),
        ("cst_refs_attr_origin",
         "SELECT file_id, ref_id, attrs['origin'] AS origin FROM cst_refs WHERE expr_ctx = 'LOAD'"),
        ("cst_ref_spans",
         "SELECT DISTINCT file_id, path, 'x' AS ref_id, named_struct('bstart', bstart, 'bend', bend)"
         " AS span FROM cst_refs WHERE expr_ctx IS NOT NULL"),
    ],
)  # fmt: skip
def test_a_view_of_the_projects_own_that_miscounts(
    lake: Path, contracts: Path, view: str, query: str
) -> None:
    found = red(lake, contracts, f"CREATE VIEW {view} AS {query}")

    place = f"cst_refs.yaml:{line_of(contracts, 'cst_refs.yaml', f'name: {view}')}:5"
    assert found["cst_refs", f"view[{view}]"] == [("view-rows", place), ("view-differs", place)]
    # what flattens the packed spans no longer gives the raw columns
    assert set(found) <= {("cst_refs", f"view[{view}]"), ("cst_refs", "view[cst_ref_span_unnest]")}


def test_an_exploded_list_of_the_projects_own_that_loses_rows(lake: Path, contracts: Path) -> None:
    found = red(lake, contracts, FEWER_DECORATORS)

    assert [code for code, _ in found[FILES, "view[cst_decorators]"]] == [
        "view-rows",
        "view-differs",
    ]


def test_spans_that_are_flattened_to_other_spans(lake: Path, contracts: Path) -> None:
    flat = "SELECT file_id, ref_id, bstart, bend + 1 AS bend FROM cst_refs"

    found = red(lake, contracts, f"CREATE VIEW cst_ref_span_unnest AS {flat}")

    place = f"cst_refs.yaml:{line_of(contracts, 'cst_refs.yaml', 'name: cst_ref_span_unnest')}:5"
    assert found == {
        ("cst_refs", "view[cst_ref_span_unnest]"): [
            ("view-differs", place),
            ("spans-changed", place),
        ]
    }


def test_a_span_view_with_a_renamed_field(lake: Path, contracts: Path) -> None:
    found = red(lake, contracts, RENAMED_SPANS)

    line = line_of(contracts, "cst_refs.yaml", "name: span, type")
    codes = found["cst_refs", "view[cst_ref_spans]"]
    assert ("field-missing", f"cst_refs.yaml:{line}:9") in codes
    # its fields come back under the names that they have now
    flat = found.pop(("cst_refs", "view[cst_ref_span_unnest]"))
    assert [code for code, _ in flat] == ["field-missing", "field-unpromised"]
    assert set(found) == {("cst_refs", "view[cst_ref_spans]")}


def test_a_view_that_plans_and_runs_for_a_row_but_not_for_all(lake: Path, contracts: Path) -> None:
    file = contracts / "cst_refs.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("views:\n", f"views:{LATE}", 1), encoding="utf-8")

    found = red(lake, contracts)

    line = line_of(contracts, "cst_refs.yaml", "name: late")
    assert found == {("cst_refs", "view[late]"): [("view-unusable", f"cst_refs.yaml:{line}:5")]}


def test_an_attrs_map_typed_differently_in_one_of_two_files(lake: Path, contracts: Path) -> None:
    def count_attrs(table: pa.Table) -> pa.Table:
        nodes = table.column("nodes")
        struct = nodes.type.value_type
        numbers = pa.map_(pa.string(), pa.int64())
        fields = [each.with_type(numbers) if each.name == "attrs" else each for each in struct]
        type_ = pa.list_(nodes.type.value_field.with_type(pa.struct(fields)))
        rows = nodes.to_pylist()
        for row in rows:
            for node in row or []:
                node["attrs"] = [("length", 1)]
        index = table.schema.get_field_index("nodes")
        return table.set_column(index, pa.field("nodes", type_), pa.array(rows, type_))

    (file,) = (lake / FILES).rglob("*.parquet")
    other = file.with_name("zz-other.parquet")
    pq.write_table(count_attrs(pq.read_table(file, partitioning=None)), other)

    parsed = [parse_contract(each.read_bytes(), each.name) for each in list_contracts(contracts)]
    trouble = observer_of(parsed, lake).answer(SchemaNeed(FILES))
    assert isinstance(trouble, CouldNotLook)
    assert trouble.reason.endswith(
        "its files are of several types: nodes[].attrs{}.value is string in "
        f"{file.relative_to(lake / FILES)}; int64 in {other.relative_to(lake / FILES)}"
    )
    found = red(lake, contracts)
    value = (FILES, "field[nodes[].attrs{}.value]")
    assert [code for code, _ in found[value]] == ["type-mismatch"]
    assert set(found) <= {value, ("cst-session", "catalog")}
