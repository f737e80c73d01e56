"""Contract to checks, and their ids. Needs no session: this is what collection is made of."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import pyarrow as pa

from cst_contracts.checks.model import (
    CatalogReconciled,
    Check,
    DeltaConstraints,
    DeltaParity,
    FieldKept,
    FieldsComplete,
    FunctionAvailable,
    FunctionsSnapshot,
    KeyUnique,
    NoNulls,
    OrderDeclared,
    OrderMeasured,
    OrderPlanned,
    PartitionKept,
    PolicyEffective,
    ReferencesExist,
    RowsPresent,
    RuleHolds,
    SchemaSnapshot,
    SettingEffective,
    SourceUnbounded,
    TablePresent,
    VersionRead,
    ViewUsable,
)
from cst_contracts.contract.model import (
    Contract,
    ExtraConstraints,
    ExtraFields,
    FieldContract,
    FieldOrder,
    SessionContract,
    SettingContract,
    SourceContract,
    SourceFormat,
    TableContract,
    ViewContract,
)
from cst_contracts.contract.presets import PRESETS
from cst_contracts.datatypes import child_path
from cst_contracts.errors import InvalidContract, Problem


def plan(contract: Contract) -> tuple[Check, ...]:
    """Every promise of a contract, in the order in which they are reported.

    Raises InvalidContract where a waiver names no promise, a preset does not exist, or two promises
    would have one id.
    """
    checks = tuple(_checks(contract))
    problems = [
        *_shared_ids(checks),
        *_unknown_waivers(contract, checks),
        *_unknown_preset(contract),
    ]
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
    yield RowsPresent(table, place, contract.allow_empty)
    yield from schema_checks(contract)
    if contract.source is not None:
        yield from _source_checks(contract, contract.source)
    yield from _null_checks(contract)
    yield from _row_promises(contract)
    for view in contract.views:
        yield _view_check(contract, view)
    for function in contract.functions:
        yield FunctionAvailable(function, f"function[{function.name}]")
    yield SchemaSnapshot(table, place, tuple(view.name for view in contract.views))


def _session_checks(contract: SessionContract) -> Iterator[Check]:
    for setting in promised_settings(contract):
        yield SettingEffective(setting, f"setting[{setting.name}]")
    if contract.catalog is not None:
        yield CatalogReconciled(contract.catalog)
    for function in contract.functions:
        yield FunctionAvailable(function, f"function[{function.name}]")
    yield FunctionsSnapshot(contract.place)


def promised_settings(contract: SessionContract) -> tuple[SettingContract, ...]:
    """The preset's settings, under those that the contract spells out."""
    own = {setting.name for setting in contract.settings}
    preset = PRESETS.get(contract.preset) if contract.preset is not None else None
    inherited = (
        SettingContract(name, value, contract.preset_place or contract.place)
        for name, value in (preset.values if preset is not None else {}).items()
        if name not in own
    )
    return (*inherited, *contract.settings)


def schema_checks(contract: TableContract) -> Iterator[FieldsComplete | FieldKept]:
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
            contract,
            contract.name,
            field,
            parent=None,
            siblings=ordered,
            in_partition=field.name in partitions,
        )


