"""`--cst-prove`: items that break their promise once, over data of their own, and fail if nobody notices."""

import pytest

# Runs within this process forget what they have loaded, and datafusion can be loaded once only.
import cst_contracts.proof.proving  # noqa: F401
from cst_contracts.location import Location
from cst_contracts.proof.score import Outcome, Proof, Score
from cst_contracts.pytest_plugin.proofs import merged

pytest_plugins = "pytester"

VAIN = """table: vain
fields: [{name: a, type: int64}]
keys: [[a]]
rules:
  - {name: always, sql: a = a}
"""
PLAIN = """table: plain
source: {format: csv, location: nowhere}
fields: [{name: a, type: string}]
"""
CONTRADICTION = """table: empty
fields: [{name: a, type: int64}]
rules:
  - {name: never, sql: a > 5 AND a IS NULL}
"""
WHY = "no row that was tried makes it false: it is true, or NULL, whatever the fields hold"
SCORE = "1 of 2 ways to break a promise turned it red, and no other, in 1 contract"


def test_a_promise_that_nobody_would_miss_fails_at_its_line(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/vain": VAIN})
    result = project.runpytest_inprocess("--cst-prove", "-k", "rule or unique")
    result.assert_outcomes(passed=1, failed=1, deselected=5)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "contracts: contracts (1 file); proven over data of their own: no lake, *",
            f"could not be broken alone: {WHY}",
            "contracts/vain.yaml:5:5",
            "    5 |   - {name: always, sql: a = a}",
            "vain   50 %  1 of 2",
            SCORE,
            f"FAILED contracts/vain.yaml::rule[[]always[]] - could not be broken alone: {WHY}",
        ]
    )


def test_what_a_worker_proves_is_told_by_the_controller(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/vain": VAIN, "contracts/other": CONTRADICTION})
    result = project.runpytest_subprocess("--cst-prove", "-n1", "contracts/vain.yaml", "-k", "[a]")
    result.assert_outcomes(passed=2)
    assert result.outlines.count("vain  100 %  2 of 2") == 1


def test_proofs_of_several_workers_make_one_score_a_contract() -> None:
    proofs = [
        Proof(check, Location("c.yaml", line, 1), Outcome.KILLED, "", "")
        for line, check in enumerate(("table", "rows", "fields"))
    ]
    one, two, three = ((each,) for each in proofs)
    scores = [Score("c.yaml", "c", one), Score("a.yaml", "a", two), Score("c.yaml", "c", three)]
    assert merged(scores) == [Score("a.yaml", "a", two), Score("c.yaml", "c", one + three)]


def test_what_is_not_counted_is_skipped_at_its_line_and_proves_nothing(
    project: pytest.Pytester,
) -> None:
    project.makefile(".yaml", **{"contracts/plain": PLAIN})
    result = project.runpytest_inprocess("--cst-prove", "-rs", "contracts/plain.yaml::field[a]")
    result.assert_outcomes(skipped=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "plain    0 %  0 of 0, 1 not counted",
            "--cst-prove is given, and no promise was proven",
            "SKIPPED [[]1[]] contracts/plain.yaml:3: cannot be broken: whatever stands in CSV is text",
        ]
    )


def test_what_no_data_keep_fails_as_that(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/empty": CONTRADICTION})
    result = project.runpytest_inprocess("--cst-prove", "-k", "rule")
    result.assert_outcomes(failed=1, deselected=5)
    result.stdout.fnmatch_lines(
        [
            "could not be kept: none of 2048 rows that were tried makes rule[[]never[]] true",
            "contracts/empty.yaml:4:5",
            "    4 |   - {name: never, sql: a > 5 AND a IS NULL}",
            "    tried:    data that keep it",
        ]
    )


def test_where_no_data_can_be_made_each_promise_says_why(project: pytest.Pytester) -> None:
    unwritten = (
        "table: t\nsource: {format: delta, location: t}\nfields: [{name: a, type: 'duration[us]'}]"
    )
    project.makefile(".yaml", **{"contracts/t": unwritten})
    result = project.runpytest_inprocess("--cst-prove", "-k", "field")
    result.assert_outcomes(failed=2, deselected=6)
    told = "no data are known that keep this contract: the table cannot be written as delta: *Duration*"
    result.stdout.fnmatch_lines([told, f"FAILED contracts/t.yaml::fields - {told}"])
    assert "During handling" not in result.stdout.str()


def test_own_tests_are_not_green_for_contracts_that_nobody_proved(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/vain": VAIN})
    project.makepyfile(test_own="def test_own():\n    pass")
    result = project.runpytest_inprocess("--cst-prove", "test_own.py")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "--cst-prove is given, and no contract was collected: contracts is not" in (
        result.stdout.str()
    )


def test_a_file_that_is_no_contract_cannot_be_deselected(project: pytest.Pytester) -> None:
    project.makefile(".yaml", **{"contracts/vain": VAIN, "contracts/bad": "table: bad\n"})
    result = project.runpytest_inprocess("--cst-prove", "-k", "unique")
    result.assert_outcomes(passed=1, deselected=7)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "contracts/bad.yaml::contract was deselected, and the file is no contract" in (
        result.stdout.str()
    )


@pytest.mark.parametrize(
    "flag", ["--cst-manifest=m.json", "--cst-report=json=m.json", "--cst-results=m.parquet"]
)
def test_nothing_is_written_of_a_lake_that_nobody_looked_at(
    project: pytest.Pytester, flag: str
) -> None:
    project.makefile(".yaml", **{"contracts/vain": VAIN})
    result = project.runpytest_inprocess("--cst-prove", flag)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = f"--cst-prove looks at no lake, so that {flag.partition('=')[0]} has nothing to tell"
    assert told in result.stderr.str()
