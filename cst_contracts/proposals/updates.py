"""The smallest edits of a contract after which its table keeps it again, as splices of its text."""

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

import pyarrow as pa
import yaml
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.field_files import files_promise
from cst_contracts.checks.partitions import partition_names
from cst_contracts.checks.wording import some
from cst_contracts.contract.model import (
    ExtraFields,
    FieldContract,
    FieldOrder,
    NullabilityMode,
    TableContract,
)
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import (
    DifferenceKind,
    TypeDifference,
    TypeNode,
    leads_to,
    moved_names,
    type_differences,
)
from cst_contracts.proposals.documents import (
    Chunk,
    NotEditable,
    Splice,
    chunks,
    compose,
    dash_column,
    entries,
    key_of,
    replaced,
    spliced,
    unix_text,
    with_ends_of,
    with_key,
    without_evidence,
)
from cst_contracts.proposals.fields import (
    field_line,
    flagged,
    has_null,
    nulls_in_words,
    top_nodes,
)
from cst_contracts.proposals.layout import field_block, field_text
from cst_contracts.proposals.looking import Seen
from cst_contracts.proposals.scalars import flow_list, scalar
from cst_contracts.proposals.spelling import loosened, opened, spelled


class Update(Struct, frozen=True):
    """A contract's new text, and in words what is new in it: nothing where it says what is there."""

    text: str
    changes: tuple[str, ...]


class _Edit(Struct, frozen=True):
    told: str
    splices: tuple[Splice, ...] = ()


def updated(contract: TableContract, text: str, seen: Seen, red: Set[str]) -> Update:
    """Fields that are new, gone, moved or of another type, and nulls, partitions and files as they are now.
    What the contract promises of rows stays. `red` are the ids of its checks that make a run red: what is
    waived, within a bound, or only warns, stays, too. Raises NotEditable."""
    unix = unix_text(text)
    root = compose(unix)
    edits = [
        *_source_edits(contract, unix, root, seen),
        *_Editing(contract, unix, seen, red).of(root),
    ]
    new = spliced(unix, (splice for edit in edits for splice in edit.splices))
    return Update(with_ends_of(text, new), tuple(edit.told for edit in edits))


def _source_edits(
    contract: TableContract, text: str, root: yaml.MappingNode, seen: Seen
) -> Iterator[_Edit]:
    source, node = contract.source, entries(root).get("source")
    if source is None or not isinstance(node, yaml.MappingNode):
        return
    promised = tuple(each.name for each in source.partitioned_by)
    there = seen.facts.partitions or ()
    names = tuple(each.name for each in there)
    if promised and promised != names and not any(each.unparsed for each in there):
        splice = with_key(text, node, "partitioned_by", flow_list(names))
        yield _Edit(f"partitioned by {', '.join(names) or 'nothing'}", (splice,))
    files = files_promise(contract)
    forbidden = files is not None and files.forbids_missing
    if forbidden and (seen.files.lacking or seen.files.strangers):
        splice = with_key(text, node, "missing_in_files", "allow")
        yield _Edit("files may lack fields", (splice,))
    if not seen.rows and not source.allow_empty:
        splice = with_key(text, node, "allow_empty", "true")
        yield _Edit("there may be no row", (splice,))


class _Entry(Struct, frozen=True):
    """A field in the text and in the contract; `chunk` is all that belongs to it."""

    node: yaml.MappingNode
    field: FieldContract
    chunk: Chunk


