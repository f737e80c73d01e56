"""Snapshots as every door keeps them: accepted, moved, stale, orphaned."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext, udf
from support.project import Project, counts, promise, red

from cst_contracts.errors import CstContractsError
from cst_contracts.gate.result import RunResult
from cst_contracts.report.lines import plain

FIELDS = "fields: [{name: ref_id, type: string}, {name: path, type: string}]\n"
SESSION = "session: runtime\nfunctions: [arrow_typeof]\n"
FOREIGN = '{"somebody": "else\'s"}'
GONE = (
    '{"snapshot_version": 2, "table": "gone", "partitioned_by": [], "ordered_by": [], "fields": [], '
    '"functions": [], "plan": [], "views": []}'
)
SCHEMA = "snapshot[schema]"


def contract(table: str, more: str = "") -> str:
    source = f"source: {{format: parquet, location: {table}.parquet}}"
    return f"table: {table}\n{source}\nextra_fields: allow\n{FIELDS}{more}"


def stored(project: Project) -> dict[str, bytes]:
    folder = project.path / "snapshots"
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def store(project: Project, **texts: str) -> None:
    for name, text in texts.items():
        file = project.path / "snapshots" / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


def move(project: Project, table: str) -> None:
    """`path` becomes a number, and `line` comes."""
    moved = pa.table({"ref_id": ["a"], "path": [1], "line": [2]})
    pq.write_table(moved, project.lake / f"{table}.parquet")


def accepted(result: RunResult) -> list[str]:
    return list(map(plain, result.accepted))


def observed(result: RunResult, check: str = SCHEMA) -> list[str]:
    return [each.observed for each in promise(result, check).findings]


def test_a_project_without_snapshots_is_green_until_it_begins_to_keep_them(
    project: Project,
) -> None:
    project.write({"deep/runtime": SESSION}, refs=contract("refs"))
    assert counts(project.check("snapshot")) == {"vacuous": 2, "red": 0}
    assert not (project.path / "snapshots").exists()

    begun = project.check(update_snapshots=True)

    assert stored(project).keys() == {"refs.json", "deep/runtime.json"}
    assert accepted(begun) == [
        "runtime.json: accepted as it is, without one to compare with",
        "refs.json: accepted as it is, without one to compare with",
    ]
    project.write(lost=contract("lost"))
    result = project.check()
    assert red(result) == {("lost", SCHEMA): ("snapshot-missing",)}
    missing = promise(result, SCHEMA, "lost")
    assert (missing.promised, missing.observed) == (
        "an accepted snapshot lost.json",
        "there is none",
    )
    assert stored(project).keys() == {"refs.json", "deep/runtime.json"}


def test_a_drift_is_red_with_a_finding_for_each_change_until_it_is_accepted(
    project: Project,
) -> None:
    project.write(refs=contract("refs"), lost=contract("lost"), runtime=SESSION)
    project.check(update_snapshots=True)
    before = stored(project)
    move(project, "refs")

    result = project.check("snapshot")

    assert red(result).keys() == {("refs", SCHEMA)}
    found = promise(result, SCHEMA, "refs")
    assert [each.observed for each in found.findings] == [
        "ref_id: not null → nullable (breaking)",
        "path: string → int64 (breaking)",
        "line: absent → int64 (compatible)",
    ]
    assert (found.promised, found.place) == ("as in refs.json", "contracts/refs.yaml:1:1")
    assert found.hint == "run pytest with --snapshot-update, and commit the file"
    assert stored(project) == before

    updated = project.check("snapshot", update_snapshots=True)

    assert updated.ok
    assert accepted(updated) == [
        "refs.json: accepted 2 breaking, 1 compatible",
        "  ref_id: not null → nullable (breaking)",
        "  path: string → int64 (breaking)",
        "  line: absent → int64 (compatible)",
        "  must follow: a waiver of each breaking change, as the contract has no `version` whose major step "
        "could announce it:",
        "    waiver of 1d78dd28: ref_id: not null → nullable",
        "    waiver of 39c25551: path: string → int64",
    ]
    after = stored(project)
    assert {name for name in after if after[name] != before[name]} == {"refs.json"}
    assert project.check("snapshot").ok


UNREADABLE = {
    "stale": (
        '{"snapshot_version": 0, "table": "stale"}',
        "snapshot format version 0, where this release reads version 2; regenerate it ",
    ),
    "short": ('{"snapshot_version": 2, "table": ', "not JSON (Expecting value); regenerate it "),
    "other": (FOREIGN, '"snapshot_version" is missing; regenerate it '),
    "noise": ("\xff", "not JSON (Expecting value); regenerate it "),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_snapshot_that_cannot_be_compared_is_red_until_regenerated(
    project: Project, name: str
) -> None:
    text, told = UNREADABLE[name]
    project.write({name: contract("refs").replace("table: refs", f"table: {name}")})
    store(project, **{name: text})

    result = project.check("snapshot")

    assert red(result) == {(name, SCHEMA): ("snapshot-unreadable",)}
    assert told in observed(result)[0]
    update = project.check("snapshot", update_snapshots=True)
    assert update.ok
    assert accepted(update) == [f"{name}.json: accepted as it is, without one to compare with"]
    assert json.loads(stored(project)[f"{name}.json"])["table"] == name


def test_a_reformatted_snapshot_is_told_apart_from_a_drift(project: Project) -> None:
    project.write(refs=contract("refs"))
    project.check(update_snapshots=True)
    file = project.path / "snapshots" / "refs.json"
    file.write_text(json.dumps(json.loads(file.read_text()), indent=4))

    result = project.check("snapshot")

    found = promise(result, SCHEMA)
    assert (found.promised, found.observed) == (
        "refs.json as this version writes it",
        "the same facts in another spelling",
    )
    assert accepted(project.check("snapshot", update_snapshots=True)) == [
        "refs.json: written as this version writes it; nothing has changed"
    ]


@pytest.mark.parametrize(
    ("select", "options"),
    [(("refs::snapshot",), {}), ((), {"contracts": "contracts/refs.yaml"})],
    ids=["selected", "a file"],
)
def test_an_update_of_a_part_touches_nothing_else(
    project: Project, select: tuple[str, ...], options: dict[str, Any]
) -> None:
    project.write(refs=contract("refs"), lost=contract("lost"), runtime=SESSION)
    store(project, refs=GONE, lost=GONE, runtime=GONE, gone=GONE, foreign=FOREIGN)
    before = stored(project)

    result = project.check(*select, update_snapshots=True, **options)

    assert result.ok
    after = stored(project)
    assert {name for name in before if after.get(name) != before[name]} == {"refs.json"}


def test_an_orphan_is_red_and_removed_by_an_update_over_everything(project: Project) -> None:
    project.write(refs=contract("refs"), runtime=SESSION)
    project.check(update_snapshots=True)
    store(project, gone=GONE, foreign=FOREIGN, noise="\xff")
    (project.path / "snapshots" / "binary.json").write_bytes(b"\xff\xfe")
    others = {"foreign.json", "noise.json", "binary.json"}

    result = project.check()

    assert result.failures == (
        "snapshots/gone.json is an orphan: its contract is gone; "
        "`--snapshot-update` over everything removes it",
    )
    assert (result.ok, result.failed) == (False, ())
    removed = project.check(update_snapshots=True)
    assert removed.ok
    assert accepted(removed) == ["snapshots/gone.json was an orphan, and is removed"]
    assert stored(project).keys() == {"refs.json", "runtime.json", *others}


def test_a_run_over_a_folder_of_contracts_has_no_orphans_beside_it(project: Project) -> None:
    """Also where the folder of contracts has another name than the usual one."""
    project.write({"deep/refs": contract("refs")}, lost=contract("lost"))
    (project.path / "contracts").rename(project.path / "promises")
    project.check(contracts="promises", update_snapshots=True)
    before = stored(project)
    store(project, refs=before["deep/refs.json"].decode())

    result = project.check(contracts="promises/deep", update_snapshots=True)

    assert (result.ok, accepted(result)) == (True, [])
    assert stored(project).keys() == {*before, "refs.json"}


def test_snapshots_can_be_kept_in_another_folder(project: Project) -> None:
    project.write(refs=contract("refs"))

    assert project.check(snapshots="accepted/schemas", update_snapshots=True).ok

    kept = [file for file in Path(project.path, "accepted").rglob("*") if file.is_file()]
    assert kept == [project.path / "accepted" / "schemas" / "refs.json"]
    assert not (project.path / "snapshots").exists()


def test_a_folder_that_cannot_be_made_is_told(project: Project) -> None:
    project.write(refs=contract("refs"))
    (project.path / "snapshots").touch()

    result = project.check("snapshot", update_snapshots=True)

    assert red(result) == {("refs", SCHEMA): ("snapshot-unreadable",)}
    assert "snapshots/refs.json: could not be written: " in observed(result)[0]


def test_a_schema_with_two_nodes_of_one_name_is_told(project: Project) -> None:
    twins = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"])
    rows = pa.table({"ref_id": ["a"], "path": ["p"], "twins": twins})
    pq.write_table(rows, project.lake / "refs.parquet")
    project.write(refs=contract("refs"))
    store(project, refs="{}")

    result = project.check("snapshot")

    assert len(result.failed) == 1
    assert "two fields twins.x" in observed(result)[0]


def test_the_engine_is_asked_of_each_node_only_where_snapshots_are_kept(project: Project) -> None:
    project.write(refs=contract("refs"))
    own = SessionContext(SessionConfig().with_information_schema(enabled=True))

    project.check("snapshot", session=own)
    assert own.catalog().schema().names() == {"refs"}

    project.check("snapshot", session=own, update_snapshots=True)
    assert own.catalog().schema().names() == {"refs", "refs_schema_diagnostics"}


VIEWS = """\
table: nested
source: {format: parquet, location: nested.parquet}
extra_fields: allow
fields: [{name: ref_id, type: string}, {name: attrs, type: "map<string, string>"}]
views:
  - {name: entries, expand: attrs, keep: [ref_id]}
  - {name: loud, sql: "SELECT upper(ref_id) AS id FROM nested"}
