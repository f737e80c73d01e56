"""A table that cannot be looked at within the bound has no contract written or edited, and is told."""

from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest
from support.starting import Starting

from cst_contracts.engine.session.waiting import waiting_at_most
from cst_contracts.facts import CouldNotLook
from cst_contracts.gate.observer import Observer
from cst_contracts.gate.opening import open_observer
from cst_contracts.gate.project import Project
from cst_contracts.needs import KeyNeed, OrderPlanNeed, ReferenceNeed, SpreadNeed
from cst_contracts.proposals.additions import Additions
from cst_contracts.proposals.contracts import outline_of, proven, table_contract
from cst_contracts.proposals.looking import Unseen, seen
from cst_contracts.proposals.sensitive import Hidden
from cst_contracts.proposals.sources import Draft
from cst_contracts.proposals.tables import Proposed, additions
from cst_contracts.proposals.updating import NotUpdated, Wishes, updates

OVER = "it took longer than the 1e-09 s that a query may take (query_seconds)"
Slow = Callable[[type[Any]], Observer]


@pytest.fixture
def slow(starting: Starting, monkeypatch: pytest.MonkeyPatch) -> Slow:
    """An observer of the lake whose engine has no time for one kind of question."""

    def opened(kind: type[Any]) -> Observer:
        drafts = [Draft(each).contract() for each in starting.found().sources]
        found = open_observer(Project(starting.root, (), str(starting.lake), 2**27), drafts)
        unbounded = found.answer

        def answer(need: Any) -> Any:
            with waiting_at_most(1e-9 if isinstance(need, kind) else None):
                return unbounded(need)

        monkeypatch.setattr(found, "answer", answer)
        return found

    starting.write("customers.parquet", {"customer_id": [1, 2, 3]})
    starting.write("orders.parquet", {"order": [7, 8], "customer_id": [1, 1], "kind": ["a", "a"]})
    return opened


@pytest.mark.parametrize(
    ("kind", "wanted", "told"),
    [
        (KeyNeed, Proposed.KEYS, "its keys"),
        (KeyNeed, Proposed.REFERENCES, "its keys"),
        (SpreadNeed, Proposed.ENUMS, "its values"),
        (SpreadNeed, Proposed.RANGES, "its values"),
    ],
)
def test_what_is_to_be_proposed_and_takes_too_long_is_told(
    kind: type[Any], wanted: Proposed, told: str, starting: Starting, slow: Slow
) -> None:
    observer = slow(kind)
    tables = [seen(Draft(each), observer) for each in starting.found().sources]

    found = additions(tables, observer, {wanted}, Hidden())

    assert isinstance(found["orders"], CouldNotLook)
    assert found["orders"].reason == f"{told}: {OVER}"


def test_a_reference_that_takes_too_long_is_of_the_table_that_has_it(
    starting: Starting, slow: Slow
) -> None:
    observer = slow(ReferenceNeed)
    tables = [seen(Draft(each), observer) for each in starting.found().sources]

    found = additions(tables, observer, {Proposed.REFERENCES}, Hidden())

    assert found["customers"] == Additions()
    assert isinstance(found["orders"], CouldNotLook)
    assert found["orders"].reason == f"its references: {OVER}"


def test_what_nobody_knows_to_be_kept_is_not_written(starting: Starting, slow: Slow) -> None:
    starting.write("ordered.parquet", {"n": [1, 2]}, sorting_columns=[pq.SortingColumn(0)])
    observer = slow(OrderPlanNeed)
    _, ordered, _ = (seen(Draft(each), observer) for each in starting.found().sources)

    with pytest.raises(Unseen) as raised:
        proven(outline_of(ordered), observer, "schema.json", "contracts/ordered.yaml", 2)

    assert raised.value.trouble.reason == f"nobody knows whether it keeps order[declared]: {OVER}"


def test_a_contract_is_not_edited_by_half(starting: Starting, slow: Slow) -> None:
    text = (
        "table: orders\nsource: {format: parquet, location: orders.parquet}\n"
        "fields: [{name: order, type: int64}, {name: kind, type: string}]\n"
    )
    path = starting.contract("orders", text)
    contract = table_contract(text, "contracts/orders.yaml")

    found = dict(updates({path: contract}, slow(KeyNeed), Wishes({Proposed.KEYS})))

    assert found == {path: NotUpdated("contracts/orders.yaml", f"its keys: {OVER}")}
