"""`catalog` as a user runs it: red by name, alone or among workers, and told in the manifest."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from cst_contracts.report.manifest_file import manifest_schema

pytest_plugins = "pytester"

SESSION = """\
session: runtime
preset: cst
catalog:
  location: artifacts
  format: parquet
  tables: [refs, lost]
"""
REFS = "table: refs\nfields: [{name: ref_id, type: string, nullable: false}, {name: path, type: string}]\n"


@pytest.fixture
def mounted(project: pytest.Pytester) -> pytest.Pytester:
    """`refs` has no source: it is used as the catalog has it."""
    project.makeini("[pytest]\ncst_lake = lake")
    project.makefile(".yaml", **{"contracts/runtime": SESSION, "contracts/refs": REFS})
    artifacts = project.path / "lake" / "artifacts"
    artifacts.mkdir()
    for name in ("refs.parquet", "lost.parquet"):
        (project.path / "lake" / name).rename(artifacts / name)
    return project


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_subprocess(
        "-p", "no:cacheprovider", "--cst-manifest", "manifest.json", *arguments
    )


def manifest(project: pytest.Pytester) -> Any:
    read = json.loads((project.path / "manifest.json").read_text(encoding="utf-8"))
    Draft202012Validator(manifest_schema()).validate(read)
    return read


def told(project: pytest.Pytester) -> str:
    """All but the memory that a process took, and when it was."""
    read = manifest(project)
    del read["memory"], read["run"]
    return json.dumps(read)


def test_a_catalog_that_is_as_declared_is_kept_and_its_inventory_is_stable(
    mounted: pytest.Pytester,
) -> None:
    run(mounted, "-p", "no:xdist").assert_outcomes(passed=17)
    alone = told(mounted)
    (catalog,) = manifest(mounted)["catalogs"]
    assert (catalog["contract"], catalog["format"]) == ("contracts/runtime.yaml", "parquet")
    assert catalog["strays"] == []
    lost, refs = catalog["tables"]
    assert (lost["table"], lost["rows"], refs["table"], refs["rows"]) == ("lost", 2, "refs", 3)
    assert refs["bytes"] == (mounted.path / "lake/artifacts/refs.parquet").stat().st_size
    assert (refs["files"], refs["error"]) == (1, None)
    assert refs["fingerprint"] == lost["fingerprint"]
    run(mounted, "-p", "no:xdist").assert_outcomes(passed=17)
    assert told(mounted) == alone
    run(mounted, "-n", "2").assert_outcomes(passed=17)
    assert manifest(mounted)["catalogs"] == [catalog]


def test_all_that_is_wrong_with_a_catalog_is_red_by_name(mounted: pytest.Pytester) -> None:
    artifacts = mounted.path / "lake" / "artifacts"
    (artifacts / "lost.parquet").unlink()
    (artifacts / "readme.txt").write_text("no table")
    (artifacts / "torn.parquet").write_bytes(b"PAR1")
    pq.write_table(pa.table({"ref_id": [1]}), artifacts / "more.parquet")
    result = run(mounted, "-p", "no:xdist")
    result.assert_outcomes(passed=16, failed=1)
    result.stdout.fnmatch_lines(
        [
            "?catalog-missing? lost: no such file or folder; the tables there: more, refs, torn",
            "contracts/runtime.yaml:6:18",
            "?catalog-unexpected? more: more, as more.parquet",
            "?catalog-unexpected? torn: torn, as torn.parquet",
            "?catalog-stray? readme.txt: readme.txt: its name does not end in .parquet",
            "?catalog-unreadable? torn: torn.parquet: *",
        ]
    )
    (catalog,) = manifest(mounted)["catalogs"]
    assert [each["entry"] for each in catalog["strays"]] == ["readme.txt"]
    (torn,) = [each for each in catalog["tables"] if each["table"] == "torn"]
    assert (torn["rows"], torn["fingerprint"]) == (None, None)
    assert torn["error"]
    (told,) = [each for each in manifest(mounted)["promises"] if each["check"] == "catalog"]
    assert (told["outcome"], told["code"], told["violations"]) == ("broken", "catalog-missing", 5)


def test_a_root_that_is_not_there_is_red_for_its_tables_too(mounted: pytest.Pytester) -> None:
    (mounted.path / "lake" / "artifacts").rename(mounted.path / "lake" / "elsewhere")
    result = run(mounted, "-p", "no:xdist", "-k", "catalog or table")
    result.assert_outcomes(passed=1, failed=2, deselected=14)
    result.stdout.fnmatch_lines(["?table-missing? refs: *", "?catalog-root? catalog: *"])
    assert manifest(mounted)["catalogs"] == []


CONFTEST = """
from datafusion import SessionConfig, SessionContext

def pytest_cst_contracts_session(config):
    settings = {
        "datafusion.execution.parquet.pushdown_filters": "true",
        "datafusion.execution.parquet.skip_metadata": "false",
        "datafusion.optimizer.expand_views_at_output": "true",
    }
    context = SessionContext(SessionConfig(settings).with_information_schema(True))
    context.sql("SET datafusion.runtime.list_files_cache_limit = '0'")
    return context
"""


def test_a_setting_that_has_its_value_and_no_effect_is_red(mounted: pytest.Pytester) -> None:
    mounted.makeconftest(CONFTEST)
    result = run(mounted, "-p", "no:xdist", "-k", "setting or catalog")
    result.assert_outcomes(passed=8, failed=1, deselected=8)
    result.stdout.fnmatch_lines(
        [
            "?setting-without-effect? *schema_force_view_types: a string field comes out as *",
            "    promised: true",
            "    hint:     another setting overrides it, or it was set too late: *",
        ]
    )
