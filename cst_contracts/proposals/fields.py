"""The fields of a first contract: types, and what flags and values say of nulls, at every depth."""

from collections.abc import Iterator
from functools import partial
from types import MappingProxyType

from msgspec import Struct

from cst_contracts.checks.metadata import texts_of
from cst_contracts.contract.model import Metadata, NullabilityMode
from cst_contracts.datatypes import TypeNode, child_path, find_node, top_level
from cst_contracts.facts import NullCount, TableFacts
from cst_contracts.proposals.limit_clauses import Limits, clause_of
from cst_contracts.proposals.looking import Seen
from cst_contracts.proposals.outline import FieldLine
from cst_contracts.proposals.spelling import loosened, opened, spelled

#: A struct whose type is longer than this has its fields on lines of their own.
_LONGEST_TYPE = 60
#: Metadata that formats keep for themselves.
_OF_FORMATS = ("ARROW:", "PARQUET:", "delta.", "parquet.", "iceberg.")
#: What writers of Delta and Spark call a description.
_COMMENT = "comment"


class _Nulls(Struct, frozen=True):
    """What a field's line says of nulls."""

    nullable: bool = True
    nullability: NullabilityMode | None = None
    evidence: str = ""


class _Said(Struct, frozen=True):
    """What a field's line says besides: `empty` are paths without a value to look at."""

    empty: frozenset[str]
    limits: Limits = MappingProxyType({})


def field_lines(
    seen: Seen, mode: NullabilityMode | None, limits: Limits = MappingProxyType({})
) -> tuple[FieldLine, ...]:
    """`mode` is what the table says under `nullability`."""
    said = _Said(frozenset(_without_values(seen)), limits)
    return tuple(_line(seen, node, mode, said) for node in top_nodes(seen))


def field_line(seen: Seen, node: TypeNode, mode: NullabilityMode | None) -> FieldLine:
    """Of one field, or of a struct's child."""
    return _line(seen, node, mode, _Said(frozenset(_without_values(seen))))


def top_nodes(seen: Seen) -> Iterator[TypeNode]:
    for field in seen.facts.schema:
        yield TypeNode(child_path("", field.name), field.name, field)


def flags_hold(seen: Seen) -> bool:
    """Whether some field is declared not null in the session and in the storage, and holds no null."""
    of_folders = {child_path("", name) for name in seen.facts.hive_partitions}
    return not seen.facts.text and any(
        flagged(seen.facts, path) and not has_null(count)
        for path, count in seen.nulls.items()
        if path not in of_folders  # never null to the engine, whatever the folders are called
    )


def _line(seen: Seen, node: TypeNode, inherited: NullabilityMode | None, said: _Said) -> FieldLine:
    nulls = _nulls(seen, node.path, inherited)
    mode = nulls.nullability or inherited
    allow_empty = node.path in said.empty
    type_ = loosened(node.path, node.field.type, partial(_is_null_somewhere, seen))
    open_type = opened(node.path, type_)
    below = () if open_type is None else open_type.children
    children = tuple(_line(seen, child, mode, said) for child in below)
    text = spelled(type_)
    metadata, description = _metadata(seen, node)
    if open_type is not None and not (len(text) <= _LONGEST_TYPE and _all_plain(children)):
        text = open_type.text
    else:
        children = ()
    return FieldLine(
        node.name,
        text,
        nulls.nullable,
        nulls.nullability,
        allow_empty,
        metadata,
        description,
        children,
        nulls.evidence,
        clause_of(node.path, node.field.type, said.limits),
    )


def _is_null_somewhere(seen: Seen, path: str) -> bool:
    count = seen.nulls.get(path)
    return count is not None and has_null(count)


def _all_plain(children: tuple[FieldLine, ...]) -> bool:
    return all(child.is_plain for child in children)


def _nulls(seen: Seen, path: str, inherited: NullabilityMode | None) -> _Nulls:
    """The flag as it is, tightened where no value is null, and loosened where the flag is not true."""
    count = seen.nulls.get(path)
    if count is None:  # a field of type null
        return _Nulls()
    strict = NullabilityMode.STRICT
    if flagged(seen.facts, path):
        if has_null(count):
            return _Nulls(evidence=f"declared not null, and {nulls_in_words(count)}")
        loosened = inherited is NullabilityMode.VALUES
        return _Nulls(nullable=False, nullability=strict if loosened else None)
    if has_null(count) or not count.values:
        return _Nulls()
    values = NullabilityMode.VALUES if inherited is strict else None
    noun = "row" if path == _top(path) else "value"
    of = f"{count.values:,} {noun}{'' if count.values == 1 else 's'}"
    return _Nulls(nullable=False, nullability=values, evidence=f"no null in {of} ({count.basis})")


def flagged(facts: TableFacts, path: str) -> bool:
    """Declared not null by the session and, where it has a word of its own, by the storage."""
    if facts.text:
        return False
    sides = (facts.schema, facts.stored_schema)
    nodes = (find_node(side, path) for side in sides if side is not None)
    return all(node is None or not node.field.nullable for node in nodes)


def has_null(count: NullCount) -> bool:
    return bool(count.nulls or count.refusal)


def nulls_in_words(count: NullCount) -> str:
    if count.refusal is not None:
        return "some value is null"
    return f"{count.nulls:,} of {count.values:,} values {'is' if count.nulls == 1 else 'are'} null"


def _without_values(seen: Seen) -> Iterator[str]:
    """The top-level fields below which something is declared not null, and no row has a value to look at."""
    if not seen.rows:
        return  # the table itself may be empty
    for path, count in seen.nulls.items():
        if not count.values and not has_null(count) and flagged(seen.facts, path):
            yield _top(path)


def _top(path: str) -> str:
    """The path of the field that this one is, or is below."""
    return child_path("", top_level(path))


def _metadata(seen: Seen, node: TypeNode) -> tuple[Metadata, str]:
    """Without what is not the same in all files. A comment becomes a description."""
    differing = {each.key for each in seen.files.metadata.get(node.path, ())}
    pairs = dict(_texts(node))
    description = pairs.pop(_COMMENT, "")
    kept = tuple((key, value) for key, value in pairs.items() if key not in differing)
    return kept, " ".join(description.split())


def _texts(node: TypeNode) -> Iterator[tuple[str, str]]:
    for key, value in sorted(texts_of(node.field.metadata).items()):
        if key and value and key.isprintable() and not key.startswith(_OF_FORMATS):
            yield key, value
