"""Do the fields of a relation stand in their order, and are there no others?"""

from collections.abc import Collection, Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.field_files import (
    FilesPromise,
    file_facts,
    files_promise,
    kept_apart,
    schema_needs,
    strangers,
    uncompared,
)
from cst_contracts.checks.fields import (
    FieldKept,
    flags,
    moved,
    node_checks,
    only_told,
    placed,
)
from cst_contracts.checks.file_adapters import table_adaptations
from cst_contracts.checks.partitions import partition_names
from cst_contracts.checks.unreadable import nothing_written, unreadable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Verdict
from cst_contracts.checks.wording import counted, finding, some
from cst_contracts.contract.model import Contract, ExtraFields, FieldOrder, Severity, TableContract
from cst_contracts.datatypes import child_path, find_node, print_type
from cst_contracts.facts import FIELD_TROUBLES, Basis, CouldNotLook, TableFacts
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, SchemaNeed


class FieldsComplete(Struct, frozen=True):
    """The fields of a relation stand in their order, and there are no others.

    `names` are all promised top-level fields, `ordered` those whose order is promised. `flags` are the checks
    of the fields, and of all nodes below them, whose flags are only told. `in_files`: what it means that
    data files have other fields; None for a view, which has no files. `paths` are the fields and nodes that
    have checks of their own.
    """

    table: str
    place: Location
    names: tuple[str, ...]
    ordered: tuple[str, ...]
    forbid_extra: bool
    flags: tuple["FieldKept", ...] = ()
    in_files: FilesPromise | None = None
    paths: frozenset[str] = frozenset()
    id: str = "fields"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = True

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return schema_needs(self.table, self.in_files)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook(trouble=kind, names=(path,), relation=self.table) as trouble if (
                kind in FIELD_TROUBLES and path not in self.paths
            ):
                return Broken((kept_apart(self, f"one type of {path}", trouble),), Basis.SCHEMA)
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts() as facts:
                return nothing_written(self) if facts.is_bare else _judge_all(self, facts, answers)


def field_checks(contract: Contract) -> Iterator[FieldsComplete | FieldKept]:
    if not isinstance(contract, TableContract):
        return
    partitions = partition_names(contract)
    names = tuple(field.name for field in contract.fields)
    ordered = names if contract.field_order is FieldOrder.STRICT else ()
    in_files = files_promise(contract)
    each = [
        check
        for field in contract.fields
        for check in node_checks(
            contract,
            contract.name,
            field,
            siblings=ordered,
            in_partition=field.name in partitions,
            in_files=in_files,
        )
    ]
    yield FieldsComplete(
        table=contract.name,
        place=contract.fields_place,
        names=(*names, *(name for name in partitions if name not in names)),
        ordered=ordered,
        forbid_extra=contract.extra_fields is ExtraFields.FORBID,
        flags=tuple(check for check in each if not check.field.nullable),
        in_files=in_files,
        paths=frozenset(check.field.path for check in each),
    )
    yield from each


def _judge_all(check: FieldsComplete, facts: TableFacts, answers: Answers) -> Verdict:
    files = file_facts(check.table, check.in_files, answers)
    if isinstance(files, CouldNotLook):
        return uncompared(check, files)
    strange = tuple(strangers(check, files))
    forbidden = check.in_files is not None and check.in_files.forbids_missing
    adapted = table_adaptations(check, check.paths, files, check.in_files)
    findings = (
        *(strange if forbidden else ()),
        *adapted.red,
        *_unpromised(check, facts, files.strange_fields if forbidden else frozenset()),
        *_reordered(check, facts, files.lacking if forbidden else {}),
    )
    if findings:
        return Broken(findings, facts.schema_basis)
    return Kept(facts.schema_basis, notes=(*strange, *adapted.told, *_told_flags(check, facts)))


def _told_flags(check: FieldsComplete, facts: TableFacts) -> Iterator[Finding]:
    """Flags that allow null where values decide: one line a table and kind of flag."""
    nodes = ((each, find_node(facts.schema, each.field.path)) for each in check.flags)
    open_ = [
        (each.field.path, flag.code)
        for each, node in nodes
        if node is not None and only_told(each, facts)
        for flag in flags(each, node, facts)
    ]
    for code, observed in (
        (FindingCode.DECLARED_NULLABLE, "declared nullable by the session's schema"),
        (FindingCode.STORED_NULLABLE, "the storage allows nulls"),
    ):
        paths = [path for path, found in open_ if found is code]
        if paths:
            told = f"{observed}: {counted(len(paths), 'field')}, {some(paths)}"
            hint = "write `nullability: strict` where readers lean on the flags"
            yield finding(check, code, "flags as strict as the values", told, hint)


def _unpromised(
    check: FieldsComplete, facts: TableFacts, strange: frozenset[str]
) -> Iterator[Finding]:
    """`strange` are fields of files that are red as a whole."""
    if not check.forbid_extra:
        return
    code, hint = (
        FindingCode.FIELD_UNPROMISED,
        "promise it under `fields`, or write `extra_fields: allow`",
    )
    known = strange.union(check.names)
    for field in facts.schema:
        if field.name not in known:
            path = child_path("", field.name)
            subject, observed = f"{check.table}.{path}", f"{path}: {print_type(field.type)}"
            yield Finding(code, check.place, subject, "no such field", observed, hint)


def _reordered(
    check: FieldsComplete, facts: TableFacts, lacking: Collection[str]
) -> Iterator[Finding]:
    names = placed(facts.names_below[""], None, lacking)
    if moved(check.ordered, names):
        there, said = frozenset(names), frozenset(check.ordered)
        promised = ", ".join(child_path("", name) for name in check.ordered if name in there)
        observed = ", ".join(child_path("", name) for name in names if name in said)
        hint = "write `field_order: any` if the order does not matter to readers"
        yield finding(check, FindingCode.FIELD_ORDER, promised, observed, hint)
