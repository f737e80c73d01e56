"""Contract to checks, and their ids. Needs no session: this is what collection is made of."""

from collections.abc import Iterator
from difflib import get_close_matches

import pyarrow as pa

from cst_contracts.checks.model import (
    Check,
    FieldKept,
    FieldsComplete,
    FunctionAvailable,
    FunctionsSnapshot,
    Group,
    NoNulls,
    NotCheckable,
    OrderDeclared,
    PartitionKept,
    RowsPresent,
    SchemaSnapshot,
    SettingEffective,
    TablePresent,
    ViewUsable,
)
from cst_contracts.contract.model import (
    Contract,
    ExtraFields,
    FieldContract,
    FieldOrder,
    SessionContract,
    SettingContract,
    SourceContract,
    TableContract,
)
from cst_contracts.contract.presets import PRESETS
from cst_contracts.errors import InvalidContract, Problem


def plan(contract: Contract) -> tuple[Check, ...]:
    """Every promise of a contract, in the order in which they are reported.

    Raises InvalidContract where a waiver names no promise, or a preset does not exist.
    """
    checks = tuple(_checks(contract))
    problems = [*_unknown_waivers(contract, checks), *_unknown_preset(contract)]
    if problems:
        raise InvalidContract(problems)
    return checks


def _checks(contract: Contract) -> Iterator[Check]:
    match contract:
        case TableContract():
            yield from _table_checks(contract)
        case SessionContract():
            yield from _session_checks(contract)


def _table_checks(contract: TableContract) -> Iterator[Check]:
    table, place = contract.name, contract.place
    yield TablePresent(table, place)
    if contract.source is None or not contract.source.unbounded:
        yield RowsPresent(table, place, contract.allow_empty)
    yield from _schema_checks(contract)
    if contract.source is not None:
        yield from _source_checks(table, contract.source)
    yield from _null_checks(contract)
    yield from _row_promises(contract)
    for view in contract.views:
        yield ViewUsable(table, view, contract.nullability, f"view[{view.name}]")
    for function in contract.functions:
        yield FunctionAvailable(function, f"function[{function.name}]")
    yield SchemaSnapshot(table, place)


def _session_checks(contract: SessionContract) -> Iterator[Check]:
    for setting in promised_settings(contract):
        yield SettingEffective(setting, f"setting[{setting.name}]")
    if contract.catalog is not None:
        yield NotCheckable(contract.catalog.place, "catalog", Group.SCHEMA)
    for function in contract.functions:
        yield FunctionAvailable(function, f"function[{function.name}]")
    yield FunctionsSnapshot(contract.place)


def promised_settings(contract: SessionContract) -> tuple[SettingContract, ...]:
    """The preset's settings, under those that the contract spells out."""
    own = {setting.name for setting in contract.settings}
    preset = PRESETS.get(contract.preset, {}) if contract.preset is not None else {}
    inherited = (
        SettingContract(name, value, contract.place)
        for name, value in preset.items()
        if name not in own
    )
    return (*inherited, *contract.settings)


def _schema_checks(contract: TableContract) -> Iterator[Check]:
    partitions = _partition_names(contract.source)
    names = tuple(field.name for field in contract.fields)
    ordered = names if contract.field_order is FieldOrder.STRICT else ()
    yield FieldsComplete(
        table=contract.name,
        place=contract.fields_place,
        names=(*names, *(name for name in partitions if name not in names)),
        ordered=ordered,
        forbid_extra=contract.extra_fields is ExtraFields.FORBID,
    )
    for field in contract.fields:
        yield from _field_checks(
            contract, field, parent=None, siblings=ordered, in_partition=field.name in partitions
        )


def _field_checks(
    contract: TableContract,
    field: FieldContract,
    *,
    parent: str | None,
    siblings: tuple[str, ...],
    in_partition: bool = False,
) -> Iterator[Check]:
    yield FieldKept(
        table=contract.name,
        field=field,
        parent=parent,
        nullability=contract.nullability,
        siblings=siblings,
        in_partition=in_partition,
        forbid_extra=contract.extra_fields is ExtraFields.FORBID,
        id=f"field[{field.path}]",
    )
    ordered = contract.field_order is FieldOrder.STRICT and pa.types.is_struct(field.type)
    below = tuple(child.name for child in field.children) if ordered else ()
    for child in field.children:
        yield from _field_checks(contract, child, parent=field.path, siblings=below)


def _source_checks(table: str, source: SourceContract) -> Iterator[Check]:
    promised = _partition_names(source)
    for partition in source.partitioned_by:
        yield PartitionKept(table, partition, promised, f"partition[{partition.name}]")
    if source.ordered_by:
        yield OrderDeclared(table, source.ordered_by, source.ordered_by[0].place)
    if source.unbounded:
        yield NotCheckable(source.place, "unbounded", Group.SCHEMA)
    if source.as_of is not None:
        yield NotCheckable(source.as_of.place, "delta[as_of]", Group.SCHEMA)


def _null_checks(contract: TableContract) -> Iterator[Check]:
    for field in contract.fields:
        yield from _null_checks_below(contract.name, field, allow_empty=contract.allow_empty)


def _null_checks_below(table: str, field: FieldContract, *, allow_empty: bool) -> Iterator[Check]:
    if not field.nullable:
        yield NoNulls(table, field, allow_empty, f"nulls[{field.path}]")
    for child in field.children:
        yield from _null_checks_below(table, child, allow_empty=allow_empty or field.allow_empty)


def _row_promises(contract: TableContract) -> Iterator[Check]:
    for key in contract.keys:
        yield NotCheckable(key.place, f"unique[{','.join(key.fields)}]", Group.VALUES)
    for reference in contract.references:
        route = f"{','.join(reference.fields)}→{reference.table}.{','.join(reference.to)}"
        yield NotCheckable(reference.place, f"reference[{route}]", Group.VALUES)
    for rule in contract.rules:
        yield NotCheckable(rule.place, f"rule[{rule.name}]", Group.VALUES, rule.severity)


def _partition_names(source: SourceContract | None) -> tuple[str, ...]:
    return () if source is None else tuple(partition.name for partition in source.partitioned_by)


def _unknown_waivers(contract: Contract, checks: tuple[Check, ...]) -> Iterator[Problem]:
    ids = {check.id for check in checks}
    for waiver in contract.waivers:
        if waiver.check not in ids:
            near = get_close_matches(waiver.check, sorted(ids), n=1)
            known = f"did you mean `{near[0]}`?" if near else "name one that --collect-only lists"
            what = f"the waiver names no promise of this contract: `{waiver.check}`"
            yield Problem(waiver.place, what, known)


def _unknown_preset(contract: Contract) -> Iterator[Problem]:
    match contract:
        case SessionContract(preset=str(preset)) if preset not in PRESETS:
            known = ", ".join(f"`{name}`" for name in PRESETS)
            yield Problem(contract.place, f"unknown preset `{preset}`", f"known presets: {known}")
        case _:
            return
