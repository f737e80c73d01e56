"""The manifest of a run: one JSON object of what was promised and observed, and of nothing else."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.project import Project

from cst_contracts.cli.main import main
from cst_contracts.errors import CstContractsError
from cst_contracts.gate.result import RunResult
from cst_contracts.report.manifest_file import manifest_schema

FIELDS = """\
fields: [{name: ref_id, type: string, nullable: false}, {name: path, type: string, nullable: false}]
nullability: values
"""
SESSION = "session: runtime\nfunctions: [arrow_typeof]\n"
ILL_FORMED = "table: bad\nfeilds: []\n"


def contract(table: str, format_: str = "parquet") -> str:
    suffix = "" if format_ == "delta" else f".{format_}"
    return f"table: {table}\nsource: {{format: {format_}, location: {table}{suffix}}}\n{FIELDS}"


def written(result: RunResult) -> Any:
    """Valid by its own schema."""
    manifest = json.loads(result.manifest_json())
    Draft202012Validator(manifest_schema()).validate(manifest)
    return manifest


def promised(manifest: Any) -> list[tuple[str, str, str]]:
    return [(each["contract"], each["check"], each["outcome"]) for each in manifest["promises"]]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(manifest_schema())


def test_the_manifest_has_the_agreed_keys_for_all_that_was_selected(project: Project) -> None:
    project.write(
        lost=contract("lost"),
        gone=contract("gone"),
        bare=contract("bare"),
        delta=contract("delta", "delta"),
        bad=ILL_FORMED,
        runtime=SESSION,
    )
    manifest = written(project.check())
    assert manifest["manifest_version"] == 1
    assert manifest["versions"].keys() == {
        *("cst_contracts", "datafusion", "deltalake", "pyarrow", "python")
    }
    assert manifest["settings"]["datafusion.catalog.information_schema"] == "true"
    functions = {each["name"]: each for each in manifest["functions"]}
    assert functions["arrow_typeof"]["kind"] == "scalar"
    tables = {each["table"]: each for each in manifest["tables"]}
    assert list(tables) == ["bare", "delta", "gone", "lost"]
    assert [each["table"] for each in manifest["tables"] if "error" in each] == ["gone"]
    assert (tables["gone"]["error"], tables["gone"]["format"]) == (
        "no Parquet file there",
        "parquet",
    )
    assert (tables["delta"]["format"], tables["delta"]["delta_version"]) == ("delta", 0)
    assert [tables[name]["rows"] for name in ("bare", "delta", "lost")] == [0, 3, 2]
    assert tables["lost"]["location"].endswith("/lake/lost.parquet")
    assert [each["path"] for each in tables["lost"]["fields"]] == ["ref_id", "path"]
    assert (tables["lost"]["partitioned_by"], tables["lost"]["ordered_by"]) == ([], [])
    assert {"check": "nulls[path]", "code": "null-values", "observed": "1 null among 2"} in tables[
        "lost"
    ]["diagnostics"]
    counted = dict.fromkeys(manifest["summary"], 0)
    for _, _, outcome in promised(manifest):
        counted[outcome] += 1
    assert manifest["summary"] == counted
    # gone: all but `table`; bare: both `nulls`; the ill-formed file.
    assert (counted["broken"], counted["undecided"], counted["waived"]) == (2, 11, 0)
    found = {each["id"]: each for each in manifest["promises"]}
    assert found["contracts/lost.yaml::nulls[path]"] == {
        "id": "contracts/lost.yaml::nulls[path]",
        "contract": "contracts/lost.yaml",
        "subject": "lost",
        "check": "nulls[path]",
        "group": "values",
        "outcome": "broken",
        "severity": "error",
        "place": "contracts/lost.yaml:3:57",
        "code": "null-values",
        "promised": "no null",
        "observed": "1 null among 2",
        "basis": "statistics",
        "samples": [{"file": "lost.parquet", "row": 1, "leaf": "path"}],
        "rows": 2,
        "violations": 1,
        "hint": None,
        "failed": True,
        "hidden_by": None,
        "findings": [
            {
                "code": "null-values",
                "place": "contracts/lost.yaml:3:57",
                "subject": "lost.path",
                "promised": "no null",
                "observed": "1 null among 2",
            }
        ],
        "field": "path",
        "looked_at": {"rows": 2, "read": 0},
    }
    assert found["contracts/gone.yaml::nulls[path]"]["cause"] == {
        "subject": "gone",
        "check": "table",
        "contract": "contracts/gone.yaml",
    }
    missing = found["contracts/gone.yaml::table"]["promised"]
    assert missing == "a table that the engine can read at gone.parquet"


OWNED = "owner: platform\nversion: 1.2.0\n"
WAIVED = 'waivers: [{check: "nulls[path]", reason: mended, owner: platform, expires: 2999-12-31}]\n'


def test_the_run_and_its_contracts_are_told(project: Project) -> None:
    project.write(lost=contract("lost") + OWNED + WAIVED)

    manifest = written(project.check("nulls", samples=3))

    run = manifest["run"]
    assert datetime.fromisoformat(run.pop("started")) <= datetime.now(UTC)
    assert run.pop("duration") >= 0
    assert run == {
        "deselected": 0,
        "keyword": "nulls",
        "options": {
            "samples": 3,
            "verify_data": False,
            "stream_rows": 100_000,
            "stream_seconds": 10.0,
            "query_seconds": None,
        },
        "root": project.path.as_posix(),
        "lake": (project.path / "lake").as_posix(),
    }
    assert manifest["contracts"] == [
        {
            "file": "contracts/lost.yaml",
            "kind": "table",
            "name": "lost",
            "owner": "platform",
            "version": "1.2.0",
            "source": {"3": FIELDS.splitlines()[0]},
        },
    ]
    (waived,) = [each for each in manifest["promises"] if each["outcome"] == "waived"]
    assert waived["waiver"] == {"reason": "mended", "owner": "platform", "expires": "2999-12-31"}


def test_only_what_was_selected_is_listed(project: Project) -> None:
    project.write(refs=contract("refs"), lost=contract("lost"))

    manifest = written(project.check("refs::rows", "refs::nulls"))

    assert [check for _, check, _ in promised(manifest)] == ["rows", "nulls[ref_id]", "nulls[path]"]
    assert [each["table"] for each in manifest["tables"]] == ["refs"]
    assert manifest["summary"]["kept"] == 3


VIEW = '{name: loud, sql: "SELECT upper(ref_id) AS id FROM refs"}'
VIEWED = f"{contract('refs')}views: [{VIEW}]\n"
REQUIRING = """\
session: runtime
functions: [arrow_typeof]
settings:
  datafusion.execution.parquet.pushdown_filters: "true"
  datafusion.sql_parser.dialect: generic