"""


def view(project: Project, name: str) -> Any:
    snapshot = json.loads(stored(project)["nested.json"])
    return next(each for each in snapshot["views"] if each["name"] == name)


def test_a_view_is_remembered_by_its_fields_its_functions_and_its_plan(project: Project) -> None:
    project.write(nested=VIEWS)
    project.check("snapshot", update_snapshots=True)

    assert view(project, "loud") == {
        "name": "loud",
        "fields": [{"path": "id", "type": "string", "nullable": True, "metadata": {}}],
        "functions": ["upper"],
        "plan": [
            'CREATE VIEW "loud" AS SELECT upper(ref_id) AS id FROM nested',
            "Projection: upper(nested.ref_id) AS id",
            "  TableScan: nested",
        ],
    }
    assert view(project, "entries")["functions"] == ["get_field", "map_entries", "unnest"]


def test_paths_are_no_part_of_a_snapshot(project: Project) -> None:
    project.write(nested=VIEWS)
    project.check(update_snapshots=True)
    text = stored(project)["nested.json"].decode()
    elsewhere = project.lake.rename(project.path / "elsewhere")

    assert project.check("snapshot", lake=elsewhere).ok
    assert str(project.path) not in text


def test_a_view_that_asks_for_something_else_is_told_change_by_change(project: Project) -> None:
    project.write(nested=VIEWS)
    project.check(update_snapshots=True)
    project.write(nested=VIEWS.replace("upper(ref_id) AS id", "length(ref_id) AS size"))

    result = project.check()

    assert red(result).keys() == {("nested", SCHEMA)}
    told = observed(result)
    assert told[0] == "view loud: id: string → absent (breaking)"
    assert any(each.startswith("view loud: size: absent → int") for each in told)
    assert "view loud: calls upper → character_length, length (compatible)" in told
    plan = "view loud: plan "
    assert any(each.startswith(plan) and "length(ref_id)" in each for each in told), told


def test_a_view_that_cannot_be_made_leaves_the_snapshot_undecided(project: Project) -> None:
    project.write(nested=VIEWS)
    project.check(update_snapshots=True)
    project.write(nested=VIEWS.replace("upper(", "uper("))

    result = project.check()

    assert red(result) == {("nested", "view[loud]"): ("function-missing",)}
    broken = promise(result, "view[loud]")
    assert "Invalid function 'uper'." in str(broken.observed)
    assert broken.promised == "a function `uper` in the session"
    assert broken.place == "contracts/nested.yaml:7:5"
    cause = promise(result, SCHEMA).cause
    assert cause is not None
    assert (cause.subject, cause.check) == ("nested", "view[loud]")


def shadowing() -> SessionContext:
    """Its `lower` is another than the engine's own."""
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    session.register_udf(udf(lambda names: names, [pa.string()], pa.string(), "immutable", "lower"))
    return session


