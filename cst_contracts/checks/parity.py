"""Do the contract, the Delta log and the session's provider say the same of a table, at every node?

Where log and session agree, `field[…]` tells what the contract has otherwise; here it is only noted, but
for the log's nullability, which holds writers to the promise.
"""

from collections.abc import Iterator

import pyarrow as pa

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.delta import unknown_log
from cst_contracts.checks.legitimate import Aspect, Sides, is_legitimate
from cst_contracts.checks.model import DeltaParity
from cst_contracts.checks.tables import unreadable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Observation, Verdict
from cst_contracts.contract.model import FieldContract, NullabilityMode
from cst_contracts.datatypes import (
    DifferenceKind,
    TypeDifference,
    find_node,
    print_type,
    top_level,
    type_differences,
    walk_nodes,
)
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, TableFacts

_SHOWN = 5


def evaluate_parity(check: DeltaParity, observation: Observation) -> Verdict:
    match observation.table:
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts(stored_schema=pa.Schema() as log) as facts:
            return _evaluate(check, _Schemas(check, log, facts))
        case TableFacts():
            return unknown_log(check)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


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


def _evaluate(check: DeltaParity, schemas: _Schemas) -> Verdict:
    loose = tuple(_nullable_in_log(schemas))
    strict = check.nullability is NullabilityMode.STRICT
    unpromised = tuple(_unpromised_partitions(schemas))
    red = (
        *_type_differences(schemas),
        *_flag_differences(schemas),
        *(loose if strict else ()),
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
        if sides is None or not is_legitimate(aspect, sides):
            stands = f", {difference.observed}" if moved else ""
            yield schemas.finding(FindingCode.LOG_DIFFERS, difference.path, hint, stands)


def _flag_differences(schemas: _Schemas) -> Iterator[Finding]:
    for node in walk_nodes(schemas.log):
        sides = schemas.sides(node.path)
        if sides is None or sides.log.nullable == sides.session.nullable:
            continue
        if not is_legitimate(Aspect.NULLABILITY, sides):
            hint = "the session and the log disagree on whether it may be null"
            yield schemas.finding(FindingCode.LOG_DIFFERS, node.path, hint)


def _nullable_in_log(schemas: _Schemas) -> Iterator[Finding]:
    for path, node in schemas.promised.items():
        logged = find_node(schemas.log, path)
        if not node.nullable and logged is not None and logged.field.nullable:
            hint = "no writer is held to the promise; declare it NOT NULL in the Delta table"
            yield schemas.finding(FindingCode.LOG_NULLABILITY, path, hint)


def _unpromised_partitions(schemas: _Schemas) -> Iterator[Finding]:
    check = schemas.check
    extra = [name for name in schemas.partitions if name not in check.partitions]
    if extra:
        yield Finding(
            FindingCode.LOG_PARTITIONS,
            check.place,
            check.table,
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
        yield Finding(
            FindingCode.LOG_NULLABILITY,
            schemas.check.place,
            schemas.check.table,
            f"null is allowed in {_some(stricter)}",
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
        yield Finding(
            FindingCode.LOG_DIFFERS,
            check.place,
            check.table,
            f"as the contract has {_some(paths)}",
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


def _some(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"{', '.join(paths[:_SHOWN])}{more}"
