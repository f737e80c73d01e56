"""A folder of artifacts that is mounted as tables: held against its inventory, and told in the manifest."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from support.project import Project, counts, promise, red

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
def mounted(project: Project) -> Project:
    """`refs` has no source: it is used as the catalog has it."""
    project.write(runtime=SESSION, refs=REFS)
    artifacts = project.lake / "artifacts"
    artifacts.mkdir()
    for name in ("refs.parquet", "lost.parquet"):
        (project.lake / name).rename(artifacts / name)
    return project


def test_a_catalog_that_is_as_declared_is_kept_and_its_inventory_is_stable(
    mounted: Project,
) -> None:
    result = mounted.check()

    assert (result.ok, len(result.promises)) == (True, 17)
    (catalog,) = result.manifest().catalogs
    assert (catalog.contract, catalog.format) == ("contracts/runtime.yaml", "parquet")
    assert catalog.strays == ()
    lost, refs = catalog.tables
    assert (lost.table, lost.rows, refs.table, refs.rows) == ("lost", 2, "refs", 3)
    assert refs.bytes == (mounted.lake / "artifacts/refs.parquet").stat().st_size
    assert (refs.files, refs.error) == (1, None)
    assert refs.fingerprint == lost.fingerprint
    assert mounted.check().manifest().catalogs == (catalog,)


def test_all_that_is_wrong_with_a_catalog_is_red_by_name(mounted: Project) -> None:
    artifacts = mounted.lake / "artifacts"
    (artifacts / "lost.parquet").unlink()
    (artifacts / "readme.txt").write_text("no table")
    (artifacts / "torn.parquet").write_bytes(b"PAR1")
    pq.write_table(pa.table({"ref_id": [1]}), artifacts / "more.parquet")

    result = mounted.check()

    assert counts(result) == {"kept": 14, "vacuous": 2, "broken": 1, "red": 1}
    broken = promise(result, "catalog")
    assert [(each.code.value, each.subject) for each in broken.findings] == [
        ("catalog-missing", "lost"),
        ("catalog-unexpected", "more"),
        ("catalog-unexpected", "torn"),
        ("catalog-stray", "readme.txt"),
        ("catalog-unreadable", "torn"),
    ]
    told = [each.observed for each in broken.findings]
    assert told[:4] == [
        "no such file or folder; the tables there: more, refs, torn",
        "more, as more.parquet",
        "torn, as torn.parquet",
        "readme.txt: its name does not end in .parquet",
    ]
    assert told[4].startswith("torn.parquet: ")
    assert (broken.place, broken.violations) == ("contracts/runtime.yaml:6:18", 5)
    (catalog,) = result.manifest().catalogs
    assert [each.entry for each in catalog.strays] == ["readme.txt"]
    (torn,) = [each for each in catalog.tables if each.table == "torn"]
    assert (torn.rows, torn.fingerprint) == (None, None)
    assert torn.error


def test_a_root_that_is_not_there_is_red_for_its_tables_too(mounted: Project) -> None:
    (mounted.lake / "artifacts").rename(mounted.lake / "elsewhere")

    result = mounted.check("catalog", "refs::table")

    assert red(result) == {
        ("refs", "table"): ("table-missing",),
        ("runtime", "catalog"): ("catalog-root",),
    }
    assert result.manifest().catalogs == ()


def test_a_setting_that_has_its_value_and_no_effect_is_red(mounted: Project) -> None:
    settings: dict[str, Any] = {
        "datafusion.execution.parquet.pushdown_filters": "true",
        "datafusion.execution.parquet.skip_metadata": "false",
        "datafusion.optimizer.expand_views_at_output": "true",
    }
    own = SessionContext(SessionConfig(settings).with_information_schema(enabled=True))
    own.sql("SET datafusion.runtime.list_files_cache_limit = '0'")

    result = mounted.check("setting", "catalog", session=own)

    (broken,) = result.failed
    assert broken.code == "setting-without-effect"
    assert "schema_force_view_types" in broken.check
    assert broken.promised == "true"
    assert str(broken.observed).startswith("a string field comes out as ")
    assert str(broken.hint).startswith("another setting overrides it, or it was set too late: ")
    assert counts(result)["kept"] == 8
