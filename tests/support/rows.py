"""Questions about rows, answered by an observer over tables of a test's own."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import CouldNotLook, NullCount, SortTerm
from cst_contracts.gate.observer import Observer
from cst_contracts.needs import (
    AnyRowNeed,
    KeyNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RuleNeed,
    ValuesNeed,
)
from support.gate import MEMORY, observer_of


def table_contract(text: str) -> TableContract:
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    return contract


def observing(
    lake: Path | str,
    contracts: Sequence[TableContract],
    more: Iterable[AnyRowNeed] = (),
    session: SessionContext | None = None,
    *,
    memory: int = MEMORY,
    samples: int = 0,
    verify_data: bool = False,
    proofs: Path | None = None,
    cluster: str | None = None,
) -> Observer:
    """All of the contracts' promises about rows, and `more`, are measured together."""
    observer = observer_of(
        contracts,
        lake,
        session,
        memory=memory,
        samples=samples,
        verify_data=verify_data,
        proofs=proofs,
        cluster=cluster,
    )
    observer.prepare(need for contract in contracts for need in needs(contract))
    observer.prepare(more)
    return observer


def needs(contract: TableContract) -> list[AnyRowNeed]:
    table = contract.name
    found: list[AnyRowNeed] = [KeyNeed(table, key.fields) for key in contract.keys]
    found += [ReferenceNeed(table, reference) for reference in contract.references]
    found += [RuleNeed(table, rule) for rule in contract.rules]
    found += [NullsNeed(table, field.path) for field in contract.fields if not field.nullable]
    found += [
        ValuesNeed(table, node.path, each.limit, not node.sensitive, each.tolerance)
        for field in contract.fields
        for node in field.walk()
        for each in node.constraints
    ]
    if contract.source is not None and contract.source.ordered_by:
        found.append(order_need(table, contract.source.ordered_by))
    return found


def answers(observer: Observer, contract: TableContract) -> Mapping[str, Any]:
    """By the ids of the checks."""
    return {
        "order[measured]" if isinstance(need, OrderNeed) else str(need): observer.answer(need)
        for need in needs(contract)
    }


def placed(answers: Mapping[str, Any]) -> dict[str, Any]:
    """With violating rows told by their places alone, without values."""
    return {key: without_values(answer) for key, answer in answers.items()}


#: What the engine says in place of a violating row that it cannot find again.
NOT_FOUND = "not found again"


def without_values(answer: Any, keep: str | None = None) -> Any:
    """Violating rows told by their places alone; a value of the name `keep` stays."""
    samples = getattr(answer, "samples", ())
    if not samples:
        return answer
    bare = (
        replace(each, values=tuple(value for value in each.values if value[0] == keep))
        for each in samples
    )
    return replace(answer, samples=tuple(bare))


def scan_in_batches(observer: Observer, relation: str, rows: int) -> None:
    """Scans the relation's files, where it has some, in batches of so many rows."""
    assert isinstance(observer, DataFusionObserver)
    source = observer._rows._access.source(relation)
    if source is not None:
        source.context.sql(f"SET datafusion.execution.batch_size = {rows}")


def session_of(observer: Observer) -> SessionContext:
    """The live session, with the relations in it that somebody has asked about."""
    assert isinstance(observer, DataFusionObserver)
    return observer._registry.context


def nulls(
    observer: Observer, relation: str, paths: Sequence[str]
) -> dict[str, NullCount | CouldNotLook]:
    """Counted together."""
    asked = [NullsNeed(relation, path) for path in paths]
    observer.prepare(asked)
    return {need.path: observer.answer(need) for need in asked}


def order_need(table: str, terms: Sequence[Any]) -> OrderNeed:
    return OrderNeed(
        table, tuple(SortTerm(each.field, each.descending, each.nulls_first) for each in terms)
    )
