"""The options that say how values are measured, and what a run tells of it."""

import json

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
def test_a_run_explains_how_it_measured(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    result = project.runpytest_subprocess("--cst-explain", *workers)
    assert result.ret == 0, result.stdout.str()
    # Workers that plan alike tell one plan.
    first = result.outlines.index("refs")
    assert sorted(result.outlines[first : first + len(PLAN)]) == sorted(PLAN)
    assert result.outlines.count("refs") == 1


def test_nobody_who_does_not_ask_is_told(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    assert SCAN not in project.runpytest_subprocess().stdout.str()


def test_only_what_is_selected_is_measured(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    result = project.runpytest_subprocess("--cst-explain", "-k", "measured")
    assert "one scan of ref_id" in result.stdout.str()
    assert not any(word in result.stdout.str() for word in ("nulls[", "unique[", "rule["))


def test_data_is_verified_on_demand(project: pytest.Pytester) -> None:
    """Damage under an intact footer is red for all that read, and else for nobody."""
    project.makefile(".yaml", **{"contracts/refs": REFS})
    file = project.path / "lake" / "refs.parquet"
    data = file.read_bytes()
    half = len(data) // 10
    file.write_bytes(data[:4] + b"\xff" * half + data[4 + half :])
    believed = project.runpytest_subprocess("-k", "nulls")
    assert believed.parseoutcomes()["passed"] == 2
    verified = project.runpytest_subprocess("-k", "nulls", "--cst-verify-data")
    assert verified.parseoutcomes().get("passed", 0) < 2
    assert verified.ret == pytest.ExitCode.TESTS_FAILED
    read = project.runpytest_subprocess("-k", "measured or unique")
    assert "passed" not in read.parseoutcomes()


def test_memory_is_told_in_the_manifest(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/refs": REFS})
    project.runpytest_subprocess("--cst-manifest=m.json", "--cst-memory=256MB")
    told = json.loads((project.path / "m.json").read_text())
    assert told["memory"]["limit"] == 256 * 1024**2
    assert 10 * 1024**2 < told["memory"]["peak"] < 1024**3
