"""What becomes of the needs of one scan where it fails, or takes longer than it may."""

from collections.abc import Sequence
from functools import cache

import pyarrow as pa
from datafusion import DataFrame, SessionContext

from cst_contracts.contract.model import RuleContract
from cst_contracts.engine.rows.measure import Part, Tally
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.rule_tally import RulePart, planned_rule
from cst_contracts.engine.rows.scan import results_of, scan, scan_apart
from cst_contracts.engine.session.trouble import Refused
from cst_contracts.facts import CouldNotLook, NullCount, RuleCount, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import AnyRowNeed, NullsNeed, RuleNeed

PLACE = Location("contracts/t.yaml", 1, 1)
NULLS = NullsNeed("t", "a"), NullsNeed("t", "b")
QUICK, SLOW = (RuleNeed("t", RuleContract(name, f"{name} > 0", PLACE)) for name in "ab")


@cache
def frame() -> DataFrame:
    """Not when the module is loaded: no process that uses the engine can be forked."""
    return SessionContext().from_pydict({"a": [1, 2], "b": [3, 4]})


def parts_of(*rules: RuleNeed) -> list[Part]:
    schema = pa.schema(frame().schema())
    ruled = (
        RulePart.of(need, planned_rule(frame(), "t", need.rule), number, samples=0)
        for number, need in enumerate(rules)
    )
    return [NullPart(schema, NULLS, 0), *ruled]


class Reading:
    """Reads as a scan does, but that some needs take longer than a query may."""

    def __init__(self, *slow: AnyRowNeed) -> None:
        self._slow = set(slow)
        self.asked: list[set[AnyRowNeed]] = []

    def __call__(self, parts: Sequence[Part]) -> Sequence[Tally]:
        needs = {need for part in parts for need in part.needs}
        self.asked.append(needs)
        if needs & self._slow:
            raise Refused("it took longer", Trouble.SLOW)
        return scan(frame(), parts)


def test_a_slow_rule_is_slow_alone() -> None:
    read = Reading(SLOW)

    results = results_of(scan_apart(parts_of(QUICK, SLOW), read, "t"))

    assert results[SLOW] == CouldNotLook("it took longer", "t", trouble=Trouble.SLOW)
    assert isinstance(results[QUICK], RuleCount)
    assert all(isinstance(results[need], NullCount) for need in NULLS)
    assert read.asked == [{*NULLS, QUICK, SLOW}, {*NULLS}, {QUICK}, {SLOW}]


def test_what_only_reads_is_slow_together() -> None:
    """One need alone would read the same rows again, and wait as long."""
    read = Reading(NULLS[0])

    results = results_of(scan_apart(parts_of(QUICK), read, "t"))

    assert {need for need, each in results.items() if isinstance(each, CouldNotLook)} == set(NULLS)
    assert read.asked == [{*NULLS, QUICK}, {*NULLS}, {QUICK}]


def test_where_nothing_can_be_split_nothing_is_read_again() -> None:
    read = Reading(*NULLS)

    results = results_of(scan_apart(parts_of(), read, "t"))

    assert {type(each) for each in results.values()} == {CouldNotLook}
    assert len(read.asked) == 1


def test_what_fails_is_read_again_need_by_need() -> None:
    asked: list[int] = []

    def read(parts: Sequence[Part]) -> Sequence[Tally]:
        asked.append(sum(len(part.needs) for part in parts))
        if any(SLOW in part.needs for part in parts):
            raise ValueError("Divide by zero")
        return scan(frame(), parts)

    results = results_of(scan_apart(parts_of(QUICK, SLOW), read, "t"))

    assert results[SLOW] == CouldNotLook("Divide by zero", "t", trouble=Trouble.ENGINE)
    assert isinstance(results[QUICK], RuleCount)
    assert asked == [4, 1, 1, 1, 1]
