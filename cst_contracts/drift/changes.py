"""Two snapshots to the changes between them, each told once and at its own place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from cst_contracts.drift.order import moves
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    SessionSnapshot,
    Snapshot,
    TableSnapshot,
)
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import FunctionFacts, Signature

Metadata: TypeAlias = tuple[tuple[str, str], ...]
FunctionKey: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TableRenamed:
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FieldAdded:
    """A field or a nested node that came, with all below it."""

    path: str
    type: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class FieldRemoved:
    """A field or a nested node that went, with all below it."""

    path: str
    type: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class TypeChanged:
    """A leaf's type, or what kind of container a node is, with all that only one of them holds."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NullabilityChanged:
    """`nullable` is what it is now."""

    path: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class MetadataChanged:
    path: str
    before: Metadata
    after: Metadata


@dataclass(frozen=True, slots=True)
class FieldMoved:
    """`before` and `after` are the siblings in front that did not move; None: it came first."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PartitioningChanged:
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderingChanged:
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FunctionAdded:
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class FunctionRemoved:
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class DeterminismChanged:
    """`deterministic` is what it is now."""

    name: str
    kind: str
    deterministic: bool


@dataclass(frozen=True, slots=True)
class SignatureAdded:
    name: str
    kind: str
    signature: Signature


@dataclass(frozen=True, slots=True)
class SignatureRemoved:
    name: str
    kind: str
    signature: Signature


@dataclass(frozen=True, slots=True)
class SettingDeparted:
    """A setting that left the engine's default."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class SettingRestored:
    """A setting that went back to the engine's default from `value`."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class SettingChanged:
    name: str
    before: str | None
    after: str | None


FieldChange: TypeAlias = (
    FieldAdded | FieldRemoved | TypeChanged | NullabilityChanged | MetadataChanged | FieldMoved
)
TableChange: TypeAlias = TableRenamed | FieldChange | PartitioningChanged | OrderingChanged
FunctionChange: TypeAlias = (
    FunctionAdded | FunctionRemoved | DeterminismChanged | SignatureAdded | SignatureRemoved
)
SettingChange: TypeAlias = SettingDeparted | SettingRestored | SettingChanged
Change: TypeAlias = TableChange | FunctionChange | SettingChange


def diff(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """Empty where the snapshots are equal, and only there.

    Raises SnapshotError where one is of a table and the other of a session.
    """
    match before, after:
        case TableSnapshot(), TableSnapshot():
            return tuple(_table_changes(before, after))
        case SessionSnapshot(), SessionSnapshot():
            return tuple(_session_changes(before, after))
        case _:
            raise SnapshotError(
                "a snapshot of a table and one of a session cannot be compared; "
                "regenerate it with `pytest --snapshot-update`"
            )


def _table_changes(before: TableSnapshot, after: TableSnapshot) -> Iterator[TableChange]:
    if before.table != after.table:
        yield TableRenamed(before.table, after.table)
    yield from _field_changes(_Tree.of(before), _Tree.of(after))
    if before.partitioned_by != after.partitioned_by:
        yield PartitioningChanged(before.partitioned_by, after.partitioned_by)
    if before.ordered_by != after.ordered_by:
        yield OrderingChanged(before.ordered_by, after.ordered_by)


@dataclass(frozen=True, slots=True)
class _Tree:
    """A table's nodes by path, and the paths below each of them; those of the top below None."""

    nodes: dict[str, NodeSnapshot]
    parents: dict[str, str | None]
    children: dict[str | None, list[str]]

    @classmethod
    def of(cls, snapshot: TableSnapshot) -> "_Tree":
        tree = cls({}, {}, {})
        branch: list[str] = []
        for node in snapshot.fields:
            while branch and not _is_below(branch[-1], node.path):
                branch.pop()
            parent = branch[-1] if branch else None
            tree.nodes[node.path] = node
            tree.parents[node.path] = parent
            tree.children.setdefault(parent, []).append(node.path)
            branch.append(node.path)
        return tree


def _is_below(parent: str, path: str) -> bool:
    return path.startswith((f"{parent}.", f"{parent}[", f"{parent}{{"))


def _field_changes(before: _Tree, after: _Tree) -> Iterator[FieldChange]:
    for node in _only_in(before, after):
        yield FieldRemoved(node.path, node.type, node.nullable)
    for node in _only_in(after, before):
        yield FieldAdded(node.path, node.type, node.nullable)
    for path, node in before.nodes.items():
        if path in after.nodes:
            yield from _node_changes(node, after.nodes[path])
    for parent, siblings in before.children.items():
        yield from _moves(siblings, after.children.get(parent, []))


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


def _session_changes(before: SessionSnapshot, after: SessionSnapshot) -> Iterator[Change]:
    yield from _function_changes(_by_key(before), _by_key(after))
    yield from _setting_changes(dict(before.settings), dict(after.settings))


def _by_key(snapshot: SessionSnapshot) -> dict[FunctionKey, FunctionFacts]:
    return {(function.name, function.kind): function for function in snapshot.functions}


def _function_changes(
    before: Mapping[FunctionKey, FunctionFacts], after: Mapping[FunctionKey, FunctionFacts]
) -> Iterator[FunctionChange]:
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            yield FunctionRemoved(*key)
        elif key not in before:
            yield FunctionAdded(*key)
        else:
            yield from _overload_changes(before[key], after[key])


def _overload_changes(before: FunctionFacts, after: FunctionFacts) -> Iterator[FunctionChange]:
    name, kind = before.name, before.kind
    if before.deterministic != after.deterministic:
        yield DeterminismChanged(name, kind, deterministic=after.deterministic)
    for signature in before.signatures:
        if signature not in after.signatures:
            yield SignatureRemoved(name, kind, signature)
    for signature in after.signatures:
        if signature not in before.signatures:
            yield SignatureAdded(name, kind, signature)


def _setting_changes(
    before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> Iterator[SettingChange]:
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield SettingRestored(name, before[name])
        elif name not in before:
            yield SettingDeparted(name, after[name])
        elif before[name] != after[name]:
            yield SettingChanged(name, before[name], after[name])
