"""Plans the checks of a contract. Needs no session: this is what collection is made of."""

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import TypeAlias

from cst_contracts.checks.aggregates import aggregate_checks
from cst_contracts.checks.catalogs import catalog_checks
from cst_contracts.checks.check import Check
from cst_contracts.checks.delta.constraints import constraint_checks
from cst_contracts.checks.delta.parity import parity_checks
from cst_contracts.checks.delta.version import version_checks
from cst_contracts.checks.field_set import field_checks
from cst_contracts.checks.files import file_checks
from cst_contracts.checks.freshness import freshness_checks
from cst_contracts.checks.functions import function_checks
from cst_contracts.checks.interop import interop_checks
from cst_contracts.checks.keys import key_checks
from cst_contracts.checks.metadata import metadata_checks
from cst_contracts.checks.nulls import null_checks
from cst_contracts.checks.ordering import order_checks
from cst_contracts.checks.partitions import partition_checks
from cst_contracts.checks.policies import policy_checks
from cst_contracts.checks.queries import query_checks
from cst_contracts.checks.references import reference_checks
from cst_contracts.checks.rows import row_checks
from cst_contracts.checks.rules import rule_checks
from cst_contracts.checks.settings import setting_checks
from cst_contracts.checks.snapshots import snapshot_checks
from cst_contracts.checks.source import source_checks
from cst_contracts.checks.streams import of_rows_read, unbounded_checks
from cst_contracts.checks.tables import table_checks
from cst_contracts.checks.value_constraints import value_checks
from cst_contracts.checks.views import view_checks
from cst_contracts.contract.model import Contract, SessionContract
from cst_contracts.contract.presets import PRESETS
from cst_contracts.errors import InvalidContract, Problem

Planner: TypeAlias = Callable[[Contract], Iterator[Check]]

#: The kinds of checks, each as what it plans for a contract, in the order in which they are reported.
KINDS: tuple[Planner, ...] = (
    table_checks,
    source_checks,
    row_checks,
    field_checks,
    metadata_checks,
    partition_checks,
    order_checks,
    file_checks,
    policy_checks,
    unbounded_checks,
    version_checks,
    parity_checks,
    constraint_checks,
    null_checks,
    value_checks,
    key_checks,
    reference_checks,
    rule_checks,
    aggregate_checks,
    freshness_checks,
    view_checks,
    query_checks,
    interop_checks,
    setting_checks,
    catalog_checks,
    function_checks,
    snapshot_checks,
)


def plan(contract: Contract) -> tuple[Check, ...]:
    """Every promise of a contract, in the order in which they are reported.

    Raises InvalidContract where a waiver names no promise, a preset does not exist, or two promises
    would have one id.
    """
    promised = (check for planner in KINDS for check in planner(contract))
    checks = tuple(of_rows_read(contract, promised))
    problems = [
        *_shared_ids(checks),
        *_unknown_waivers(contract, checks),
        *_unknown_preset(contract),
    ]
    if problems:
        raise InvalidContract(problems)
    return checks


def _shared_ids(checks: tuple[Check, ...]) -> Iterator[Problem]:
    """A comma or an arrow in a field's name can make two promises read the same."""
    first: dict[str, Check] = {}
    for check in checks:
        if first.setdefault(check.id, check) is not check:
            line = first[check.id].place.line
            what = f"`{check.id}` would be the id of two promises"
            yield Problem(check.place, what, f"take one of them out, the other is on line {line}")


def _unknown_waivers(contract: Contract, checks: tuple[Check, ...]) -> Iterator[Problem]:
    ids = {check.id for check in checks}
    for waiver in contract.waivers:
        if waiver.check is not None and waiver.check not in ids:
            near = get_close_matches(waiver.check, sorted(ids), n=1)
            known = f"did you mean `{near[0]}`?" if near else "name one that --collect-only lists"
            what = f"the waiver names no promise of this contract: `{waiver.check}`"
            yield Problem(waiver.place, what, known)


def _unknown_preset(contract: Contract) -> Iterator[Problem]:
    match contract:
        case SessionContract(preset=str(preset), preset_place=place) if preset not in PRESETS:
            known = ", ".join(f"`{name}`" for name in PRESETS)
            what = f"unknown preset `{preset}`"
            yield Problem(place or contract.place, what, f"known presets: {known}")
        case _:
            return
