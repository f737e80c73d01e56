"""A run as an event of OpenLineage: its tables, and what came of each promise about them as an assertion."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
import pyarrow as pa

from cst_contracts.datatypes import child_path, parse_type, top_level
from cst_contracts.errors import CstContractsError, InvalidType
from cst_contracts.report.lineage_facets import (
    PRODUCER,
    SPECIFICATION,
    Facet,
    about,
    dataset_name,
    facet,
    schema_facet,
    schema_field,
)
from cst_contracts.report.manifest_file import (
    ContractEntry,
    ContractKind,
    Manifest,
    Outcome,
    PromiseRecord,
    RunEntry,
    TableEntry,
)

_EVENT = f"{SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/RunEvent"
_INTERRUPTED = 2
#: OpenLineage's own words for kinds of tests; of the others, the kind of check is one.
_WORDS = {
    "nulls": "not_null",
    "unique": "unique",
    "rows": "row_count",
    "rule": "custom_sql",
    "enum": "accepted_values",
}


def openlineage(manifest: Manifest) -> str:
    """Raises CstContractsError where the manifest does not say when its run was, as no event is without."""
    run = manifest.run
    if run is None or run.started is None:
        raise CstContractsError("the manifest does not say when its run was, as OpenLineage asks")
    whole = msgspec.json.encode(manifest).decode()
    event = {
        "eventType": _event_type(run),
        "eventTime": run.started,
        "producer": PRODUCER,
        "schemaURL": _EVENT,
        "run": {"runId": str(uuid5(NAMESPACE_URL, whole)), "facets": dict(_of_run(manifest))},
        "job": {
            "namespace": "cst-contracts",
            "name": (run.root or "").rpartition("/")[2] or "gate",
        },
        "inputs": [*_datasets(manifest)],
        "outputs": [],
    }
    return msgspec.json.format(msgspec.json.encode(event), indent=1).decode() + "\n"


def _event_type(run: RunEntry) -> str:
    """A run that came to its end is complete, whatever it found: its assertions say that."""
    if run.exit_status is None or run.exit_status < _INTERRUPTED:
        return "COMPLETE"
    return "ABORT" if run.exit_status == _INTERRUPTED else "FAIL"


def _of_run(manifest: Manifest) -> Iterator[tuple[str, Facet]]:
    """Promises about sessions are about no dataset."""
    tables = {*_tables(manifest)}
    tests = [_test(each) for each in manifest.promises if each.subject not in tables]
    if tests:
        yield "test", facet("TestRunFacet", tests=tests)


def _tables(manifest: Manifest) -> dict[str, ContractEntry | None]:
    """By name, all tables that the run looked at or has promises of."""
    seen: dict[str, ContractEntry | None] = {each.table: None for each in manifest.tables}
    promised = {each.name: each for each in manifest.contracts if each.kind is ContractKind.TABLE}
    return seen | promised


def _datasets(manifest: Manifest) -> Iterator[dict[str, Any]]:
    looked_at = {each.table: each for each in manifest.tables}
    by_subject: dict[str, list[PromiseRecord]] = {}
    for each in manifest.promises:
        by_subject.setdefault(each.subject, []).append(each)
    for name, contract in sorted(_tables(manifest).items(), key=itemgetter(0)):
        table, promises = looked_at.get(name), by_subject.get(name, [])
        found = [*map(_assertion, promises)]
        assertions = facet("DataQualityAssertionsDatasetFacet", assertions=found)
        yield {
            **dataset_name(name, None if table is None else table.location),
            "facets": dict(_facets(table, contract)),
            "inputFacets": {"dataQualityAssertions": assertions} if promises else {},
        }


def _facets(
    table: TableEntry | None, contract: ContractEntry | None
) -> Iterator[tuple[str, Facet]]:
    if table is not None and table.fields:
        yield "schema", schema_facet(_fields(table))
    if contract is not None:
        yield from about(contract.description, contract.owner)


def _fields(table: TableEntry) -> Iterator[Facet]:
    """Those of the top level, whose types say all that is below."""
    for each in table.fields:
        name = top_level(each.path)
        if child_path("", name) == each.path:
            yield _field(name, each.type)


def _field(name: str, type_text: str) -> Facet:
    """An extension type that this process does not know is one word."""
    try:
        return schema_field(pa.field(name, parse_type(type_text)))
    except InvalidType:
        return {"name": name, "type": type_text}


def _assertion(record: PromiseRecord) -> Facet:
    """What could not be looked at, or had nothing to look at, is no success."""
    column = {} if record.field is None else {"column": record.field}
    kind, said = _said(record)
    return {"assertion": kind, "success": record.outcome is Outcome.KEPT, **column, **said}


def _test(record: PromiseRecord) -> Facet:
    kind, said = _said(record)
    return {"type": kind, "status": _STATUS[record.outcome], **said}


_STATUS = {
    Outcome.KEPT: "pass",
    Outcome.BROKEN: "fail",
    Outcome.WAIVED: "fail",
    Outcome.UNDECIDED: "skip",
    Outcome.VACUOUS: "skip",
}


def _said(record: PromiseRecord) -> tuple[str, Facet]:
    head = record.check.partition("[")[0]
    values = {"expected": record.promised, "actual": record.observed}
    counts = {"code": record.code, "basis": record.basis, "rows": record.rows}
    params = {
        "outcome": record.outcome,
        "place": record.place,
        **{key: value for key, value in counts.items() if value is not None},
        **({} if record.violations is None else {"violations": record.violations}),
    }
    return _WORDS.get(head, head), {
        "name": record.id,
        "severity": _severity(record),
        **{key: value for key, value in values.items() if value is not None},
        "params": params,
    }


def _severity(record: PromiseRecord) -> str:
    """A waiver makes a warning of what is broken."""
    return "warn" if record.outcome is Outcome.WAIVED else str(record.severity)
