"""Do the contract, the Delta log and the session's provider say the same of a table, at every node?

Where log and session agree, `field[…]` tells what the contract has otherwise; here it is only noted, but
for the log's nullability, which holds writers to the promise.
"""

from collections.abc import Iterator
from typing import ClassVar

import pyarrow as pa
from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.delta.log import unknown_log
from cst_contracts.checks.delta.tolerances import Aspect, Sides, is_tolerated
from cst_contracts.checks.partitions import partition_names
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Verdict
from cst_contracts.checks.wording import finding, some
from cst_contracts.contract.model import (
    Contract,
    ExtraFields,
    FieldContract,
    FieldOrder,
    NullabilityMode,
    Severity,
    SourceContract,
    SourceFormat,
    TableContract,
)
from cst_contracts.datatypes import (
    DifferenceKind,
    TypeDifference,
    find_node,
    print_type,
    top_level,
    type_differences,
    walk_nodes,
)
from cst_contracts.facts import Basis, CouldNotLook, TableFacts
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, SchemaNeed

_SHOWN = 5


class DeltaParity(Struct, frozen=True):
    """The log of a Delta table has the schema of the session and the flags and partitions of the contract.

    `partitions` are the promised ones. `forbid_extra`, `ordered`: of the fields.
    """

    table: str
    place: Location
    fields: tuple[FieldContract, ...]
    partitions: tuple[str, ...]
    nullability: NullabilityMode
    forbid_extra: bool
    ordered: bool
    id: str = "delta[parity]"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return (SchemaNeed(self.table),)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts(stored_schema=None):
                return unknown_log(self)
            case TableFacts(stored_schema=log) as facts:
                return _judge(self, _Schemas(self, log, facts))


def parity_checks(contract: Contract) -> Iterator[Check]:
    match contract:
        case TableContract(source=SourceContract(format=SourceFormat.DELTA) as source):
            yield DeltaParity(
                contract.name,
                source.place,
                contract.fields,
                partition_names(contract),
                contract.nullability,
                forbid_extra=contract.extra_fields is ExtraFields.FORBID,
                ordered=contract.field_order is FieldOrder.STRICT,
            )
        case _:
            return


class _Schemas:
    """The three sides of a table."""

    def __init__(self, check: DeltaParity, log: pa.Schema, facts: TableFacts) -> None:
        self.check = check
        self.log = log
        self.session = facts.schema
        self.partitions = tuple(each.name for each in facts.partitions or ())
        self.promised = {node.path: node for field in check.fields for node in field.walk()}

    def sides(self, path: str) -> Sides | None:
        """None where one of the two has no such node."""
        log, session = find_node(self.log, path), find_node(self.session, path)
        if log is None or session is None:
            return None
        return Sides(path, log.field, session.field, path in self.partitions)

    def finding(self, code: FindingCode, path: str, hint: str, session: str = "") -> Finding:
        """Names all three sides. `session`: where it stands there, if that is what differs."""
        node = self.promised.get(path)
        return Finding(
            code,
            self.check.place if node is None else node.place,
            f"{self.check.table}.{path}",
            f"in the contract {_of_contract(node)}",
            f"in the Delta log {_of_schema(self.log, path)}; "
            f"in the session {_of_schema(self.session, path)}{session}",
            hint,
        )


def _judge(check: DeltaParity, schemas: _Schemas) -> Verdict:
    loose = tuple(_nullable_in_log(schemas, NullabilityMode.VALUES))
    held = tuple(_nullable_in_log(schemas, NullabilityMode.STRICT))
    unpromised = tuple(_unpromised_partitions(schemas))
    red = (
        *_type_differences(schemas),
        *_flag_differences(schemas),
        *held,
        *(unpromised if check.partitions else ()),
    )
    if red:
        return Broken(red, Basis.SCHEMA)
    notes = (
        *loose,
        *unpromised,
        *_stricter_in_log(schemas),
        *_left_to_the_fields(schemas),
    )
    return Kept(Basis.SCHEMA, notes=notes)


