"""Snapshots to the text that is committed, and back; a field node or an overload is one line."""

import json
from collections import Counter
from collections.abc import Iterable

from cst_contracts.drift.shape import REGENERATE, Json, Part, parse
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    QuerySnapshot,
    SessionSnapshot,
    Snapshot,
    TableSnapshot,
    ViewSnapshot,
    sorted_session,
)
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import FunctionFacts, Signature

SNAPSHOT_VERSION = 2


class SnapshotVersionError(SnapshotError):
    """A snapshot in a format version that this release does not read."""

    def __init__(self, file: str, version: int) -> None:
        self.file = file
        self.version = version
        super().__init__(
            f"{file}: snapshot format version {version}, where this release reads version "
            f"{SNAPSHOT_VERSION}; {REGENERATE}"
        )


def encode(snapshot: Snapshot) -> str:
    """Equal snapshots give equal text, and different snapshots different text."""
    version = f'"snapshot_version": {SNAPSHOT_VERSION}'
    return _block("{}", [version, *_members(snapshot)], depth=0) + "\n"


def decode(text: str, file: str = "snapshot") -> Snapshot:
    """What `encode` wrote. `file` is what errors call the text.

    Raises SnapshotVersionError for another format version, SnapshotError for anything else.
    """
    document = parse(text, file)
    members = document.members()
    _require_version(document, members.get("snapshot_version"))
    if "table" in members:
        return _table(document)
    if "functions" in members:
        return _session(document)
    raise document.refusal("the snapshot of a table or a session", "neither")


def _members(snapshot: Snapshot) -> list[str]:
    match snapshot:
        case TableSnapshot():
            return _table_members(snapshot)
        case SessionSnapshot():
            return _session_members(snapshot)


def _table_members(snapshot: TableSnapshot) -> list[str]:
    return [
        f'"table": {_line(snapshot.table)}',
        f'"partitioned_by": {_block("[]", map(_line, snapshot.partitioned_by))}',
        f'"ordered_by": {_block("[]", map(_line, snapshot.ordered_by))}',
        f'"fields": {_block("[]", map(_node_line, snapshot.fields))}',
        *_query_members(snapshot.query),
        f'"views": {_block("[]", map(_view_lines, snapshot.views))}',
    ]


def _query_members(query: QuerySnapshot, depth: int = 1) -> list[str]:
    return [
        f'"functions": {_line(list(query.functions))}',
        f'"plan": {_block("[]", map(_line, query.plan), depth)}',
    ]


def _view_lines(view: ViewSnapshot) -> str:
    members = [
        f'"name": {_line(view.name)}',
        f'"fields": {_block("[]", map(_node_line, view.fields), depth=3)}',
        *_query_members(view.query, depth=3),
    ]
    return _block("{}", members, depth=2)


def _session_members(snapshot: SessionSnapshot) -> list[str]:
    settings = [f"{_line(name)}: {_line(value)}" for name, value in snapshot.settings]
    return [
        f'"settings": {_block("{}", settings)}',
        f'"shadowed": {_line(list(snapshot.shadowed))}',
        f'"functions": {_block("[]", map(_function_lines, snapshot.functions))}',
    ]


def _node_line(node: NodeSnapshot) -> str:
    metadata: Json = dict(node.metadata)
    asked: dict[str, Json] = {} if node.arrow_type is None else {"arrow_type": node.arrow_type}
    return _line(
        {
            "path": node.path,
            "type": node.type,
            **asked,
            "nullable": node.nullable,
            "metadata": metadata,
        }
    )


def _function_lines(function: FunctionFacts) -> str:
    members = [
        f'"name": {_line(function.name)}',
        f'"kind": {_line(function.kind)}',
        f'"deterministic": {_line(function.deterministic)}',
        f'"signatures": {_block("[]", map(_signature_line, function.signatures), depth=2)}',
    ]
    return f"{{{', '.join(members)}}}"


