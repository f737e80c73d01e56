"""The options that say how values are measured, and what a run tells of it."""

import pytest

from cst_contracts.gate.memory import parse_size

pytest_plugins = "pytester"

REFS = """\
table: refs
source: {format: parquet, location: lake/refs.parquet, ordered_by: [ref_id]}
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: path, type: string, nullable: false}
nullability: values
keys: [[ref_id]]
rules: [{name: known, sql: "path IN ('p', 'q')"}]
"""
SCAN = "one scan of "
PLAN = [
    "refs",
    "  one scan of ref_id, what rule[known] reads",
    "  nulls[ref_id]: no row read, REQUIRED in every file",
    "  nulls[path]: no row read, null counts of every footer",
    "  unique[ref_id]: neighbours in the scan; where files overlap, unique[ref_id]: hashes from the "
    "scan, sorted; equal ones looked up",
    "  rule[known]: in the scan",
    "  order[measured] by ref_id asc nulls last: in the scan",
]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("64MB", 64 * 1024**2),
        ("64 MiB", 64 * 1024**2),
        ("512m", 512 * 1024**2),
        (" 2G ", 2 * 1024**3),
        ("3kB", 3 * 1024),
        ("1TB", 1024**4),
        ("", None),
        ("4XB", None),
        ("-1GB", None),
        ("1.5GB", None),
        ("lots", None),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--cst-memory=lots", "'lots' is no size; write a whole number and a unit"),
        ("--cst-memory=1MB", "1MB is too little to read a table; take 64MB at least"),
        ("--cst-samples=-1", "-1 is no number of rows"),
        ("--cst-samples=some", "invalid int value: 'some'"),
        ("--override-ini=cst_samples=few", "cst_samples: few is no number of rows"),
        ("--cst-query-seconds=0", "--cst-query-seconds is '0'; write a number above 0"),
        ("-ocst_query_seconds=soon", "cst_query_seconds is 'soon'; write a number above 0"),
    ],
)
def test_what_is_no_option_is_refused(project: pytest.Pytester, option: str, told: str) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    result = project.runpytest_inprocess(option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert told in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_a_size_of_the_ini_file_is_refused_alike(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    project.makeini("[pytest]\ncst_memory = 1 MB\n")
    result = project.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "too little" in result.stderr.str()


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_a_run_tells_how_it_measured(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    result = project.runpytest_inprocess("--cst-plan", *workers)
    assert result.ret == 0, result.stdout.str()
    # Workers that plan alike tell one plan.
    first = result.outlines.index("refs")
    assert sorted(result.outlines[first : first + len(PLAN)]) == sorted(PLAN)
    assert result.outlines.count("refs") == 1


SAMPLED = """\
table: lost
source: {format: parquet, location: lake/lost.parquet}
fields: [{name: path, type: string, nullable: false}, {name: ref_id, type: string}]
field_order: any
nullability: values
"""


@pytest.mark.parametrize(
    ("ini", "flags", "told"),
    [
        ("", (), ("lost.parquet, row 1", "no row read, null counts of every footer")),
        (
            "cst_samples = 1\ncst_verify_data = true",
            (),
            ("lost.parquet, row 1: path=NULL, ref_id='b'", "in the scan"),
        ),
        (
            "",
            ("--cst-samples=1", "--cst-verify-data"),
            ("lost.parquet, row 1: path=NULL, ref_id='b'", "in the scan"),
        ),
        (
            "cst_samples = 1",
            ("--cst-samples=0",),
            ("lost.parquet, row 1", "no row read, null counts of every footer"),
        ),
    ],
    ids=["neither", "keys", "flags", "a flag before a key"],
)
def test_samples_and_verified_data_are_asked_for_by_flag_and_by_key(
    project: pytest.Pytester, ini: str, flags: tuple[str, ...], told: tuple[str, str]
) -> None:
    row, way = told
    project.makefile(".yaml", **{"contracts/lost": SAMPLED})
    project.makeini(f"[pytest]\n{ini}")
    result = project.runpytest_inprocess("-p", "no:xdist", "-k", "nulls", "--cst-plan", *flags)
    assert f"    row:      {row}" in result.outlines
    assert f"  nulls[path]: {way}" in result.outlines


@pytest.mark.parametrize("option", ["--cst-query-seconds=0.000001", "-ocst_query_seconds=0.000001"])
def test_a_query_that_takes_too_long_is_red_alone(project: pytest.Pytester, option: str) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})

    result = project.runpytest_inprocess(option, "-k", "rows or known or ref_id")

    result.assert_outcomes(failed=1, passed=2, skipped=2)
    result.stdout.fnmatch_lines(
        ["*refs: it took longer than the 1e-06 s that a query may take (query_seconds)*"]
    )
    assert "query-too-slow" in result.stdout.str()


@pytest.mark.parametrize(
    ("ini", "flags"), [("cst_proofs = kept", ()), ("", ("--cst-proofs=kept",))], ids=["key", "flag"]
)
def test_a_folder_of_proofs_is_named_by_flag_and_by_key(
    project: pytest.Pytester, ini: str, flags: tuple[str, ...]
) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    project.makeini(f"[pytest]\n{ini}")
    arguments = ("-p", "no:xdist", "-k", "rule", "--cst-plan", *flags)
    first, again = (project.runpytest_inprocess(*arguments) for _ in range(2))
    assert "  rule[known]: in the scan, in the one file" in first.outlines
    assert "  rule[known]: no row read, proofs of the one file" in again.outlines
    assert len(list((project.path / "kept").glob("*.proofs"))) == 1