def test_a_shadowed_built_in_that_nobody_promises_is_told_and_drifts(project: Project) -> None:
    project.write(runtime=SESSION)
    project.check(update_snapshots=True)

    result = project.check(session=shadowing())

    assert red(result).keys() == {("runtime", "snapshot[functions]")}
    told = "function lower: the engine's own → another in its place (breaking)"
    assert observed(result, "snapshot[functions]")[0] == told
    project.check(session=shadowing(), update_snapshots=True)
    kept = project.check(session=shadowing())
    assert [(each.check, each.outcome.value, each.code) for each in kept.promises] == [
        ("function[arrow_typeof]", "kept", None),
        ("snapshot[functions]", "kept", "shadowed-function"),
    ]


def test_a_shadowed_built_in_is_told_without_snapshots_too(project: Project) -> None:
    project.write(runtime=SESSION)

    result = project.check(session=shadowing())

    told = "; the session has another function in place of the engine's own `lower`"
    assert result.ok
    assert told in str(promise(result, "snapshot[functions]").observed)


EVOLVING = "evolution: {types: any, fields: add, nullability: any}\n"
ALLOWED = [
    "ref_id: not null → nullable (breaking)",
    "path: string → int64 (breaking)",
    "line: absent → int64 (compatible)",
]


@pytest.mark.parametrize(("clause", "project_wide"), [(EVOLVING, None), ("", "none")])
def test_drift_that_evolution_allows_is_told_and_not_red(
    project: Project, clause: str, project_wide: str | None
) -> None:
    project.write(refs=contract("refs", clause))
    project.check(update_snapshots=True)
    move(project, "refs")

    result = project.check(SCHEMA, evolution=project_wide)

    assert red(result) == {}
    kept = promise(result, SCHEMA)
    assert (kept.outcome, kept.violations) == ("kept", None)
    assert observed(result) == [f"{line}, which `evolution` allows" for line in ALLOWED]


def test_what_evolution_does_not_allow_is_red_and_the_rest_is_told_beside_it(
    project: Project,
) -> None:
    project.write(refs=contract("refs", "evolution: {fields: add, nullability: any}\n"))
    project.check(update_snapshots=True)
    move(project, "refs")

    result = project.check(SCHEMA, evolution="none")

    assert red(result) == {("refs", SCHEMA): ("snapshot-differs",) * 3}
    assert promise(result, SCHEMA).violations == 1
    told = [f"{line}, which `evolution` allows" for line in (ALLOWED[0], ALLOWED[2])]
    assert observed(result) == [ALLOWED[1], *told]


def test_a_word_that_is_no_evolution_is_refused(project: Project) -> None:
    project.write(refs=contract("refs"))
    with pytest.raises(
        CstContractsError, match="evolution is 'backwards'; write one of backward, "
    ):
        project.check(evolution="backwards")