def _signature_line(signature: Signature) -> str:
    return _line({"arguments": list(signature.arguments), "returns": signature.returns})


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _block(brackets: str, members: Iterable[str], depth: int = 1) -> str:
    """A JSON object or array with one member a line."""
    indent = "  " * depth
    lines = ",\n".join(f"{indent}  {member}" for member in members)
    return f"{brackets[0]}\n{lines}\n{indent}{brackets[1]}" if lines else brackets


def _require_version(document: Part, version: Part | None) -> None:
    if version is None:
        raise document.refusal('a "snapshot_version"', "none")
    if not isinstance(version.value, int) or isinstance(version.value, bool):
        raise version.refusal("a number")
    if version.value != SNAPSHOT_VERSION:
        raise SnapshotVersionError(document.file, version.value)


def _table(document: Part) -> TableSnapshot:
    names = ("table", "partitioned_by", "ordered_by", "fields", "functions", "plan", "views")
    _, table, partitioned_by, ordered_by, fields, functions, plan, views = document.record(
        "snapshot_version", *names
    )
    read = tuple(map(_view, views.elements()))
    _refuse_repeats(views, [view.name for view in read])
    return TableSnapshot(
        table=table.text(),
        fields=_nodes(fields),
        partitioned_by=partitioned_by.texts(),
        ordered_by=ordered_by.texts(),
        query=QuerySnapshot(functions.texts(), plan.texts()),
        views=tuple(sorted(read, key=lambda view: view.name)),
    )


def _view(part: Part) -> ViewSnapshot:
    name, fields, functions, plan = part.record("name", "fields", "functions", "plan")
    query = QuerySnapshot(functions.texts(), plan.texts())
    return ViewSnapshot(name.text(), _nodes(fields), query)


def _nodes(fields: Part) -> tuple[NodeSnapshot, ...]:
    nodes = tuple(map(_node, fields.elements()))
    _refuse_repeats(fields, [node.path for node in nodes])
    return nodes


def _node(part: Part) -> NodeSnapshot:
    arrow_type = part.members().get("arrow_type")
    asked = () if arrow_type is None else ("arrow_type",)
    path, type_text, nullable, metadata, *_ = part.record(
        "path", "type", "nullable", "metadata", *asked
    )
    return NodeSnapshot(
        path=path.text(),
        type=type_text.text(),
        nullable=nullable.flag(),
        metadata=tuple(sorted((key, value.text()) for key, value in metadata.members().items())),
        arrow_type=None if arrow_type is None else arrow_type.text(),
    )


def _session(document: Part) -> SessionSnapshot:
    _, settings, shadowed, functions = document.record(
        "snapshot_version", "settings", "shadowed", "functions"
    )
    inventory = tuple(map(_function, functions.elements()))
    _refuse_repeats(functions, [f"{function.name} ({function.kind})" for function in inventory])
    values = [(name, value.text_or_null()) for name, value in settings.members().items()]
    return sorted_session(inventory, values, shadowed.texts())


def _function(part: Part) -> FunctionFacts:
    name, kind, deterministic, signatures = part.record(
        "name", "kind", "deterministic", "signatures"
    )
    return FunctionFacts(
        name=name.text(),
        kind=kind.text(),
        deterministic=deterministic.flag(),
        signatures=tuple(map(_signature, signatures.elements())),
    )


def _signature(part: Part) -> Signature:
    arguments, returns = part.record("arguments", "returns")
    return Signature(arguments=arguments.texts(), returns=returns.text_or_null())


def _refuse_repeats(part: Part, names: list[str]) -> None:
    name, count = max(Counter(names).items(), key=lambda item: item[1], default=("", 0))
    if count > 1:
        raise part.refusal("each once", f"{json.dumps(name)} {count} times")


def is_snapshot(text: str) -> bool:
    """Whether a text is a snapshot of any format version, whole or not comparable."""
    try:
        decode(text)
    except SnapshotVersionError:
        return True
    except SnapshotError:
        return False
    return True
