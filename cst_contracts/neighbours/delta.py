"""Contracts as empty Delta tables: fields with their null-ness, partitions, and rules as constraints."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
from deltalake import DeltaTable

from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    RuleContract,
    Severity,
    TableContract,
)
from cst_contracts.datatypes import same_type
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.exported import left
from cst_contracts.neighbours.parts import Part, Said, Unsaid, arrow_field, columns

_HELD = frozenset(
    {Part.TYPE, Part.NULLABLE, Part.NULLABLE_BELOW, Part.METADATA, Part.DESCRIPTION, Part.PARTITION}
)


def delta_table(contract: TableContract, folder: Path) -> tuple[Unsaid, ...]:
    """The table lies where the contract says, if that is below a lake, else in a folder of its name.

    Raises CstContractsError where something is there already, and where Delta has no such types.
    """
    place = folder / place_below(contract)
    if place.exists():
        raise CstContractsError(f"{place} is there already: remove it, or name another folder")
    try:
        with looking_at(None):
            _create(contract, place)
    except IntrospectionError as error:
        raise CstContractsError(f"{contract.file}: Delta refuses it: {error.reason}") from error
    refused = tuple(_constrained(contract, place))
    rules = {unsaid.place for unsaid in refused}
    live = {each.name: each.type for each in pa.schema(DeltaTable(place).schema().to_arrow())}
    others = {each.path for each in columns(contract) if not same_type(each.type, live[each.name])}
    kept = left(contract, lambda each: _holds(each) and each.at not in others)
    return tuple(sorted({*refused, *(each for each in kept if each.place not in rules)}))


def place_below(contract: TableContract) -> str:
    """Relative to the lake."""
    location = None if contract.source is None else contract.source.location
    if location is None or "://" in location or "${" in location:
        return contract.name
    path = PurePosixPath(location)
    return contract.name if path.is_absolute() or ".." in path.parts else location


def _create(contract: TableContract, place: Path) -> None:
    partitions = () if contract.source is None else contract.source.partitioned_by
    place.parent.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(
        place,
        schema=pa.schema(map(_commented, map(arrow_field, columns(contract)), _texts(contract))),
        partition_by=[each.name for each in partitions] or None,
        name=contract.name,
        description=contract.description or None,
    )


def _texts(contract: TableContract) -> Iterator[str]:
    for each in columns(contract):
        yield each.description


def _commented(field: pa.Field, text: str) -> pa.Field:
    return field.with_metadata({**(field.metadata or {}), "comment": text}) if text else field


def _constrained(contract: TableContract, place: Path) -> Iterator[Unsaid]:
    """The rules that Delta does not take."""
    for rule in filter(_is_enforceable, contract.rules):
        try:
            with looking_at(None):
                DeltaTable(place).alter.add_constraint({rule.name: rule.sql})
        except IntrospectionError as error:
            yield Unsaid(rule.place, f"rule {rule.name}, which Delta refuses: {error.reason}")


def _is_enforceable(rule: RuleContract) -> bool:
    return rule.severity is Severity.ERROR and rule.tolerance == NOTHING_TOLERATED


def _holds(each: Said) -> bool:
    match each.value:
        case RuleContract() as rule:
            return _is_enforceable(rule)
        case TableContract():
            return each.what == "`description`"
        case _:
            return each.part in _HELD