"""


def test_views_and_required_settings_are_told(project: Project) -> None:
    project.write(refs=VIEWED, runtime=REQUIRING)

    manifest = written(project.check())

    tables = {each["table"]: each for each in manifest["tables"]}
    assert tables["refs"]["view"] is None
    assert tables["loud"]["view"] == {
        "functions": ["upper"],
        "plan": [
            'CREATE VIEW "loud" AS SELECT upper(ref_id) AS id FROM refs',
            "Projection: upper(refs.ref_id) AS id",
            "  TableScan: refs",
        ],
    }
    assert manifest["shadowed_functions"] == []
    pushdown, dialect = (
        "datafusion.execution.parquet.pushdown_filters",
        "datafusion.sql_parser.dialect",
    )
    runtime = "contracts/runtime.yaml"
    assert manifest["required_settings"] == [
        {
            "name": pushdown,
            "promised": "true",
            "effective": "false",
            "contract": runtime,
            "place": f"{runtime}:4:3",
        },
        {
            "name": dialect,
            "promised": "generic",
            "effective": "generic",
            "contract": runtime,
            "place": f"{runtime}:5:3",
        },
    ]


def test_a_result_has_the_text_of_each_report_and_a_row_a_promise(project: Project) -> None:
    project.write(refs=VIEWED, runtime=SESSION)
    result = project.check()

    assert json.loads(result.report("sarif"))["version"] == "2.1.0"
    assert result.report("json") == result.manifest_json()
    assert [row["id"] for row in result.results().to_pylist()] == [
        each.id for each in result.promises
    ]
    with pytest.raises(CstContractsError, match="there is no report 'pdf'; there are github"):
        result.report("pdf")


def test_the_manifests_of_two_runs_can_be_compared(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """`refs` gets the rows of `moved`, whose path is a number, and a view asks for something else."""
    project.write(refs=VIEWED, runtime=SESSION)
    old, new = project.path / "old.json", project.path / "new.json"
    old.write_text(project.check().manifest_json())
    (project.lake / "moved.parquet").replace(project.lake / "refs.parquet")
    project.write(refs=VIEWED.replace("upper", "lower"))
    new.write_text(project.check().manifest_json())

    assert main(["compare", str(old), str(new)]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert "contracts/refs.yaml field[path]: kept → broken (breaking)" in lines
    assert "table refs: path: string → int64 (breaking)" in lines
    assert "table loud: calls upper → lower (compatible)" in lines
    assert main(["compare", str(new), str(new)]) == 0


def test_memory_is_told(project: Project) -> None:
    project.write(refs=contract("refs"))

    memory = project.check(memory=256 * 1024**2).manifest().memory

    assert memory is not None
    assert memory.limit == 256 * 1024**2
    assert memory.peak is not None
    assert memory.peak > 10 * 1024**2
