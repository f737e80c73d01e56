"""Does the session read what the contract's `source` names?"""

import pytest
from support.answers import checks_of, judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.facts import Basis, CouldNotLook, RowDifference, SourceFacts
from cst_contracts.location import Location
from cst_contracts.needs import SourceNeed

TEXT = """\
table: t
source: {format: parquet, location: t, partitioned_by: [p]}
fields: [{name: a, type: int64}]
"""
FILES, VERSION = (
    "2 files of `source`, and nothing else",
    "version 3 of the Delta table, and nothing else",
)


def judged(answer: SourceFacts | CouldNotLook | None) -> Verdict:
    return judged_by(TEXT, "source", {SourceNeed("t"): answer})


@pytest.mark.parametrize(
    "facts",
    [
        SourceFacts(supplied=False),
        SourceFacts(supplied=True, files=2),
        SourceFacts(supplied=True, version=3, promised=3),
        SourceFacts(supplied=True, basis=Basis.SCAN, differing=RowDifference(0, 0)),
    ],
)
def test_what_is_read_as_the_contract_says_is_kept(facts: SourceFacts) -> None:
    assert judged(facts) == Kept(facts.basis)


@pytest.mark.parametrize(
    ("facts", "promised", "observed"),
    [
        (
            SourceFacts(supplied=True, files=2, view=True),
            FILES,
            "the session has a view in its place",
        ),
        (
            SourceFacts(supplied=True, files=2, more=("x", "y"), fewer=("z",)),
            FILES,
            "the session reads x, y, too; the session does not read z",
        ),
        (
            SourceFacts(supplied=True, files=2, repeated=("x",)),
            FILES,
            "the session reads x more than once",
        ),
        (
            SourceFacts(supplied=True, files=2, without=("p",)),
            FILES,
            "the session lacks the partition fields p",
        ),
        (
            SourceFacts(supplied=True, version=2, promised=3),
            VERSION,
            "the session reads version 2",
        ),
        (
            SourceFacts(supplied=True, promised=3, differing=RowDifference(2, 1)),
            VERSION,
            "the session has other rows: 2 rows missing, 1 row too many",
        ),
        (
            SourceFacts(supplied=True, differing=RowDifference(0, 1)),
            "the files of `source`, and nothing else",
            "the session has other rows: 1 row too many",
        ),
    ],
)
def test_what_is_read_otherwise_is_red_where_the_contract_names_its_source(
    facts: SourceFacts, promised: str, observed: str
) -> None:
    place = Location("contracts/t.yaml", 2, 1)
    hint = "register what `source` names, or have it name what is registered"
    red = Finding(FindingCode.SOURCE_DIFFERS, place, "t", promised, observed, hint)
    assert judged(facts) == Broken((red,), facts.basis)


def test_a_table_that_nobody_could_open_is_red_elsewhere() -> None:
    verdict = judged(CouldNotLook("gone", "t"))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "table")


def test_what_nobody_can_tell_is_undecided() -> None:
    verdict = judged(None)
    assert isinstance(verdict, Undecided)
    assert (verdict.finding.code, verdict.cause) == (FindingCode.NOT_CHECKABLE, None)


@pytest.mark.parametrize(
    "source",
    ["", "source: {format: view}", "source: {format: csv, location: t.csv, unbounded: true}"],
)
def test_a_table_of_no_place_and_one_without_an_end_have_no_such_check(source: str) -> None:
    text = f"table: t\n{source}\nfields: [{{name: a, type: int64}}]\n"
    assert "source" not in checks_of(text)
