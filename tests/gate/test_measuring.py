"""How rows are measured, which of them are told, and that nothing is read to tell it."""

from pathlib import Path

import pytest
from support.project import Project, promise, red

REFS = """\
table: refs
source: {format: parquet, location: refs.parquet, ordered_by: [ref_id]}
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: path, type: string, nullable: false}
nullability: values
keys: [[ref_id]]
rules: [{name: known, sql: "path IN ('p', 'q')"}]
"""
BROKEN = """\
table: refs
source: {format: parquet, location: refs.parquet, ordered_by: [{field: ref_id, direction: desc}]}
fields:
  - {name: ref_id, type: string}
  - {name: path, type: string, sensitive: true}
keys: [[path]]
references: [{fields: [path], table: lost, to: [path]}]
rules: [{name: known, sql: "path = 'q'"}]
"""
LOST = """\
table: lost
source: {format: parquet, location: lost.parquet}
fields: [{name: ref_id, type: string}, {name: path, type: string, nullable: false}]
nullability: values
"""


def test_only_what_is_selected_is_measured(project: Project) -> None:
    project.write(refs=REFS)

    (plan,) = project.check("measured").plans

    assert "one scan of ref_id" in plan
    assert not any(word in plan for word in ("nulls[", "unique[", "rule["))


def test_data_is_verified_on_demand(project: Project) -> None:
    """Damage under an intact footer is red for all that read, and else for nobody."""
    project.write(refs=REFS)
    file = project.lake / "refs.parquet"
    data = file.read_bytes()
    some = len(data) // 10
    file.write_bytes(data[:4] + b"\xff" * some + data[4 + some :])

    assert project.check("nulls").ok
    assert red(project.check("nulls", verify_data=True)) != {}
    read = project.check("measured", "unique")
    assert {each.outcome.value for each in read.promises} == {"undecided"}


@pytest.mark.parametrize(
    ("check", "rows"),
    [
        ("unique[path]", [("refs.parquet", 0), ("refs.parquet", 1)]),
        ("reference[path→lost.path]", [("refs.parquet", 2)]),
        ("rule[known]", [("refs.parquet", 0), ("refs.parquet", 1)]),
        ("order[measured]", [("refs.parquet", 1), ("refs.parquet", 2)]),
        ("nulls[path]", [("lost.parquet", 1)]),
    ],
)
def test_the_rows_that_break_a_promise_are_named_and_none_of_their_values(
    project: Project, check: str, rows: list[tuple[str, int]]
) -> None:
    project.write(refs=BROKEN, lost=LOST)

    broken = promise(project.check(), check)

    assert [(each.file, each.row, each.values) for each in broken.samples] == [
        (*row, {}) for row in rows
    ]


def test_values_are_shown_on_demand_but_for_sensitive_ones(project: Project) -> None:
    project.write(refs=BROKEN, lost=LOST)

    broken = promise(project.check("rule", samples=1), "rule[known]")

    assert [(each.row, each.values) for each in broken.samples] == [
        (0, {"ref_id": "'a'", "path": "<redacted>"})
    ]


def test_a_null_that_footers_tell_of_is_counted_by_them_still(project: Project) -> None:
    """Only its place is read for."""
    project.write(lost=LOST)

    result = project.check("nulls")

    broken = promise(result, "nulls[path]")
    assert (broken.basis, broken.rows, broken.violations) == ("statistics", 2, 1)
    assert result.plans == ("lost\n  nulls[path]: no row read, null counts of every footer",)


def test_a_row_of_a_view_has_no_place_and_its_values_are_not_shown(project: Project) -> None:
    view = "views: [{name: paths, sql: SELECT path FROM lost}]\n"
    promised = (
        "table: paths\nfields: [{name: path, type: string, nullable: false}]\nnullability: values\n"
    )
    project.write(lost=LOST + view, paths=promised)

    broken = promise(project.check(), "nulls[path]", "paths")

    assert (broken.violations, broken.samples) == (1, ())


def test_writing_the_manifest_reads_no_row(project: Project) -> None:
    """What breaks the files after the run is not seen: all was answered by then."""
    project.write(refs=REFS, lost=LOST)
    before = project.check()
    for file in Path(project.lake).glob("*.parquet"):
        file.unlink()

    manifest = before.manifest()

    assert {each.table: each.rows for each in manifest.tables} == {"lost": 2, "refs": 3}
