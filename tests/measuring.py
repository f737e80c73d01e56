"""Contracts and a folder of tables, or a session, to what is measured and judged of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cst_contracts.checks.model import Check
from cst_contracts.checks.needs import KeyNeed, Need, NullsNeed, OrderNeed, ReferenceNeed, RuleNeed
from cst_contracts.engine.live import Live
from cst_contracts.pytest_plugin.run import Run
from cst_contracts.pytest_plugin.wanted import wanted_by

from cst_contracts.checks.shown import shown_rows
from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.relations import relations
from cst_contracts.engine.relations.registry import LiveCatalog
from cst_contracts.engine.rows.asked import Answered
from cst_contracts.engine.rows.measurements import Measurements, Measuring
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import SortTerm, ValueFacts

MEMORY = 1024**3


def table_contract(text: str) -> TableContract:
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    return contract


def measurements(
    folder: Path | str,
    contracts: Sequence[TableContract],
    how: Measuring | None = None,
    more: Mapping[str, Sequence[Need]] | None = None,
) -> Measurements:
    """All of a contract's promises about rows are measured together, and more by relation."""
    catalog = LiveCatalog(open_session({}), relations(contracts), Lake(str(folder)), supplied=False)
    wanted: dict[str, list[Need]] = {}
    for contract in contracts:
        wanted.setdefault(contract.name, []).extend(needs(contract))
    for relation, others in (more or {}).items():
        wanted.setdefault(relation, []).extend(others)
    return Measurements(catalog, wanted, how or Measuring(MEMORY))


def values(
    catalog: LiveCatalog, relation: str, paths: Sequence[str], how: Measuring | None = None
) -> ValueFacts | IntrospectionError:
    """The nulls of the paths, counted together."""
    wanted = {relation: [NullsNeed(path) for path in paths]}
    return Measurements(catalog, wanted, how or Measuring(MEMORY)).values(relation, paths)


def run_of(
    catalog: LiveCatalog,
    selected: Sequence[tuple[Contract, Check]],
    how: Measuring | None = None,
) -> Run:
    """As pytest makes it of the items that are selected."""
    wanted = wanted_by(selected)
    how = how or Measuring(MEMORY, shown=shown_rows(catalog.relations))
    return Run(Live(catalog, Measurements(catalog, wanted.needs, how)), selected, wanted)


def needs(contract: TableContract) -> list[Need]:
    found: list[Need] = [KeyNeed(key.fields) for key in contract.keys]
    found += [ReferenceNeed(reference) for reference in contract.references]
    found += [RuleNeed(rule) for rule in contract.rules]
    found += [NullsNeed(field.path) for field in contract.fields if not field.nullable]
    if contract.source is not None and contract.source.ordered_by:
        found.append(order_need(contract.source.ordered_by))
    return found


def answers(measured: Measurements, contract: TableContract) -> dict[str, Answered]:
    """By the ids of the checks."""
    return {
        "order[measured]" if isinstance(need, OrderNeed) else str(need): measured.answer(
            contract.name, need
        )
        for need in needs(contract)
    }


def order_need(terms: Sequence[Any]) -> OrderNeed:
    return OrderNeed(tuple(SortTerm(t.field, t.descending, t.nulls_first) for t in terms))
