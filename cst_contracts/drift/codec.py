"""Writes snapshots as the text that is committed, and reads them back.

The text is laid out for a review: a field, a line of a plan or an overload is one line of the file.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from cst_contracts.drift.document import Document
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    QuerySnapshot,
    ReaderSnapshot,
    SessionSnapshot,
    Snapshot,
    TableSnapshot,
    ViewSnapshot,
    sorted_session,
)
from cst_contracts.drift.snapshot_file import (
    SNAPSHOT_VERSION,
    FunctionJson,
    NodeJson,
    ReaderJson,
    SessionJson,
    SignatureJson,
    TableJson,
    ViewJson,
)
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import FunctionFacts, Signature

REGENERATE = "regenerate it with `pytest --snapshot-update`"


class SnapshotVersionError(SnapshotError):
    """A snapshot in a format version that this release does not read."""

    def __init__(self, file: str, version: int) -> None:
        self.version = version
        super().__init__(
            f"{file}: snapshot format version {version}, where this release reads version "
            f"{SNAPSHOT_VERSION}; {REGENERATE}"
        )


def encode(snapshot: Snapshot) -> str:
    """Equal snapshots give equal text, and different snapshots different text."""
    members = msgspec.to_builtins(_json(snapshot))
    return _block("{}", _members(members, depth=1), depth=0) + "\n"


def decode(text: str, file: str = "snapshot") -> Snapshot:
    """Reads what `encode` wrote. `file` is what errors call the text.

    Raises SnapshotVersionError for another format version, SnapshotError for anything else.
    """
    document = Document(text, file, REGENERATE, SnapshotError)
    members = document.members()
    _require_version(document, members)
    if "table" in members:
        return _table(document)
    if "functions" in members:
        return _session(document)
    raise document.refusal("", "expected the snapshot of a table or a session, found neither")


def is_snapshot(text: str) -> bool:
    """Whether a text is a snapshot of any format version, whole or not comparable."""
    try:
        decode(text)
    except SnapshotVersionError:
        return True
    except SnapshotError:
        return False
    return True


def _json(snapshot: Snapshot) -> TableJson | SessionJson:
    match snapshot:
        case TableSnapshot():
            return TableJson(
                snapshot_version=SNAPSHOT_VERSION,
                table=snapshot.table,
                partitioned_by=snapshot.partitioned_by,
                ordered_by=snapshot.ordered_by,
                metadata=dict(snapshot.metadata),
                fields=tuple(map(_node_json, snapshot.fields)),
                functions=snapshot.query.functions,
                plan=snapshot.query.plan,
                views=tuple(map(_view_json, snapshot.views)),
                queries=tuple(
                    ReaderJson(name=each.name, functions=each.functions, reads=each.reads)
                    for each in snapshot.queries
                ),
            )
        case SessionSnapshot():
            return SessionJson(
                snapshot_version=SNAPSHOT_VERSION,
                settings=dict(snapshot.settings),
                shadowed=snapshot.shadowed,
                functions=tuple(map(_function_json, snapshot.functions)),
            )


def _view_json(view: ViewSnapshot) -> ViewJson:
    fields = tuple(map(_node_json, view.fields))
    query = view.query
    return ViewJson(name=view.name, fields=fields, functions=query.functions, plan=query.plan)


def _node_json(node: NodeSnapshot) -> NodeJson:
    return NodeJson(
        path=node.path,
        type=node.type,
        arrow_type=node.arrow_type,
        nullable=node.nullable,
        metadata=dict(node.metadata),
    )


def _function_json(function: FunctionFacts) -> FunctionJson:
    return FunctionJson(
        name=function.name,
        kind=function.kind,
        deterministic=function.deterministic,
        signatures=tuple(
            SignatureJson(arguments=each.arguments, returns=each.returns)
            for each in function.signatures
        ),
    )


def _members(value: Mapping[str, Any], depth: int) -> list[str]:
    return [f"{_line(name)}: {_member(name, each, depth)}" for name, each in value.items()]


def _member(name: str, value: Any, depth: int) -> str:
    """A member of an object, which stands `depth` levels deep, as text of one or several lines."""
    match name, value:
        case (("settings" | "metadata"), dict()):
            return _block(
                "{}", [f"{_line(key)}: {_line(each)}" for key, each in value.items()], depth
            )
        case "views", [*_]:
            views = [_block("{}", _members(view, depth + 2), depth + 1) for view in value]
            return _block("[]", views, depth)
        case "queries", [*_]:
            return _block("[]", map(_line, value), depth)
        case "functions", [dict(), *_]:
            functions = [f"{{{', '.join(_members(each, depth + 1))}}}" for each in value]
            return _block("[]", functions, depth)
        case (("fields" | "plan" | "partitioned_by" | "ordered_by" | "signatures"), [*_]):
            return _block("[]", map(_line, value), depth)
        case _:
            return _line(value)


def _line(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()


def _block(brackets: str, members: Iterable[str], depth: int) -> str:
    """A JSON object or array with one member a line."""
    indent = "  " * depth
    lines = ",\n".join(f"{indent}  {member}" for member in members)
    return f"{brackets[0]}\n{lines}\n{indent}{brackets[1]}" if lines else brackets


def _require_version(document: Document, members: Mapping[str, Any]) -> None:
    if "snapshot_version" not in members:
        raise document.refusal("", '"snapshot_version" is missing')
    version = members["snapshot_version"]
    if not isinstance(version, int) or isinstance(version, bool):
        raise document.refusal(
            "snapshot_version", f"expected a whole number, found {json.dumps(version)}"
        )
    if version != SNAPSHOT_VERSION:
        raise SnapshotVersionError(document.file, version)


def _table(document: Document) -> TableSnapshot:
    read = document.read(TableJson)
    _refuse_repeats(document, "views", [view.name for view in read.views])
    _refuse_repeats(document, "queries", [query.name for query in read.queries])
    _refuse_repeats(document, "fields", [node.path for node in read.fields])
    for index, view in enumerate(read.views):
        paths = [node.path for node in view.fields]
        _refuse_repeats(document, f"views[{index}].fields", paths)
    return TableSnapshot(
        table=read.table,
        fields=tuple(map(_node, read.fields)),
        partitioned_by=read.partitioned_by,
        ordered_by=read.ordered_by,
        metadata=tuple(sorted(read.metadata.items())),
        query=QuerySnapshot(read.functions, read.plan),
        views=tuple(sorted(map(_view, read.views), key=lambda view: view.name)),
        queries=tuple(
            ReaderSnapshot(each.name, each.functions, each.reads)
            for each in sorted(read.queries, key=lambda query: query.name)
        ),
    )


def _view(read: ViewJson) -> ViewSnapshot:
    query = QuerySnapshot(read.functions, read.plan)
    return ViewSnapshot(read.name, tuple(map(_node, read.fields)), query)


def _node(read: NodeJson) -> NodeSnapshot:
    return NodeSnapshot(
        path=read.path,
        type=read.type,
        nullable=read.nullable,
        metadata=tuple(sorted(read.metadata.items())),
        arrow_type=read.arrow_type,
    )


def _session(document: Document) -> SessionSnapshot:
    read = document.read(SessionJson)
    names = [f"{function.name} ({function.kind})" for function in read.functions]
    _refuse_repeats(document, "functions", names)
    return sorted_session(map(_function, read.functions), read.settings.items(), read.shadowed)


def _function(read: FunctionJson) -> FunctionFacts:
    signatures = tuple(Signature(each.arguments, each.returns) for each in read.signatures)
    return FunctionFacts(
        name=read.name, kind=read.kind, deterministic=read.deterministic, signatures=signatures
    )


def _refuse_repeats(document: Document, path: str, names: Sequence[str]) -> None:
    name, count = max(Counter(names).items(), key=lambda item: item[1], default=("", 0))
    if count > 1:
        raise document.refusal(path, f"expected each once, found {json.dumps(name)} {count} times")
