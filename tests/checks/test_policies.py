"""Do statistics answer queries, and are files and row groups left unread, as a table's source says?"""

import pyarrow as pa
import pytest
from support.answers import judged_by

from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.facts import Basis, CouldNotLook, PruningFacts, StatisticsFacts, TableFacts
from cst_contracts.location import Location
from cst_contracts.needs import AnyNeed, PruningNeed, SchemaNeed, StatisticsNeed

TEXT = """\
table: t
source:
  format: {format}
  location: t
  {policy}: {wanted}
fields: [{{name: a, type: int64}}]
"""
PLACE = Location("contracts/t.yaml", 5, 3)
GONE = CouldNotLook("gone", "t")
NEEDS = {"statistics": StatisticsNeed("t"), "pruning": PruningNeed("t")}


def judged(
    policy: str,
    answer: StatisticsFacts | PruningFacts | CouldNotLook,
    *,
    wanted: bool,
    format_: str = "parquet",
    table: TableFacts | CouldNotLook | None = None,
) -> Verdict:
    text = TEXT.format(format=format_, policy=policy, wanted=str(wanted).lower())
    there = TableFacts("t", format_, pa.schema([])) if table is None else table
    known: dict[AnyNeed, object] = {SchemaNeed("t"): there, NEEDS[policy]: answer}
    return judged_by(text, policy, known)


def told(finding: Finding, code: str) -> tuple[str, str, str]:
    assert (finding.code.value, finding.place, finding.subject) == (code, PLACE, "t")
    return finding.promised, finding.observed, finding.hint


def only_finding(verdict: Verdict, code: str) -> tuple[str, str, str]:
    assert isinstance(verdict, Broken)
    assert verdict.basis is Basis.PLAN
    (finding,) = verdict.findings
    return told(finding, code)


ALL, NONE = StatisticsFacts(True, ("a", "b"), ()), StatisticsFacts(False, ("a", "b"), ("a", "b"))  # noqa: FBT003


def test_statistics_that_answer_as_the_contract_says_are_kept() -> None:
    assert judged("statistics", ALL, wanted=True) == Kept(Basis.PLAN)
    assert judged("statistics", NONE, wanted=False) == Kept(Basis.PLAN)


@pytest.mark.parametrize(
    ("format_", "hint"),
    [
        ("parquet", "write the files with statistics; text has none"),
        (
            "delta",
            "the provider of Delta tables takes no predicates and no statistics over; "
            "leave the key out",
        ),
    ],
)
def test_rows_that_are_read_for_what_statistics_could_tell_are_red(format_: str, hint: str) -> None:
    verdict = judged("statistics", NONE, wanted=True, format_=format_)
    promised, observed = "answers from statistics", "rows are read for count(*), a, b"
    assert only_finding(verdict, "statistics-ineffective") == (promised, observed, hint)


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        (ALL, "count(*)"),
        (StatisticsFacts(counted=False, asked=("a", "b"), scanned=("a",)), "what is asked of b"),
    ],
    ids=["counted", "a-field"],
)
def test_metadata_that_answer_where_they_must_not_are_red(
    facts: StatisticsFacts, what: str
) -> None:
    verdict = judged("statistics", facts, wanted=False)
    assert only_finding(verdict, "statistics-ineffective")[:2] == (
        "no statistics",
        f"metadata answer {what}",
    )


PRUNED = PruningFacts(row_groups=True, statistics=True, predicate="a > 3", left_out=True)
READ = PruningFacts(row_groups=True, statistics=True, predicate="a > 3", left_out=False)
OVERLAP = PruningFacts(row_groups=True, statistics=True)


def test_row_groups_that_are_left_out_as_the_contract_says_are_kept() -> None:
    assert judged("pruning", PRUNED, wanted=True) == Kept(Basis.PLAN)
    assert judged("pruning", READ, wanted=False) == Kept(Basis.PLAN)