def _type_differences(schemas: _Schemas) -> Iterator[Finding]:
    log, session = pa.struct(list(schemas.log)), pa.struct(list(schemas.session))
    hint = "register the table at the version that the contract reads"
    for difference in type_differences(log, session, path="", exact=True):
        sides = schemas.sides(difference.path)
        moved = difference.kind is DifferenceKind.MOVED
        aspect = Aspect.POSITION if moved else Aspect.TYPE
        if sides is None or not is_tolerated(aspect, sides):
            stands = f", {difference.observed}" if moved else ""
            yield schemas.finding(FindingCode.LOG_DIFFERS, difference.path, hint, stands)


def _flag_differences(schemas: _Schemas) -> Iterator[Finding]:
    for node in walk_nodes(schemas.log):
        sides = schemas.sides(node.path)
        if sides is None or sides.log.nullable == sides.session.nullable:
            continue
        if not is_tolerated(Aspect.NULLABILITY, sides):
            hint = "the session and the log disagree on whether it may be null"
            yield schemas.finding(FindingCode.LOG_DIFFERS, node.path, hint)


def _nullable_in_log(schemas: _Schemas, mode: NullabilityMode) -> Iterator[Finding]:
    """Of the nodes whose `nullable: false` is checked in this mode."""
    for path, node in schemas.promised.items():
        if (node.nullability or schemas.check.nullability) is not mode:
            continue
        logged = find_node(schemas.log, path)
        if not node.nullable and logged is not None and logged.field.nullable:
            hint = "no writer is held to the promise; declare it NOT NULL in the Delta table"
            yield schemas.finding(FindingCode.LOG_NULLABILITY, path, hint)


def _unpromised_partitions(schemas: _Schemas) -> Iterator[Finding]:
    check = schemas.check
    extra = [name for name in schemas.partitions if name not in check.partitions]
    if extra:
        yield finding(
            check,
            FindingCode.LOG_PARTITIONS,
            f"partitioned by {', '.join(check.partitions) or 'no promised field'}",
            f"the Delta log is partitioned by {', '.join(schemas.partitions)}",
            f"promise {', '.join(extra)} under `partitioned_by`",
        )


def _stricter_in_log(schemas: _Schemas) -> Iterator[Finding]:
    """Readers lose nothing by it."""
    stricter = [
        path
        for path, node in schemas.promised.items()
        if node.nullable
        and (logged := find_node(schemas.log, path)) is not None
        and not logged.field.nullable
    ]
    if stricter:
        yield finding(
            schemas.check,
            FindingCode.LOG_NULLABILITY,
            f"null is allowed in {some(stricter, _SHOWN)}",
            "not null in the Delta log",
            "`nullable: false` promises as much to readers",
        )


def _left_to_the_fields(schemas: _Schemas) -> Iterator[Finding]:
    check = schemas.check
    promised = pa.struct([pa.field(field.name, field.type) for field in check.fields])
    log = pa.struct(list(schemas.log))
    differences = type_differences(promised, log, path="")
    paths = [each.path for each in differences if _is_promised(check, each)]
    if paths:
        yield finding(
            check,
            FindingCode.LOG_DIFFERS,
            f"as the contract has {some(paths, _SHOWN)}",
            "Delta log and session agree on another schema",
            "`fields` and `field[…]` tell",
        )


def _is_promised(check: DeltaParity, difference: TypeDifference) -> bool:
    match difference.kind:
        case DifferenceKind.EXTRA:
            return check.forbid_extra and top_level(difference.path) not in check.partitions
        case DifferenceKind.MOVED:
            return check.ordered
        case DifferenceKind.TYPE | DifferenceKind.MISSING:
            return True


def _of_contract(node: FieldContract | None) -> str:
    return "nothing" if node is None else _spelled(node.type, nullable=node.nullable)


def _of_schema(schema: pa.Schema, path: str) -> str:
    node = find_node(schema, path)
    if node is None:
        return "nothing"
    return _spelled(node.field.type, nullable=node.field.nullable)


def _spelled(type_: pa.DataType, *, nullable: bool) -> str:
    return print_type(type_) if nullable else f"{print_type(type_)} not null"
