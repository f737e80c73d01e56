"""Rows are looked for where more break a promise than are tolerated, and nowhere else."""

import pytest

from cst_contracts.contract.model import ReferenceContract, RuleContract, Tolerance
from cst_contracts.engine.rows.results import RowFact
from cst_contracts.engine.rows.second_look import SecondLook
from cst_contracts.facts import KeyCount, NullCount, ReferenceCount, RuleCount, Sample
from cst_contracts.location import Location
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, ReferenceNeed, RuleNeed

AT = Location("contracts/t.yaml", 1, 1)
ROW = Sample("a.parquet", ())
TWO = Tolerance(2)
NEEDS: list[tuple[AnyRowNeed, RowFact, RowFact]] = [
    (NullsNeed("t", "a", TWO), NullCount(9, 2), NullCount(9, 3)),
    (KeyNeed("t", ("a",), TWO), KeyCount(9, 2, 0), KeyCount(9, 3, 0)),
    (RuleNeed("t", RuleContract("r", "a", AT, tolerance=TWO)), RuleCount(9, 2), RuleCount(9, 3)),
    (
        ReferenceNeed("t", ReferenceContract(("a",), "u", ("b",), AT, tolerance=TWO)),
        ReferenceCount(9, 2),
        ReferenceCount(9, 3),
    ),
]


@pytest.mark.parametrize(("need", "few", "many"), NEEDS, ids=[str(need) for need, *_ in NEEDS])
def test_rows_are_looked_for_where_they_are_too_many(
    need: AnyRowNeed, few: RowFact, many: RowFact
) -> None:
    asked: list[AnyRowNeed] = []

    def find(wanted: AnyRowNeed) -> RowFact:
        asked.append(wanted)
        return NullCount(9, 3, samples=(ROW,))

    def look(counted: RowFact) -> RowFact:
        return SecondLook(lambda _: counted, lambda _: None, find).with_rows(need, counted, ())

    assert look(few) == few
    assert asked == []
    assert look(many).samples == (ROW,)
    assert asked == [need]
