"""Counts nulls in arrays, exactly at any depth.

Arrays are counted as the engine delivers them: no query over a declared NOT NULL is involved, which the
optimiser would fold to zero.
"""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from cst_contracts.datatypes import TypeNode, child_nodes, find_node, top_level


def columns_of(schema: pa.Schema, paths: Iterable[str]) -> list[str]:
    """The fields of a schema that must be read to count below the paths, in schema order."""
    wanted = {top_level(path) for path in paths}
    return [name for name in schema.names if name in wanted]


class NullWalk:
    """Counters by path, of one schema's batches; a path that the schema does not have is left out.

    Only slots whose parents are all there count: a null struct or an empty list holds no null leaf. Below
    one top-level field the arrays are walked once for all paths.
    """

    def __init__(self, schema: pa.Schema, paths: Sequence[str]) -> None:
        self.wanted = [path for path in paths if find_node(schema, path) is not None]
        self.values = dict.fromkeys(self.wanted, 0)
        self.nulls = dict.fromkeys(self.wanted, 0)
        tops = {node.name: node for node in child_nodes("", pa.struct(list(schema)))}
        self._tops = [tops[name] for name in columns_of(schema, self.wanted)]

    def add_batch(self, batch: pa.RecordBatch) -> None:
        for node in self._tops:
            self.add(node, batch.column(batch.schema.get_field_index(node.name)))

    def merge(self, other: "NullWalk") -> None:
        for path in self.wanted:
            self.values[path] += other.values[path]
            self.nulls[path] += other.nulls[path]

    def add(self, node: TypeNode, array: pa.Array, absent: int = 0) -> None:
        """`absent` slots have a null parent; they are null in the array, too, and do not count."""
        plain = decoded(array)
        if node.path in self.values:
            self.values[node.path] += len(plain) - absent
            self.nulls[node.path] += plain.null_count - absent
        if any(_below(path, node.path) for path in self.wanted):
            for child, below, orphans in children_of(node, plain):
                self.add(child, below, orphans)


def _below(path: str, ancestor: str) -> bool:
    return path.startswith(ancestor) and path[len(ancestor) :][:1] in (".", "[", "{")


def decoded(array: pa.Array) -> pa.Array:
    """Encodings can hide nulls from `null_count`: a dictionary may have a null among its values."""
    if isinstance(array, pa.ExtensionArray):
        return decoded(array.storage)
    if isinstance(array, pa.DictionaryArray):
        return decoded(array.dictionary_decode())
    if pa.types.is_run_end_encoded(array.type):
        values = pa.RunEndEncodedArray.from_arrays(array.run_ends, decoded(array.values))
        return pc.run_end_decode(values.slice(array.offset, len(array)))
    if pa.types.is_union(array.type):
        return pc.if_else(_validity_of_union(array), pa.scalar(0), pa.scalar(None, pa.int64()))
    return array


def _validity_of_union(array: pa.UnionArray) -> pa.Array:
    """A union stores no validity of its own: a slot is null where the child that it chooses is null.

    Before 26, `UnionArray.is_valid` of pyarrow calls every slot valid, therefore the children are asked.
    `type_codes` and `offsets` of a slice start where the whole array does, therefore its buffers are read.
    """
    size, start, buffers = len(array), array.offset, array.buffers()
    codes = pa.array(array.type.type_codes, pa.int8())
    stored = pa.Array.from_buffers(pa.int8(), size, [None, buffers[1]], offset=start)
    chosen = pc.index_in(stored, codes)
    children = [decoded(array.field(number)) for number in range(len(codes))]
    if array.type.mode == "dense":
        places = pa.Array.from_buffers(pa.int32(), size, [None, buffers[2]], offset=start)
        children = [
            child.take(pc.if_else(pc.equal(chosen, number), places, pa.scalar(None, pa.int32())))
            for number, child in enumerate(children)
        ]
    return pc.choose(chosen, *(child.is_valid() for child in children))


def children_of(node: TypeNode, array: pa.Array) -> Iterator[tuple[TypeNode, pa.Array, int]]:
    """The arrays one step below, and how many of their slots have a null parent."""
    children = child_nodes(node.path, node.field.type)
    if pa.types.is_map(array.type):
        entries = array.cast(pa.list_(array.type.field(0))).flatten()
        entries.validate()  # of some slices the cast makes arrays that crash the interpreter
        for child, member in zip(children, _members(entries), strict=True):
            yield child, member, entries.null_count
    elif pa.types.is_struct(array.type):
        for child, member in zip(children, _members(array), strict=True):
            yield child, member, array.null_count
    elif children:
        yield children[0], array.flatten(), 0


def _members(array: pa.StructArray) -> list[pa.Array]:
    """A struct's children, null where the struct is."""
    if any(map(_without_validity, array.type)):
        members = [decoded(array.field(index)) for index in range(array.type.num_fields)]
        names = [str(index) for index in range(len(members))]
        array = pa.StructArray.from_arrays(members, names, mask=array.is_null())
    flat: list[pa.Array] = array.flatten()
    return flat


def _without_validity(field: pa.Field) -> bool:
    """Of a type whose arrays cannot take their parent's nulls over."""
    return bool(pa.types.is_run_end_encoded(field.type) or pa.types.is_union(field.type))
