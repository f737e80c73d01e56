"""Finds the changes between the fields of two schemas, and between the nodes below the fields."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.drift.likeness import alike, likeness
from cst_contracts.drift.moves import moves
from cst_contracts.drift.snapshot import NodeSnapshot

Metadata: TypeAlias = tuple[tuple[str, str], ...]


class FieldAdded(Struct, frozen=True):
    """A field or a nested node that came, with all below it."""

    path: str
    type: str
    nullable: bool


class FieldRemoved(Struct, frozen=True):
    """A field or a nested node that went, with all below it."""

    path: str
    type: str
    nullable: bool


class FieldRenamed(Struct, frozen=True):
    """A field that went, and one beside it that came with the same type and all that is below it, and is
    called much like it."""

    path: str
    after: str
    type: str


class TypeChanged(Struct, frozen=True):
    """A leaf's type, or what kind of container a node is, with all that only one of them holds."""

    path: str
    before: str
    after: str


class NullabilityChanged(Struct, frozen=True):
    """A node that may hold nulls now and might not before, or the reverse: `nullable` is what it is now."""

    path: str
    nullable: bool


#: The path of what is said of a whole schema, and of no field.
SCHEMA = ""


class MetadataChanged(Struct, frozen=True):
    path: str
    before: Metadata
    after: Metadata


class ArrowTypeChanged(Struct, frozen=True):
    """The engine's own word for a type that counts as the same, such as a dictionary for its values."""

    path: str
    before: str | None
    after: str | None


class FieldMoved(Struct, frozen=True):
    """A field that stands at another place among its siblings.

    `before` and `after` are the nearest siblings in front of it that did not move; None: it came first.
    """

    path: str
    before: str | None
    after: str | None


FieldChange: TypeAlias = (
    FieldAdded
    | FieldRemoved
    | FieldRenamed
    | TypeChanged
    | ArrowTypeChanged
    | NullabilityChanged
    | MetadataChanged
    | FieldMoved
)


class _Tree(Struct, frozen=True):
    """A table's nodes by path, and the paths below each of them; those of the top below None."""

    nodes: dict[str, NodeSnapshot]
    parents: dict[str, str | None]
    children: dict[str | None, list[str]]

    @classmethod
    def of(cls, nodes: Iterable[NodeSnapshot]) -> "_Tree":
        tree = cls({}, {}, {})
        branch: list[str] = []
        for node in nodes:
            while branch and not _is_below(branch[-1], node.path):
                branch.pop()
            parent = branch[-1] if branch else None
            tree.nodes[node.path] = node
            tree.parents[node.path] = parent
            tree.children.setdefault(parent, []).append(node.path)
            branch.append(node.path)
        return tree

    def name(self, path: str) -> str:
        """What a field is called, without the way to it."""
        return path[len(self.parents[path] or "") :].lstrip(".")

    def shape(self, path: str) -> tuple[NodeSnapshot, ...]:
        """A node and all below it, as they would be if it had no name."""
        return tuple(replace(self.nodes[each], path=each[len(path) :]) for each in self._from(path))

    def _from(self, path: str) -> Iterator[str]:
        yield path
        for child in self.children.get(path, ()):
            yield from self._from(child)


def _is_below(parent: str, path: str) -> bool:
    return path.startswith((f"{parent}.", f"{parent}[", f"{parent}{{"))


def field_changes(
    before: Iterable[NodeSnapshot], after: Iterable[NodeSnapshot]
) -> Iterator[FieldChange]:
    """Every change, once and at its own path; of a node that came or went, nothing below it is named."""
    yield from _changes(_Tree.of(before), _Tree.of(after))


def _changes(before: _Tree, after: _Tree) -> Iterator[FieldChange]:
    gone, come = list(_only_in(before, after)), list(_only_in(after, before))
    renamed = dict(_renamed(before, after, gone, come))
    for node in gone:
        if node.path in renamed:
            yield FieldRenamed(node.path, renamed[node.path], node.type)
        else:
            yield FieldRemoved(node.path, node.type, node.nullable)
    for node in come:
        if node.path not in renamed.values():
            yield FieldAdded(node.path, node.type, node.nullable)
    for path, node in before.nodes.items():
        if path in after.nodes:
            yield from _node_changes(node, after.nodes[path])
    for parent, siblings in before.children.items():
        yield from _moves(siblings, after.children.get(parent, []))


def _renamed(
    before: _Tree, after: _Tree, gone: Iterable[NodeSnapshot], come: Iterable[NodeSnapshot]
) -> Iterator[tuple[str, str]]:
    """Paths before and after of fields that differ from one another in their names alone."""
    lost = {node.path: before.shape(node.path) for node in gone}
    gained = {node.path: after.shape(node.path) for node in come}
    likely = [
        (likeness(before.name(old), after.name(new)), old, new)
        for old, shape in lost.items()
        for new, its_shape in gained.items()
        if before.parents[old] == after.parents[new] and shape == its_shape
    ]
    yield from alike(likely)


def _only_in(tree: _Tree, other: _Tree) -> Iterator[NodeSnapshot]:
    """Nodes that `other` lacks, though it has their parent, of the same kind."""
    for path, node in tree.nodes.items():
        parent = tree.parents[path]
        if path not in other.nodes and (parent is None or _same_type(parent, tree, other)):
            yield node


def _same_type(path: str, tree: _Tree, other: _Tree) -> bool:
    return path in other.nodes and other.nodes[path].type == tree.nodes[path].type


def _node_changes(before: NodeSnapshot, after: NodeSnapshot) -> Iterator[FieldChange]:
    if before.type != after.type:
        yield TypeChanged(before.path, before.type, after.type)
    elif before.arrow_type != after.arrow_type:
        yield ArrowTypeChanged(before.path, before.arrow_type, after.arrow_type)
    if before.nullable != after.nullable:
        yield NullabilityChanged(before.path, nullable=after.nullable)
    if before.metadata != after.metadata:
        yield MetadataChanged(before.path, before.metadata, after.metadata)


def _moves(before: list[str], after: list[str]) -> Iterator[FieldMoved]:
    remaining, known = set(after), set(before)
    moved = moves(
        [path for path in before if path in remaining], [path for path in after if path in known]
    )
    return (FieldMoved(move.name, move.before, move.after) for move in moved)
