"""The text of a run's manifest to what two of them can be compared by."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes import parse_type
from cst_contracts.drift.shape import Part, parse
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    QuerySnapshot,
    SessionSnapshot,
    TableSnapshot,
    own_type,
    sorted_session,
    type_text,
)
from cst_contracts.errors import InvalidType, ManifestError, SnapshotError
from cst_contracts.facts import FunctionFacts, Signature

#: The only version there is; keys that a later release adds are not read.
_READ_VERSION = 1
_WAY_OUT = "write it with `pytest --cst-manifest FILE`"
_UNTOLD = "any"


class PromiseState(Struct, frozen=True):
    """How a promise came out, and whether that failed its item."""

    outcome: str
    failed: bool


class ManifestFacts(Struct, frozen=True):
    """`settings` and `required` are by name, `promises` by contract and check. `session` has no settings
    of its own: a manifest tells them all, not those that differ from the defaults."""

    versions: Mapping[str, str]
    settings: Mapping[str, str | None]
    required: Mapping[str, str]
    session: SessionSnapshot
    tables: Mapping[str, TableSnapshot]
    promises: Mapping[tuple[str, str], PromiseState]


def read_manifest(text: str, file: str) -> ManifestFacts:
    """`file` is what errors call the text. Raises ManifestError."""
    try:
        document = parse(text, file, _WAY_OUT)
        _require_version(document)
        return _manifest(document)
    except SnapshotError as error:
        raise ManifestError(str(error)) from error


def _require_version(document: Part) -> None:
    version = document.members().get("manifest_version")
    if version is None:
        raise document.refusal("a manifest", 'no "manifest_version"')
    if version.value != _READ_VERSION:
        raise version.refusal(f"manifest version {_READ_VERSION}")


def _manifest(document: Part) -> ManifestFacts:
    settings, tables = document.member("settings"), document.member("tables")
    promises = document.member("promises").elements()
    return ManifestFacts(
        versions={
            name: each.text() for name, each in document.member("versions").members().items()
        },
        settings={name: each.text_or_null() for name, each in settings.members().items()},
        required={
            each.member("name").text(): each.member("promised").text()
            for each in document.elements_of("required_settings")
        },
        session=sorted_session(
            map(_function, document.member("functions").elements()),
            [],
            [each.text() for each in document.elements_of("shadowed_functions")],
        ),
        tables={table.table: table for table in map(_table, tables.elements())},
        promises={
            (each.member("contract").text(), each.member("check").text()): PromiseState(
                each.member("outcome").text(), each.member("failed").flag()
            )
            for each in promises
        },
    )


def _function(part: Part) -> FunctionFacts:
    return FunctionFacts(
        name=part.member("name").text(),
        kind=part.member("kind").text(),
        deterministic=part.member("deterministic").flag(),
        signatures=tuple(map(_signature, part.member("signatures").texts())),
    )


def _signature(text: str) -> Signature:
    """As text: `(Int64, …) -> Utf8`. Its arguments stay together, types may hold commas."""
    arguments, _, returns = text.removeprefix("(").rpartition(") -> ")
    return Signature((arguments,) if arguments else (), None if returns == _UNTOLD else returns)


def _table(part: Part) -> TableSnapshot:
    view = part.members().get("view")
    return TableSnapshot(
        table=part.member("table").text(),
        fields=tuple(_nodes(part)),
        partitioned_by=part.member("partitioned_by").texts(),
        ordered_by=part.member("ordered_by").texts(),
        query=QuerySnapshot() if view is None or view.value is None else _query(view),
    )


def _query(part: Part) -> QuerySnapshot:
    return QuerySnapshot(part.member("functions").texts(), part.member("plan").texts())


def _nodes(part: Part) -> Iterator[NodeSnapshot]:
    told = {
        each.member("path").text(): own_type(each.member("audit_type").text())
        for each in part.elements_of("schema_diagnostics")
    }
    for node in map(_node, part.member("fields").elements()):
        yield replace(node, arrow_type=told.get(node.path))


def _node(part: Part) -> NodeSnapshot:
    metadata = part.member("metadata").members()
    return NodeSnapshot(
        path=part.member("path").text(),
        type=_kind(part.member("type").text()),
        nullable=part.member("nullable").flag(),
        metadata=tuple(sorted((key, value.text()) for key, value in metadata.items())),
    )


def _kind(text: str) -> str:
    """As snapshots have it: what is below a container has nodes of its own."""
    try:
        return type_text(parse_type(text))
    except InvalidType:
        return text  # an extension type that this process does not know
