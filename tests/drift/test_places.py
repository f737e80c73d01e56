"""Which line of which contract a change is about."""

import pytest

from cst_contracts.contract.parse import parse_contract
from cst_contracts.drift.changes import ContractAdded
from cst_contracts.drift.contracts import contract_changes
from cst_contracts.drift.places import Place, place_of_change
from cst_contracts.location import Location

LINES = (
    "table: t",
    "source:",
    "  format: parquet",
    "  location: t",
    "  files:",
    "    row_group_rows: {at_most: 9}",
    "fields:",
    "  - {name: a, type: int64}",
    "  - {name: l, type: list<struct>, fields: [",
    "      {name: x, type: int8},",
    "      {name: y, type: int8}]}",
    "rules:",
    "  - {name: r, sql: a > 0}",
    "views:",
    "  - name: v",
    "    sql: SELECT a FROM t",
    "  - name: w",
    "    sql: SELECT l FROM t",
)


def at(line: int, *, gone: bool = False) -> tuple[int, bool]:
    return line, gone


@pytest.mark.parametrize(
    ("was", "now", "places"),
    [
        ("a, type: int64", "a, type: int32", [at(8)]),
        ("x, type: int8", "x, type: int16", [at(10)]),
        ("      {name: x, type: int8},\n", "", [at(10, gone=True)]),
        ("      {name: x", "      {name: z, type: int8},\n      {name: x", [at(10)]),
        ("  location: t", "  location: u", [at(2)]),
        ("  location: t", "  location: t\n  ordered_by: [a]", [at(2)]),
        ("  location: t", "  location: t\n  partitioned_by: [a]", [at(2)]),
        ("at_most: 9", "at_most: 8", [at(6)]),
        ("  files:\n    row_group_rows: {at_most: 9}\n", "", [at(6, gone=True)]),
        ("a > 0", "a > 1", [at(13)]),
        ("rules:\n  - {name: r, sql: a > 0}\n", "", [at(13, gone=True)]),
        ("SELECT a FROM t", "SELECT a, l FROM t", [at(15)]),
        ("  - name: w\n    sql: SELECT l FROM t\n", "", [at(17, gone=True)]),
        ("    sql: SELECT l FROM t", "    sql: SELECT l FROM t\n    reads: [l]", [at(17)]),
        ("  - name: w", "    reads: [a]\n  - name: w", [at(15)]),
        ("table: t\n", "table: u\n", [at(1)]),
        ("rules:", "metadata: {k: v}\nrules:", [at(1)]),
    ],
)
def test_a_change_stands_at_the_most_exact_line_that_there_is(
    was: str, now: str, places: list[tuple[int, bool]]
) -> None:
    text = "\n".join((*LINES, ""))
    assert text.count(was) == 1
    before, after = (
        parse_contract(each.encode(), "t.yaml") for each in (text, text.replace(was, now))
    )
    found = (place_of_change(each, before, after) for each in contract_changes(before, after))
    assert [at(each.location.line, gone=each.gone) for each in found] == places


def test_a_contract_that_came_or_went_stands_at_its_first_line() -> None:
    one = parse_contract(b"# t\ntable: t\nfields: [{name: a, type: int8}]\n", "t.yaml")
    (came,), (went,) = contract_changes(None, one), contract_changes(one, None)
    assert place_of_change(came, None, one) == Place(one.place)
    assert place_of_change(went, one, None) == Place(one.place, gone=True)
    assert one.place == Location("t.yaml", 2, 1)


def test_a_change_of_no_contract_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="ContractAdded"):
        place_of_change(ContractAdded("t"), None, None)
