"""What has to follow where a snapshot's changes were accepted."""

from datetime import date

import pytest
from msgspec.structs import replace
from support.orders import ORDERS, contract_of

from cst_contracts.contract.model import Contract
from cst_contracts.drift.changes import Change, diff
from cst_contracts.drift.fields import FieldAdded, FieldRemoved, TypeChanged
from cst_contracts.drift.functions import FunctionRemoved
from cst_contracts.drift.merging import KeptSnapshot, State
from cst_contracts.drift.snapshot import NodeSnapshot, TableSnapshot
from cst_contracts.drift.verdicts import difference
from cst_contracts.drift.views import PlanChanged
from cst_contracts.report.following import following_lines
from cst_contracts.report.lines import plain

CONTRACT = contract_of(ORDERS)
ADDED = FieldAdded("channel", "string", nullable=True)
WIDER = TypeChanged("total", "double", "string")


def told(contract: Contract, *changes: Change) -> list[str]:
    return [plain(each) for each in following_lines(contract, changes)]


@pytest.mark.parametrize(
    ("version", "major", "minor"), [("1.2.0", "2.0.0", "1.3.0"), ("0.2.1", "0.3.0", "0.2.2")]
)
def test_what_breaks_wants_a_major_step_and_what_was_added_a_minor_one(
    version: str, major: str, minor: str
) -> None:
    contract = replace(CONTRACT, version=version)

    head, waiver = told(contract, ADDED, WIDER)

    assert head == (
        f"  must follow: a major step of `version`, from {version} to {major} if it is not made yet, "
        "or a waiver of each breaking change:"
    )
    assert waiver.startswith("    waiver of ")
    assert waiver.endswith(": total: double → string")
    assert told(contract, ADDED) == [
        f"  must follow: a minor step of `version`, from {version} to {minor}, "
        "where the contract promises what was added"
    ]


def test_a_contract_without_a_version_has_waivers_alone() -> None:
    contract = replace(CONTRACT, version=None)

    head, _ = told(contract, WIDER)

    assert head == (
        "  must follow: a waiver of each breaking change, as the contract has no `version` whose major "
        "step could announce it:"
    )
    assert told(contract, ADDED) == []


def test_what_changes_for_nobody_wants_nothing() -> None:
    assert told(CONTRACT) == []
    text = (
        ORDERS
        + "views: [{name: v, sql: SELECT id FROM orders, fields: [{name: id, type: string}]}]"
    )
    plan = PlanChanged("v", ("Projection: id",), ("Projection: orders.id",))
    assert told(contract_of(text), plan) == []
    assert len(told(CONTRACT, plan)) == 2


def test_changes_by_the_dozen_are_counted() -> None:
    gone = [FunctionRemoved(f"f{number}", "scalar") for number in range(12)]

    lines = told(CONTRACT, *gone)

    assert len(lines) == 7
    assert lines[-1] == "    and of 7 more, which `cst-contracts diff` names"


def test_the_waiver_that_is_named_is_the_one_that_the_comparison_takes() -> None:
    nodes = [
        NodeSnapshot("id", "string", nullable=False),
        NodeSnapshot("free", "int64", nullable=True),
    ]
    before, after = TableSnapshot("orders", tuple(nodes)), TableSnapshot("orders", (nodes[0],))
    (change,) = diff(before, after)
    assert isinstance(change, FieldRemoved)

    old, new = (
        State(name, (CONTRACT,), {CONTRACT.file: KeptSnapshot("orders.json", kept)})
        for name, kept in (("before", before), ("after", after))
    )
    found = difference(old, new, date(2026, 1, 1))

    (entry,) = found.breaks
    assert told(CONTRACT, change)[1:] == [f"    waiver of {entry.fingerprint}: {entry.line}"]