def _field_checks(
    contract: TableContract,
    relation: str,
    field: FieldContract,
    *,
    parent: str | None,
    siblings: tuple[str, ...],
    in_partition: bool = False,
) -> Iterator[FieldKept]:
    """`relation` is the contract's table, or one of its views."""
    yield FieldKept(
        table=relation,
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
        yield from _field_checks(contract, relation, child, parent=field.path, siblings=below)


def _view_check(contract: TableContract, view: ViewContract) -> ViewUsable:
    names = tuple(field.name for field in view.fields)
    ordered = names if contract.field_order is FieldOrder.STRICT else ()
    fields = (
        check
        for field in view.fields
        for check in _field_checks(contract, view.name, field, parent=None, siblings=ordered)
    )
    forbid_extra = contract.extra_fields is ExtraFields.FORBID
    return ViewUsable(
        table=contract.name,
        view=view,
        fields=tuple(fields),
        complete=FieldsComplete(view.name, view.place, names, ordered, forbid_extra)
        if names
        else None,
        # A view of a table with rows may well have none: told, and not red.
        nulls=tuple(
            check
            for field in view.fields
            for check in _null_checks_below(view.name, field, allow_empty=True)
        ),
        siblings=tuple(other.name for other in contract.views if other is not view),
        id=f"view[{view.name}]",
    )


def _source_checks(contract: TableContract, source: SourceContract) -> Iterator[Check]:
    table, promised = contract.name, _partition_names(source)
    for partition in source.partitioned_by:
        yield PartitionKept(table, partition, promised, f"partition[{partition.name}]")
    if source.ordered_by:
        names = (child_path("", term.field) for term in source.ordered_by)
        presence = _presence(contract, names)
        place = source.ordered_by[0].place
        yield OrderDeclared(table, source.ordered_by, presence, place)
        ordered = {term.field for term in source.ordered_by}
        sensitive = any(field.sensitive for field in contract.fields if field.name in ordered)
        yield OrderMeasured(
            table, source.ordered_by, presence, place, source.allow_empty, sensitive
        )
        yield OrderPlanned(table, source.ordered_by, presence, place)
    for policy in source.policies:
        yield PolicyEffective(table, policy, source.format.value, policy.name)
    if source.unbounded:
        yield SourceUnbounded(table, source.place, source.fifo)
    if source.format is SourceFormat.DELTA:
        yield from _delta_checks(contract, source)


def _delta_checks(contract: TableContract, source: SourceContract) -> Iterator[Check]:
    table = contract.name
    if source.as_of is not None:
        yield VersionRead(table, source.as_of)
    yield DeltaParity(
        table,
        source.place,
        contract.fields,
        _partition_names(source),
        contract.nullability,
        forbid_extra=contract.extra_fields is ExtraFields.FORBID,
        ordered=contract.field_order is FieldOrder.STRICT,
    )
    yield DeltaConstraints(
        table,
        source.place,
        contract.rules,
        tuple(field.name for field in contract.fields if not field.nullable),
        forbid_extra=source.extra_constraints is ExtraConstraints.FORBID,
    )


def _null_checks(contract: TableContract) -> Iterator[Check]:
    for field in contract.fields:
        yield from _null_checks_below(contract.name, field, allow_empty=contract.allow_empty)


def _null_checks_below(table: str, field: FieldContract, *, allow_empty: bool) -> Iterator[NoNulls]:
    if not field.nullable:
        yield NoNulls(table, field, allow_empty, f"nulls[{field.path}]")
    for child in field.children:
        yield from _null_checks_below(table, child, allow_empty=allow_empty or field.allow_empty)


def _row_promises(contract: TableContract) -> Iterator[Check]:
    table, allow_empty = contract.name, contract.allow_empty
    for key in contract.keys:
        presence = _presence(contract, key.fields)
        yield KeyUnique(table, key, presence, allow_empty, f"unique[{','.join(key.fields)}]")
    for reference in contract.references:
        route = f"{','.join(reference.fields)}→{reference.table}.{','.join(reference.to)}"
        presence = _presence(contract, reference.fields)
        yield ReferencesExist(table, reference, presence, allow_empty, f"reference[{route}]")
    for rule in contract.rules:
        yield RuleHolds(table, rule, allow_empty, f"rule[{rule.name}]")


def _presence(contract: TableContract, paths: Iterable[str]) -> tuple[str, ...]:
    """The checks that answer for each path being there: a partition field may be promised as such only."""
    promised = {node.path for field in contract.fields for node in field.walk()}
    return tuple(f"field[{path}]" if path in promised else f"partition[{path}]" for path in paths)


def _partition_names(source: SourceContract | None) -> tuple[str, ...]:
    return () if source is None else tuple(partition.name for partition in source.partitioned_by)


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
        if waiver.check not in ids:
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