class _Editing:
    """Holds one contract's fields beside those that there are."""

    def __init__(self, contract: TableContract, text: str, seen: Seen, red: Set[str]) -> None:
        self._contract, self._text, self._seen, self._red = contract, text, seen, red
        self._hive = seen.facts.hive_partitions

    def of(self, root: yaml.MappingNode) -> Iterator[_Edit]:
        partitions = partition_names(self._contract)
        live = [
            node
            for node in top_nodes(self._seen)
            if node.name not in partitions or node.name in self._promised()
        ]
        mode = self._contract.nullability
        yield from self._fields(root, "fields", self._contract.fields, live, mode)

    def _promised(self) -> frozenset[str]:
        return frozenset(field.name for field in self._contract.fields)

    def _fields(
        self,
        mapping: yaml.MappingNode,
        id_: str,
        fields: Sequence[FieldContract],
        live: Sequence[TypeNode],
        mode: NullabilityMode,
    ) -> Iterator[_Edit]:
        """Of the list under `fields` of a mapping: of each field in it, and of the list itself, whose check
        is called `id_`."""
        sequence = entries(mapping)["fields"]
        if not isinstance(sequence, yaml.SequenceNode):
            raise NotEditable("`fields` is no list")
        places = chunks(self._text, key_of(mapping, "fields"), sequence)
        held = {
            field.name: _Entry(node, field, chunk)
            for node, field, chunk in zip(sequence.value, fields, places, strict=True)
        }
        there = {node.name: node for node in live}
        edits = {
            name: [*self._field(entry, there[name])]
            for name, entry in held.items()
            if name in there
        }
        names = self._names(id_, fields, live)
        if names == list(held):
            yield from (edit for each in edits.values() for edit in each)
            return
        inner = {
            name: [splice for edit in each for splice in edit.splices]
            for name, each in edits.items()
        }
        yield from (_Edit(edit.told) for each in edits.values() for edit in each)
        splice = self._list(sequence, held, inner, names, there, mode)
        told = ", ".join(_told(list(held), names))
        yield _Edit(told, (splice,))

    def _names(
        self, id_: str, fields: Sequence[FieldContract], live: Sequence[TypeNode]
    ) -> list[str]:
        """The names as they have to stand in the contract: the fewest changes of those that are there."""
        there = [node.name for node in live]
        kept = [each.name for each in fields if each.name in there or not self._is_red(each)]
        if self._contract.field_order is FieldOrder.STRICT and self._is_any_red(id_, fields):
            ordered = iter(name for name in there if name in kept and name not in self._hive)
            kept = [
                name if name in self._hive or name not in there else next(ordered) for name in kept
            ]
        if self._contract.extra_fields is ExtraFields.FORBID and id_ in self._red:
            known = {each.name for each in fields}
            for number, name in enumerate(there):
                if name not in known:
                    before = [kept.index(each) for each in there[:number] if each in kept]
                    kept.insert(max(before, default=-1) + 1, name)
        return kept

    def _is_any_red(self, id_: str, fields: Sequence[FieldContract]) -> bool:
        return id_ in self._red or any(map(self._is_red, fields))

    def _is_red(self, field: FieldContract) -> bool:
        return f"field[{field.path}]" in self._red

    def _list(
        self,
        sequence: yaml.SequenceNode,
        held: Mapping[str, _Entry],
        inner: Mapping[str, Sequence[Splice]],
        names: Sequence[str],
        there: Mapping[str, TypeNode],
        mode: NullabilityMode,
    ) -> Splice:
        texts = [
            self._chunk(held[name].chunk, inner[name])
            if name in held
            else self._new(sequence, there[name], mode)
            for name in names
        ]
        places = [entry.chunk for entry in held.values()]
        text = "".join(texts)
        if sequence.flow_style:
            gaps = {
                name: self._text[one.end : two.start]
                for (one, two), name in zip(pairwise(places), list(held)[1:], strict=True)
            }
            rest = (
                f"{gaps.get(name, ', ')}{each}"
                for name, each in zip(names[1:], texts[1:], strict=True)
            )
            text = f"{texts[0]}{''.join(rest)}"
        return Splice(places[0].start, places[-1].end, text)

    def _chunk(self, chunk: Chunk, splices: Sequence[Splice]) -> str:
        return spliced(self._text[chunk.start : chunk.end], splices, chunk.start)

    def _new(self, sequence: yaml.SequenceNode, node: TypeNode, mode: NullabilityMode) -> str:
        strict = NullabilityMode.STRICT if mode is NullabilityMode.STRICT else None
        line = field_line(self._seen, node, strict)
        if sequence.flow_style:
            return field_text(replace(line, type=spelled(node.field.type)))
        indent = " " * dash_column(self._text, sequence)
        return "".join(f"\n{each}" for each in field_block(line, indent))

    def _field(self, entry: _Entry, node: TypeNode) -> Iterator[_Edit]:
        keys = entries(entry.node)
        if "fields" in keys:
            yield from self._open(entry, node)
        elif node.name not in self._hive:
            yield from self._closed(keys["type"], entry.field, node)
        if "nullable" in keys and not entry.field.nullable:
            yield from self._nulls(entry, keys["nullable"])

    def _open(self, entry: _Entry, node: TypeNode) -> Iterator[_Edit]:
        """Of a field whose children stand under `fields`."""
        open_type, field = opened(node.path, node.field.type), entry.field
        if open_type is None:
            raise NotEditable(f"{shown(field.path)} holds no struct any more: write it anew")
        struct = struct_of(field)
        written = opened(field.path, field.type)
        above = (
            each
            for each in self._differences(field, node.field.type)
            if leads_to(each.path, struct.path)
        )
        types = any(each.kind is DifferenceKind.TYPE for each in above)
        if written is not None and types and any(map(self._is_red, field.walk())):
            splice = replaced(entries(entry.node)["type"], scalar(open_type.text))
            yield _Edit(f"{field.path}: {written.text} → {open_type.text}", (splice,))
        mode = self._contract.nullability_of(struct)
        id_ = f"field[{struct.path}]"
        yield from self._fields(entry.node, id_, struct.children, open_type.children, mode)

    def _closed(self, written: yaml.Node, field: FieldContract, node: TypeNode) -> Iterator[_Edit]:
        """Of a field whose type says all that is below it."""
        there = node.field.type
        differs = any(map(self._is_promised, self._differences(field, there)))
        if differs and any(map(self._is_red, field.walk())):
            text = spelled(loosened(field.path, there, self._has_null))
            told = f"{field.path}: {spelled(field.type)} → {spelled(there)}"
            yield _Edit(told, (replaced(written, scalar(text)),))
            return
        below = [each for child in field.children for each in child.walk()]
        null = [each.path for each in below if f"nulls[{each.path}]" in self._red]
        if null:
            text = spelled(loosened(field.path, field.type, null.__contains__))
            yield _Edit(f"{some(null)} may be null", (replaced(written, scalar(text)),))

    def _differences(self, field: FieldContract, there: pa.DataType) -> tuple[TypeDifference, ...]:
        return type_differences(field.type, there, path=field.path, exact=field.exact)

    def _is_promised(self, difference: TypeDifference) -> bool:
        match difference.kind:
            case DifferenceKind.EXTRA:
                return self._contract.extra_fields is ExtraFields.FORBID
            case DifferenceKind.MOVED:
                return self._contract.field_order is FieldOrder.STRICT
            case DifferenceKind.TYPE | DifferenceKind.MISSING:
                return True

    def _has_null(self, path: str) -> bool:
        count = self._seen.nulls.get(path)
        return count is not None and has_null(count)

    def _nulls(self, entry: _Entry, nullable: yaml.Node) -> Iterator[_Edit]:
        path, facts = entry.field.path, self._seen.facts
        if f"nulls[{path}]" in self._red and self._has_null(path):
            splices = (replaced(nullable, "true"), *without_evidence(self._text, nullable))
            count = nulls_in_words(self._seen.nulls[path])
            yield _Edit(f"{path} may be null: {count}", splices)
            return
        strict = self._contract.nullability_of(entry.field) is NullabilityMode.STRICT
        if strict and self._is_red(entry.field) and not facts.text and not flagged(facts, path):
            splice = with_key(self._text, entry.node, "nullability", "values", after="nullable")
            yield _Edit(f"{path}: its flags allow null, and no value is null", (splice,))


def struct_of(field: FieldContract) -> FieldContract:
    """The one whose children stand under the `fields` of a field."""
    while field.children and not pa.types.is_struct(field.type):
        field = field.children[-1]
    return field


def _told(held: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    yield from (f"added {name}" for name in names if name not in held)
    yield from (f"removed {name}" for name in held if name not in names)
    moved = moved_names([name for name in held if name in names], list(names))
    yield from (f"moved {name}" for name in moved)
