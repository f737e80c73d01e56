"""What views ask for and which functions they call, in the snapshots of their tables' contracts."""

import json
from typing import Any

import pytest

pytest_plugins = "pytester"

TABLE = """\
table: nested
source: {format: parquet, location: lake/nested.parquet}
extra_fields: allow
fields: [{name: ref_id, type: string}, {name: attrs, type: "map<string, string>"}]
views:
  - {name: entries, expand: attrs, keep: [ref_id]}
  - {name: loud, sql: "SELECT upper(ref_id) AS id FROM nested"}
"""
SESSION = "session: runtime\nfunctions: [arrow_typeof]\n"
SUPPLIED = """
import pyarrow as pa
from datafusion import SessionConfig, SessionContext, udf


def pytest_cst_contracts_session(config):
    session = SessionContext(SessionConfig().with_information_schema(True))
    function = udf(lambda names: names, [pa.string()], pa.string(), "immutable", "lower")
    session.register_udf(function)
    return session
"""


def contracts(project: pytest.Pytester, **texts: str) -> None:
    project.makefile(".yaml", **{f"contracts/{name}": text for name, text in texts.items()})


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "no:xdist", *arguments)


def view(project: pytest.Pytester, name: str) -> Any:
    snapshot = json.loads((project.path / "snapshots/nested.json").read_text())
    return next(each for each in snapshot["views"] if each["name"] == name)


def test_a_view_is_remembered_by_its_fields_its_functions_and_its_plan(
    project: pytest.Pytester,
) -> None:
    contracts(project, nested=TABLE)
    run(project, "--snapshot-update", "-k", "snapshot").assert_outcomes(passed=1)

    assert view(project, "loud") == {
        "name": "loud",
        "fields": [{"path": "id", "type": "string", "nullable": True, "metadata": {}}],
        "functions": ["upper"],
        "plan": ["Projection: upper(nested.ref_id) AS id", "  TableScan: nested"],
    }
    assert view(project, "entries")["functions"] == ["get_field", "map_entries", "unnest"]


def test_another_process_sees_the_same_and_paths_are_no_part_of_it(
    project: pytest.Pytester,
) -> None:
    contracts(project, nested=TABLE)
    run(project, "--snapshot-update").assert_outcomes(passed=11)
    text = (project.path / "snapshots/nested.json").read_text()

    run(project, "-k", "snapshot").assert_outcomes(passed=1)
    (project.path / "lake").rename(project.path / "elsewhere")
    contracts(project, nested=TABLE.replace("lake/", "elsewhere/"))

    run(project, "-k", "snapshot").assert_outcomes(passed=1)
    assert str(project.path) not in text


def test_a_view_that_asks_for_something_else_is_told_change_by_change(
    project: pytest.Pytester,
) -> None:
    contracts(project, nested=TABLE)
    run(project, "--snapshot-update").assert_outcomes(passed=11)
    contracts(project, nested=TABLE.replace("upper(ref_id) AS id", "length(ref_id) AS size"))

    result = run(project)

    result.assert_outcomes(passed=9, failed=1)
    result.stdout.fnmatch_lines_random(
        [
            "?snapshot-differs? nested: view loud: id: string → absent (breaking); and 3 more",
            "    and:      view loud: size: absent → int* (compatible)",
            "    and:      view loud: calls upper → character_length, length (compatible)",
            '    and:      view loud: plan "Projection: upper(nested.ref_id) AS id" → *',
        ]
    )


def test_a_view_that_cannot_be_made_leaves_the_snapshot_undecided(
    project: pytest.Pytester,
) -> None:
    contracts(project, nested=TABLE)
    run(project, "--snapshot-update").assert_outcomes(passed=11)
    contracts(project, nested=TABLE.replace("upper(", "uper("))

    result = run(project, "-rs")

    result.assert_outcomes(passed=8, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "?function-missing? loud: *Invalid function 'uper'.*",
            "    promised: a function `uper` in the session",
            "contracts/nested.yaml:7:5",
            "SKIPPED ?1? contracts/nested.yaml:1: view?loud? of nested is red: *",
        ]
    )


def test_a_shadowed_built_in_that_nobody_promises_is_told_and_drifts(
    project: pytest.Pytester,
) -> None:
    contracts(project, runtime=SESSION)
    run(project, "--snapshot-update").assert_outcomes(passed=2)
    project.makeconftest(SUPPLIED)

    result = run(project)
    result.assert_outcomes(passed=1, failed=1)
    told = "function lower: the engine's own → another in its place (breaking)"
    result.stdout.fnmatch_lines([f"?snapshot-differs? the session: {told}; and 2 more"])

    run(project, "--snapshot-update").assert_outcomes(passed=2)
    accepted = run(project, "--cst-manifest", "manifest.json")
    accepted.assert_outcomes(passed=2)
    accepted.stdout.fnmatch_lines(
        ["runtime: the session has another function in place of the engine's own `lower`"]
    )
    promises = json.loads((project.path / "manifest.json").read_text())["promises"]
    assert [(each["check"], each["outcome"], each["code"]) for each in promises] == [
        ("function[arrow_typeof]", "kept", None),
        ("snapshot[functions]", "kept", "shadowed-function"),
    ]


def test_a_shadowed_built_in_is_told_without_snapshots_too(project: pytest.Pytester) -> None:
    contracts(project, runtime=SESSION)
    project.makeconftest(SUPPLIED)

    result = run(project)

    result.assert_outcomes(passed=2)
    told = " ".join(line.strip() for line in result.outlines)
    assert "; the session has another function in place of the engine's own `lower`; " in told
