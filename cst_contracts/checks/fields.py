"""Is a promised field, or a node below one, there, at its place, of its type, and as nullable as promised?"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import ClassVar

import pyarrow as pa
from msgspec import Struct

from cst_contracts.checks.check import Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.field_files import (
    FilesPromise,
    differing_metadata,
    file_facts,
    kept_apart,
    missing_finding,
    missing_in_files,
    schema_needs,
    uncompared,
    values_in_files,
)
from cst_contracts.checks.file_adapters import (
    NOTHING_ADAPTED,
    field_adaptations,
)
from cst_contracts.checks.metadata import metadata_hint, texts_of
from cst_contracts.checks.unreadable import nothing_written, unreadable
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import (
    ExtraFields,
    FieldContract,
    FieldOrder,
    NullabilityMode,
    Severity,
    TableContract,
)
from cst_contracts.contract.wording import nearest, shown
from cst_contracts.datatypes import (
    DifferenceKind,
    TypeDifference,
    TypeNode,
    child_nodes,
    child_path,
    find_node,
    moved_names,
    print_type,
    type_differences,
)
from cst_contracts.facts import (
    FIELD_TROUBLES,
    Basis,
    CouldNotLook,
    FilesFacts,
    TableFacts,
)
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, SchemaNeed

#: What nobody can have in a Delta table, what comes of it there, and why.
_DELTA_KEEPS = (
    (
        re.compile(r"\btimestamp\[(s|ms|ns)\b"),
        re.compile(r"\btimestamp\[us\b"),
        "Delta keeps timestamps in µs",
    ),
    (re.compile(r"\buint\d"), re.compile(r"\bint\d"), "Delta has no unsigned integers"),
)


class FieldKept(Struct, frozen=True):
    """A field of a relation, or a node below one, is as promised.

    `parent` is the path of the node above, None for a field of the table. `siblings` are the promised
    names beside the field, in order; empty where their order is not promised. `in_files`: what it means that
    a data file has another field, or none; None for a view, which has no files.
    """

    table: str
    field: FieldContract
    parent: str | None
    nullability: NullabilityMode
    siblings: tuple[str, ...]
    in_partition: bool
    forbid_extra: bool
    id: str
    in_files: FilesPromise | None = None
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = True

    @property
    def place(self) -> Location:
        return self.field.place

    @property
    def subject(self) -> str:
        return f"{self.table}.{self.field.path}"

    def needs(self) -> tuple[AnyNeed, ...]:
        return schema_needs(self.table, self.in_files)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook(trouble=kind, names=(path,), relation=self.table) as trouble if (
                kind in FIELD_TROUBLES and path == self.field.path
            ):
                return Broken(
                    (kept_apart(self, print_type(self.field.type), trouble),), Basis.SCHEMA
                )
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts() as facts:
                if facts.is_bare:
                    return nothing_written(self)
                node = find_node(facts.schema, self.field.path)
                if node is None:
                    return _absent(self, facts)
                files = file_facts(self.table, self.in_files, answers)
                return _judge(self, node, facts, files)


def node_checks(
    contract: TableContract,
    relation: str,
    field: FieldContract,
    *,
    parent: str | None = None,
    siblings: tuple[str, ...],
    in_partition: bool = False,
    in_files: FilesPromise | None = None,
) -> Iterator[FieldKept]:
    """The field and all nodes below it. `relation` is the contract's table, or one of its views."""
    yield FieldKept(
        table=relation,
        field=field,
        parent=parent,
        nullability=contract.nullability_of(field),
        siblings=siblings,
        in_partition=in_partition,
        forbid_extra=contract.extra_fields is ExtraFields.FORBID,
        id=f"field[{field.path}]",
        in_files=in_files,
    )
    ordered = contract.field_order is FieldOrder.STRICT and pa.types.is_struct(field.type)
    below = tuple(child.name for child in field.children) if ordered else ()
    for child in field.children:
        yield from node_checks(
            contract, relation, child, parent=field.path, siblings=below, in_files=in_files
        )


def only_told(check: FieldKept, facts: TableFacts) -> bool:
    """Text has no flag to promise: the values answer."""
    return check.nullability is NullabilityMode.VALUES or facts.text


def placed(names: tuple[str, ...], parent: str | None, lacking: Collection[str]) -> tuple[str, ...]:
    """Without those that some file lacks, which are red for it.

    DataFusion 55 appends to the fields of a table's first file those that only later ones have, therefore
    such a field would have moved, too.
    """
    if not lacking:
        return names
    return tuple(name for name in names if child_path(parent or "", name) not in lacking)


@lru_cache
def moved(promised: tuple[str, ...], observed: tuple[str, ...]) -> Mapping[str, tuple[str, str]]:
    """What has moved, found once for all fields that are beside each other."""
    return moved_names(promised, observed)


