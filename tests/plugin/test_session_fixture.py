"""`cst_session`: the session that the contracts are checked against, in a project's own tests."""

import pytest

pytest_plugins = "pytester"

REFS = """\
table: refs
source: {format: parquet, location: refs.parquet}
fields: [{name: ref_id, type: string, nullable: false}, {name: path, type: string}]
views: [{name: paths, sql: SELECT path FROM refs}]
"""
TESTS = """
def test_rows(cst_session):
    assert cst_session.sql("SELECT count(*) AS n FROM paths").to_pydict() == {"n": [3]}


def test_schema(cst_session):
    told = cst_session.sql(
        "SELECT table_name, path, audit_type, nullable FROM cst_schema_diagnostics "
        "ORDER BY table_name, position"
    ).to_arrow_table().to_pylist()
    assert [tuple(row.values()) for row in told] == [
        ("paths", "path", "Utf8", True),
        ("refs", "ref_id", "Utf8", False),
        ("refs", "path", "Utf8", True),
    ]
"""


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    project.makeini("[pytest]\ncst_lake = lake")
    return project.runpytest_inprocess(
        "-p", "no:xdist", "-p", "no:cacheprovider", *arguments, "test_own.py"
    )


def test_a_projects_own_tests_query_the_contracts_tables_and_views(
    project: pytest.Pytester,
) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    project.makepyfile(test_own=TESTS)
    run(project).assert_outcomes(passed=2)


def test_what_is_missing_is_told_in_a_warning(project: pytest.Pytester) -> None:
    gone = REFS.replace("refs", "gone").replace("paths", "gone_paths")
    project.makefile(".yaml", **{"contracts/refs": REFS, "contracts/gone": gone})
    project.makepyfile(test_own=TESTS)
    result = run(project, "-W", "default")
    result.assert_outcomes(passed=2, warnings=1)
    result.stdout.fnmatch_lines(
        ["*cst_session: could not read table gone at *no Parquet file there"]
    )


def test_without_contracts_there_is_nothing_to_ask(project: pytest.Pytester) -> None:
    project.makepyfile(test_own=TESTS)
    result = run(project)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*cst_session: there is no folder of contracts *contracts"])
