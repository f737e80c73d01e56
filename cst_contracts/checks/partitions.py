"""Is the storage partitioned by the promised field, at its place, with values of its type?"""

from collections.abc import Iterator
from typing import ClassVar

import pyarrow as pa
from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.tables import describe_skipped
from cst_contracts.checks.unreadable import nothing_written, unreadable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding, some
from cst_contracts.contract.model import Contract, PartitionContract, Severity, TableContract
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    DeclaredPartition,
    PartitionFacts,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, PartitionTypeNeed, SchemaNeed
from cst_contracts.sql.names import HIVE_NULL


class PartitionKept(Struct, frozen=True):
    """The storage is partitioned by a field.

    `promised` are all partition fields of the table, in order. `type` is promised with the partition, or with
    the field of its name; None where nobody has promised one.
    """

    table: str
    partition: PartitionContract
    promised: tuple[str, ...]
    type: pa.DataType | None
    id: str
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.partition.place

    @property
    def subject(self) -> str:
        return f"{self.table}.{self.partition.name}"

    def needs(self) -> tuple[AnyNeed, ...]:
        if self.type is None:
            return (SchemaNeed(self.table),)
        typed = PartitionTypeNeed(self.table, self.partition.name, self.type)
        return SchemaNeed(self.table), typed

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook(trouble=Trouble.LAYOUT, relation=self.table, reason=reason):
                return Broken((_outside(self, reason),), Basis.SCHEMA)
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts() as facts if facts.is_bare:
                return nothing_written(self)
            case TableFacts(partitions=partitions) as facts if partitions is not None:
                return _judge(self, facts, partitions, answers)
            case TableFacts():
                return _hidden(self)


def partition_checks(contract: Contract) -> Iterator[Check]:
    if not isinstance(contract, TableContract) or contract.source is None:
        return
    types = {field.name: field.type for field in contract.fields}
    promised = partition_names(contract)
    for partition in contract.source.partitioned_by:
        type_, id_ = partition.type or types.get(partition.name), f"partition[{partition.name}]"
        yield PartitionKept(contract.name, partition, promised, type_, id_)


def partition_names(contract: TableContract) -> tuple[str, ...]:
    partitions = () if contract.source is None else contract.source.partitioned_by
    return tuple(partition.name for partition in partitions)


def _hidden(check: PartitionKept) -> Undecided:
    promised = "partitions that can be looked at"
    observed = "the session does not tell how the table is stored"
    hint = "give the table a `source` with a location"
    return Undecided(finding(check, FindingCode.NOT_CHECKABLE, promised, observed, hint))


def _judge(
    check: PartitionKept,
    facts: TableFacts,
    partitions: tuple[PartitionFacts, ...],
    answers: Answers,
) -> Verdict:
    names = tuple(partition.name for partition in partitions)
    name = check.partition.name
    if name not in names:
        promised = f"partitioned by {', '.join(check.promised)}"
        observed = f"partitioned by {', '.join(names)}" if names else "not partitioned"
        red = finding(check, FindingCode.PARTITION_MISSING, promised, observed)
        return Broken((red,), Basis.SCHEMA)
    skipped = () if not facts.skipped else (_outside(check, describe_skipped(facts.skipped)),)
    findings = (
        *skipped,
        *_position(check, names),
        *_values(check, facts, partitions[names.index(name)], answers),
    )
    return Broken(findings, Basis.SCHEMA) if findings else Kept(Basis.SCHEMA)


def _outside(check: PartitionKept, observed: str) -> Finding:
    promised = f"every file under {''.join(f'{name}=…/' for name in check.promised)}"
    hint = "move the files into the layout, or out of the table's folder"
    return finding(check, FindingCode.PARTITION_LAYOUT, promised, observed, hint)


def _position(check: PartitionKept, names: tuple[str, ...]) -> tuple[Finding, ...]:
    if names.index(check.partition.name) == check.promised.index(check.partition.name):
        return ()
    promised, observed = f"by {', '.join(check.promised)}", f"by {', '.join(names)}"
    return (finding(check, FindingCode.PARTITION_POSITION, promised, observed),)


def _values(
    check: PartitionKept, facts: TableFacts, observed: PartitionFacts, answers: Answers
) -> tuple[Finding, ...]:
    if observed.unparsed:
        return (_unparsed(check, observed.unparsed),)
    if check.type is None:
        return ()
    if observed.name not in facts.hive_partitions:
        return _type(check, check.type, observed.type)
    # A folder's name has no type of its own: what counts is how the engine takes a declared one up.
    match answers[PartitionTypeNeed(check.table, observed.name, check.type)]:
        case CouldNotLook(reason=refusal) | DeclaredPartition(refusal=str(refusal)):
            promised = f"values of {print_type(check.type)}"
            return (finding(check, FindingCode.PARTITION_VALUE, promised, refusal),)
        case DeclaredPartition(type=None):
            return ()
        case DeclaredPartition(type=declared):
            return _type(check, check.type, declared)


def _unparsed(check: PartitionKept, values: tuple[str, ...]) -> Finding:
    promised = "text" if check.type is None else print_type(check.type)
    observed = some(tuple(map(repr, values)))
    hint = (
        f"writers mean null by `{HIVE_NULL}`, and readers find that very text: write these rows under "
        "a value, or leave the field out of `partitioned_by`"
        if HIVE_NULL in values
        else "rename the folders, or promise a type that their names can be read as"
    )
    return finding(check, FindingCode.PARTITION_VALUE, f"values of {promised}", observed, hint)


def _type(check: PartitionKept, promised: pa.DataType, type_: pa.DataType) -> tuple[Finding, ...]:
    if same_type(promised, type_):
        return ()
    sides = print_type(promised), print_type(type_)
    return (finding(check, FindingCode.PARTITION_TYPE, *sides),)
