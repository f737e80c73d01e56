"""Is a promised field, or a node below one, there, at its place, of its type, as nullable as promised?"""

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import FieldKept
from cst_contracts.checks.tables import ordered_names, unreadable
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Verdict,
)
from cst_contracts.contract.model import NullabilityMode
from cst_contracts.contract.wording import listed, nearest, shown
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
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import TableFacts


def evaluate_field(check: FieldKept, observation: Observation) -> Verdict:
    match observation.table:
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts() as facts:
            return _evaluate(check, facts)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _evaluate(check: FieldKept, facts: TableFacts) -> Verdict:
    node = find_node(facts.schema, check.field.path)
    if node is None:
        return _absent(check, facts)
    flags = tuple(_flags(check, node, facts))
    # Text has no flag to promise: the values answer.
    told = check.nullability is NullabilityMode.VALUES or facts.text
    findings = (
        *_position(check, facts),
        *_type(check, node, facts),
        *_metadata(check, node),
        *(() if told else flags),
    )
    basis = facts.schema_basis
    return Broken(findings, basis) if findings else Kept(basis, notes=flags)


def _finding(
    check: FieldKept, code: FindingCode, promised: str, observed: str, hint: str = ""
) -> Finding:
    return Finding(code, check.place, f"{check.table}.{check.field.path}", promised, observed, hint)


def _absent(check: FieldKept, facts: TableFacts) -> Verdict:
    """Red at its own path; where a parent is absent or of another kind, that one is red."""
    promised = f"{check.field.path}: {print_type(check.field.type)}"
    siblings = facts.schema.names
    if check.parent is not None:
        above = find_node(facts.schema, check.parent)
        named = check.field.path == child_path(check.parent, check.field.name)
        if above is None or not named or not pa.types.is_struct(above.field.type):
            observed = f"no {check.parent} to look into"
            finding = _finding(check, FindingCode.FIELD_MISSING, promised, observed)
            return Undecided(finding, Cause(check.table, f"field[{check.parent}]"))
        siblings = [child.name for child in child_nodes(check.parent, above.field.type)]
    observed = f"absent; there are {', '.join(siblings)}"
    finding = _finding(
        check, FindingCode.FIELD_MISSING, promised, observed, _meant(check, siblings)
    )
    return Broken((finding,), facts.schema_basis)


def _meant(check: FieldKept, siblings: Iterable[str]) -> str:
    """A field that nobody promised and is called nearly so."""
    meant = nearest(check.field.name, [name for name in siblings if name not in check.siblings])
    return f"there is {shown(meant)}: was it renamed, or is it meant?" if meant else ""


def _position(check: FieldKept, facts: TableFacts) -> Iterator[Finding]:
    moved = moved_names(check.siblings, _observed_siblings(check, facts))
    if check.field.name in moved:
        promised, observed = moved[check.field.name]
        yield _finding(check, FindingCode.FIELD_POSITION, promised, observed)


def _observed_siblings(check: FieldKept, facts: TableFacts) -> tuple[str, ...]:
    if check.parent is None:
        return ordered_names(facts)
    above = find_node(facts.schema, check.parent)
    return (
        () if above is None else tuple(n.name for n in child_nodes(check.parent, above.field.type))
    )


def _type(check: FieldKept, node: TypeNode, facts: TableFacts) -> Iterator[Finding]:
    """What differs at this very path. Children answer for themselves, but nobody promised the extra ones."""
    if check.in_partition and check.field.name in facts.hive_partitions:
        return  # a folder's name has no type: partition[…] tells whether the values parse
    path, promised, exact = check.field.path, check.field.type, check.field.exact
    for difference in type_differences(promised, node.field.type, path=path, exact=exact):
        match difference:
            case TypeDifference(kind=DifferenceKind.TYPE, path=where) if where == path:
                sides = difference.promised, difference.observed
                yield _finding(check, FindingCode.TYPE_MISMATCH, *sides, _type_hint(facts))
            case TypeDifference(kind=DifferenceKind.EXTRA, path=where) if _is_child(node, where):
                if check.forbid_extra:
                    observed = f"{where}: {difference.observed}"
                    yield _finding(check, FindingCode.FIELD_UNPROMISED, "no such field", observed)
            case _:
                pass  # a child's own item tells


def _is_child(node: TypeNode, path: str) -> bool:
    return any(child.path == path for child in child_nodes(node.path, node.field.type))


def _type_hint(facts: TableFacts) -> str:
    if facts.text:
        return "text has no types: this is what all of its values could be read as"
    if facts.format == "delta":
        return "Delta keeps timestamps in µs and has no unsigned integers"
    return ""


def _metadata(check: FieldKept, node: TypeNode) -> Iterator[Finding]:
    observed = {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in (node.field.metadata or {}).items()
    }
    for key, value in check.field.metadata:
        if observed.get(key) != value:
            yield _finding(
                check,
                FindingCode.METADATA_MISMATCH,
                f"{key} = {value}",
                f"{key} = {observed[key]}" if key in observed else f"no {key}",
                "" if key in observed else _metadata_hint(key, observed),
            )


def _metadata_hint(key: str, observed: Mapping[str, str]) -> str:
    if not observed:
        return "a session hides metadata unless datafusion.execution.parquet.skip_metadata is false"
    meant = nearest(key, observed)
    return f"did you mean {shown(meant)}?" if meant else f"there is {listed(observed, 'and')}"


def _flags(check: FieldKept, node: TypeNode, facts: TableFacts) -> Iterator[Finding]:
    """The declared and the live flag, told apart."""
    if check.field.nullable:
        return
    if node.field.nullable:
        yield _finding(
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
        yield _finding(
            check, FindingCode.STORED_NULLABLE, "not null in storage", "the storage allows nulls"
        )
