"""The sentence on top of the page, for each way in which a run may come out."""

from collections.abc import Sequence
from datetime import date

import pytest
from msgspec.structs import replace
from support.pages import faulty_run
from support.promises import manifest, promise, red

from cst_contracts.contract.model import Severity
from cst_contracts.report.html.causes import causes
from cst_contracts.report.html.states import MEANINGS, WORDS, State, state_of
from cst_contracts.report.html.verdict import Verdict, verdict
from cst_contracts.report.manifest_file import (
    Manifest,
    Outcome,
    PromiseRecord,
    RunEntry,
    WaiverEntry,
)

KEPT = promise("contracts/t.yaml", "t", "rows")
WARNS = replace(red("w"), failed=False, severity=Severity.WARN)
WAIVED = replace(
    red("x"),
    failed=False,
    outcome=Outcome.WAIVED,
    waiver=WaiverEntry(reason="later", owner="ana", expires=date(2030, 2, 1)),
)
UNSEEN = replace(red("u"), failed=False, outcome=Outcome.UNDECIDED)
ALLOWED = replace(red("v"), failed=False, outcome=Outcome.VACUOUS)


def told(run: Manifest) -> Verdict:
    return verdict(run, causes(run.promises))


@pytest.mark.parametrize(
    ("records", "state", "sentence"),
    [
        ([KEPT, red("a"), red("b")], State.BROKEN, "2 of 3 promises fail, in 1 of 1 contract."),
        ([KEPT, red("a")], State.BROKEN, "1 of 2 promises fails, in 1 of 1 contract."),
        ([KEPT, WARNS], State.WARN, "No promise fails; 1 only warns."),
        ([KEPT, WAIVED, UNSEEN], State.WAIVED, "No promise fails."),
        ([KEPT, UNSEEN], State.UNDECIDED, "No promise fails."),
        ([KEPT, ALLOWED], State.VACUOUS, "No promise fails."),
        ([KEPT, replace(KEPT, check="table")], State.KEPT, "All 2 promises are kept."),
        ([KEPT], State.KEPT, "The one promise is kept."),
        (
            [UNSEEN, replace(UNSEEN, check="rows")],
            State.UNDECIDED,
            "No promise could be looked at.",
        ),
        ([], State.VACUOUS, "Nothing was promised."),
    ],
)
def test_the_state_follows_from_what_failed(
    records: Sequence[PromiseRecord], state: State, sentence: str
) -> None:
    found = told(manifest(*records))
    assert (found.state, found.sentence) == (state, sentence)


def test_the_lede_says_in_order_what_else_is_so_and_nothing_that_is_not() -> None:
    assert told(faulty_run()).lede == (
        "1 more only warns. 1 is waived, until 2030-02-01."
        " 2 could not be looked at because of 1 cause."
    )
    assert told(manifest(KEPT)).lede == "In 1 contract; each was looked at."
    assert told(manifest(red("a"), replace(red("a"), check="field[a]"))).lede == (
        "They come down to 1 cause."
    )
    assert told(manifest(KEPT, ALLOWED)).lede == "1 is vacuous, and allowed to be."
    assert told(manifest()).lede.startswith("No contract was found, or none was selected")


def test_the_earliest_end_of_several_waivers_is_told() -> None:
    later = WaiverEntry(reason="later", owner="bo", expires=date(2031, 1, 1))
    both = manifest(KEPT, replace(WAIVED, check="rows", waiver=later), WAIVED)
    assert told(both).lede == "2 are waived, the first until 2030-02-01."


def test_what_was_deselected_is_told_since_it_was_not_looked_at() -> None:
    run = replace(manifest(KEPT), run=RunEntry(deselected=1200))
    assert told(run).lede.endswith("1,200 promises were deselected, and not looked at.")


def test_a_promise_that_a_mark_hides_only_warns() -> None:
    assert state_of(replace(red("a"), failed=False, hidden_by="xfail")) is State.WARN
    assert set(WORDS) == set(MEANINGS) == set(State)
