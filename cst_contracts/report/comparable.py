"""Reduces a manifest to what two runs are compared by."""

from collections.abc import Iterator

from cst_contracts.datatypes import parse_type
from cst_contracts.drift.comparison import DeltaState, PromiseState, RunFacts
from cst_contracts.drift.snapshot import (
    NodeSnapshot,
    QuerySnapshot,
    TableSnapshot,
    own_type,
    sorted_session,
    type_text,
)
from cst_contracts.errors import InvalidType
from cst_contracts.facts import FunctionFacts, Signature
from cst_contracts.report.manifest_file import FunctionEntry, Manifest, RunEntry, TableEntry

_UNTOLD = "any"


def comparable(manifest: Manifest) -> RunFacts:
    """A table that could not be opened counts as one that nobody looked at."""
    return RunFacts(
        versions=manifest.versions,
        settings=manifest.settings,
        required={each.name: each.promised for each in manifest.required_settings},
        session=sorted_session(map(_function, manifest.functions), [], manifest.shadowed_functions),
        tables={each.table: _table(each) for each in manifest.tables if each.error is None},
        promises={
            (each.contract, each.check): PromiseState(each.outcome, each.failed)
            for each in manifest.promises
        },
        delta={each.table: _delta(each) for each in manifest.tables if each.error is None},
        selected=manifest.run is not None and _is_selected(manifest.run),
    )


def _is_selected(run: RunEntry) -> bool:
    return bool(run.keyword or run.markers or run.deselected)


def _delta(entry: TableEntry) -> DeltaState:
    constraints = {each.name: each.sql for each in entry.delta_constraints}
    return DeltaState(tuple(sorted(entry.delta_features)), constraints)


def _function(entry: FunctionEntry) -> FunctionFacts:
    signatures = tuple(map(_signature, entry.signatures))
    return FunctionFacts(
        name=entry.name,
        kind=entry.kind,
        deterministic=entry.deterministic,
        signatures=signatures,
    )


def _signature(text: str) -> Signature:
    """A signature from text such as `(Int64, …) -> Utf8`; types may hold commas, so its arguments stay
    one text."""
    arguments, _, returns = text.removeprefix("(").rpartition(") -> ")
    return Signature((arguments,) if arguments else (), None if returns == _UNTOLD else returns)


def _table(entry: TableEntry) -> TableSnapshot:
    view = entry.view
    return TableSnapshot(
        table=entry.table,
        fields=tuple(_nodes(entry)),
        partitioned_by=entry.partitioned_by,
        ordered_by=entry.ordered_by,
        query=QuerySnapshot() if view is None else QuerySnapshot(view.functions, view.plan),
    )


def _nodes(entry: TableEntry) -> Iterator[NodeSnapshot]:
    diagnosed = {each.path: own_type(each.audit_type) for each in entry.schema_diagnostics}
    for each in entry.fields:
        yield NodeSnapshot(
            path=each.path,
            type=_own_type(each.type),
            nullable=each.nullable,
            metadata=tuple(sorted(each.metadata.items())),
            arrow_type=diagnosed.get(each.path),
        )


def _own_type(text: str) -> str:
    """As snapshots have it: what is below a container has nodes of its own."""
    try:
        return type_text(parse_type(text))
    except InvalidType:
        return text  # an extension type that this process does not know