def _judge(
    check: FieldKept, node: TypeNode, facts: TableFacts, files: FilesFacts | CouldNotLook
) -> Verdict:
    if isinstance(files, CouldNotLook):
        return uncompared(check, files)
    path, promise = check.field.path, check.in_files
    forbidden = promise is not None and promise.forbids_missing
    types = tuple(_type(check, node, facts))
    adapted = NOTHING_ADAPTED
    # Where the session has another type than was promised, it says nothing that files are read as that.
    if path in files.adapted and not types:
        adapted = field_adaptations(check, path, files, promise)
    missing = tuple(missing_in_files(check, path, files))
    findings = (
        *(missing if forbidden else ()),
        *adapted.red,
        *_position(check, facts, files.lacking if forbidden else {}),
        *types,
        *_metadata(check, node, files),
        *(() if only_told(check, facts) else flags(check, node, facts)),
    )
    if findings:
        return Broken(findings, facts.schema_basis)
    if forbidden and path in files.lacking:
        found = missing_finding(check, path, files.lacking[path], files)
        return Undecided(found, Cause(check.table, "fields"))
    notes = (*missing, *adapted.told, *differing_metadata(check, path, files))
    return Kept(facts.schema_basis, notes=notes)


def _absent(check: FieldKept, facts: TableFacts) -> Verdict:
    """Red at its own path; where a parent is absent or of another kind, that one is red."""
    promised = f"{check.field.path}: {print_type(check.field.type)}"
    siblings = facts.schema.names
    if check.parent is not None:
        above = find_node(facts.schema, check.parent)
        named = check.field.path == child_path(check.parent, check.field.name)
        if above is None or not named or not pa.types.is_struct(above.field.type):
            observed = f"no {check.parent} to look into"
            found = finding(check, FindingCode.FIELD_MISSING, promised, observed)
            return Undecided(found, Cause(check.table, f"field[{check.parent}]"))
        siblings = [child.name for child in child_nodes(check.parent, above.field.type)]
    there = ", ".join(child_path("", each) for each in siblings)
    observed = f"absent; there are {there or 'none'}"
    hint = _meant(check, siblings)
    red = finding(check, FindingCode.FIELD_MISSING, promised, observed, hint)
    return Broken((red,), facts.schema_basis)


def _meant(check: FieldKept, siblings: Iterable[str]) -> str:
    """A field that nobody promised and is called nearly so."""
    meant = nearest(check.field.name, [name for name in siblings if name not in check.siblings])
    return f"there is {shown(meant)}: was it renamed, or is it meant?" if meant else ""


def _position(check: FieldKept, facts: TableFacts, lacking: Collection[str]) -> Iterator[Finding]:
    beside = facts.names_below.get(check.parent or "", ())
    moves = moved(check.siblings, placed(beside, check.parent, lacking)) if check.siblings else {}
    if check.field.name in moves:
        promised, observed = moves[check.field.name]
        yield finding(check, FindingCode.FIELD_POSITION, promised, observed)


def _type(check: FieldKept, node: TypeNode, facts: TableFacts) -> Iterator[Finding]:
    """What differs at this very path. Children answer for themselves, but nobody promised the extra ones."""
    if check.in_partition and check.field.name in facts.hive_partitions:
        return  # a folder's name has no type: partition[…] tells whether the values parse
    path, promised, exact = check.field.path, check.field.type, check.field.exact
    for difference in type_differences(promised, node.field.type, path=path, exact=exact):
        match difference:
            case TypeDifference(kind=DifferenceKind.TYPE, path=where) if where == path:
                sides = difference.promised, difference.observed
                yield finding(check, FindingCode.TYPE_MISMATCH, *sides, _type_hint(facts, *sides))
            case TypeDifference(kind=DifferenceKind.EXTRA, path=where) if _is_child(node, where):
                if check.forbid_extra:
                    observed = f"{where}: {difference.observed}"
                    yield finding(check, FindingCode.FIELD_UNPROMISED, "no such field", observed)
            case _:
                pass  # a child's own item tells


def _is_child(node: TypeNode, path: str) -> bool:
    return any(child.path == path for child in child_nodes(node.path, node.field.type))


def _type_hint(facts: TableFacts, promised: str, observed: str) -> str:
    if facts.text:
        return "text has no types: this is what all of its values could be read as"
    if facts.format == "delta":
        told = (
            hint
            for wanted, kept, hint in _DELTA_KEEPS
            if wanted.search(promised) and kept.search(observed)
        )
        return next(told, "")
    return ""


def _metadata(check: FieldKept, node: TypeNode, files: FilesFacts) -> Iterator[Finding]:
    if not check.field.metadata:
        return
    in_files = {each.key: each for each in files.metadata.get(check.field.path, ())}
    observed = texts_of(node.field.metadata)
    for key, value in check.field.metadata:
        if key in in_files:
            told = f"{key} is {values_in_files(in_files[key])}"
            yield finding(check, FindingCode.METADATA_MISMATCH, f"{key} = {value}", told)
        elif observed.get(key) != value:
            yield finding(
                check,
                FindingCode.METADATA_MISMATCH,
                f"{key} = {value}",
                f"{key} = {observed[key]}" if key in observed else f"no {key}",
                "" if key in observed else metadata_hint(key, observed),
            )


def flags(check: FieldKept, node: TypeNode, facts: TableFacts) -> Iterator[Finding]:
    """The declared and the live flag, told apart."""
    if check.field.nullable:
        return
    if node.field.nullable:
        yield finding(
            check,
            FindingCode.DECLARED_NULLABLE,
            "declared not null",
            "declared nullable by the session's schema",
            "write `nullability: values` where only the values matter",
        )
    stored = (
        None if facts.stored_schema is None else find_node(facts.stored_schema, check.field.path)
    )
    if stored is not None and stored.field.nullable:
        yield finding(
            check, FindingCode.STORED_NULLABLE, "not null in storage", "the storage allows nulls"
        )