@pytest.mark.parametrize(
    ("facts", "promised", "observed", "hint"),
    [
        (
            PruningFacts(row_groups=False),
            "row groups to leave out",
            "the format has none",
            "leave the key out, or write `format: parquet`",
        ),
        (
            PruningFacts(row_groups=True),
            "row groups that a range leaves out",
            "no field of whole numbers or text has the ranges of its row groups stored",
            "write the files with statistics",
        ),
        (READ, "row groups left out for a > 3", "all are read", ""),
        (
            PruningFacts(
                row_groups=True,
                statistics=True,
                left_out=True,
                partition="repo",
                files_left_out=False,
            ),
            "files left out for one value of repo",
            "all are read",
            "",
        ),
    ],
    ids=["no-row-groups", "no-ranges", "row-groups", "files"],
)
def test_what_a_query_excludes_and_is_read_is_red(
    facts: PruningFacts, promised: str, observed: str, hint: str
) -> None:
    verdict = judged("pruning", facts, wanted=True)
    assert only_finding(verdict, "pruning-ineffective") == (promised, observed, hint)


def test_the_provider_of_delta_tables_cannot_leave_anything_out() -> None:
    both = PruningFacts(
        row_groups=True,
        statistics=True,
        predicate="a > 3",
        left_out=False,
        partition="repo",
        files_left_out=False,
    )
    verdict = judged("pruning", both, wanted=True, format_="delta")
    assert isinstance(verdict, Broken)
    hint = (
        "the provider of Delta tables takes no predicates and no statistics over; leave the key out"
    )
    assert [told(finding, "pruning-ineffective") for finding in verdict.findings] == [
        ("row groups left out for a > 3", "all are read", hint),
        ("files left out for one value of repo", "all are read", hint),
    ]


def test_a_table_whose_ranges_all_overlap_has_nothing_to_prune() -> None:
    verdict = judged("pruning", OVERLAP, wanted=True)
    assert isinstance(verdict, Vacuous)
    assert (verdict.allowed, verdict.rows) == (True, None)
    assert told(verdict.finding, "nothing-to-prune")[0] == "row groups that a range leaves out"


def test_files_that_are_left_out_are_enough_where_ranges_overlap() -> None:
    facts = PruningFacts(row_groups=True, statistics=True, partition="repo", files_left_out=True)
    verdict = judged("pruning", facts, wanted=True)
    assert isinstance(verdict, Kept)
    assert [note.code.value for note in verdict.notes] == ["nothing-to-prune"]


def test_row_groups_that_are_left_out_though_all_shall_be_read_are_red() -> None:
    verdict = judged("pruning", PRUNED, wanted=False)
    assert only_finding(verdict, "pruning-ineffective") == (
        "all row groups read",
        "some are left out for a > 3",
        "register the table with parquet_pruning=False",
    )


def test_where_no_range_would_leave_a_row_group_out_reading_all_proves_nothing() -> None:
    verdict = judged("pruning", OVERLAP, wanted=False)
    assert isinstance(verdict, Vacuous)
    assert told(verdict.finding, "nothing-to-prune")[:2] == (
        "all row groups read",
        "no range would leave one out",
    )
    assert judged("pruning", PruningFacts(row_groups=False), wanted=False) == Kept(Basis.PLAN)


@pytest.mark.parametrize("policy", NEEDS)
def test_a_policy_that_cannot_be_looked_at_is_undecided(policy: str) -> None:
    verdict = judged(policy, CouldNotLook("no plan", "t"), wanted=True)
    assert isinstance(verdict, Undecided)
    assert verdict.cause is None
    assert told(verdict.finding, "table-unreadable") == (
        f"{policy} that can be looked at",
        "no plan",
        "",
    )
    unread = judged(policy, GONE, wanted=True, table=GONE)
    assert isinstance(unread, Undecided)
    assert unread.cause == Cause("t", "table")
