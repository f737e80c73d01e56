"""What a run promised and observed, as one JSON document of a stable shape."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import asdict

from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import SettingContract
from cst_contracts.datatypes import print_type, walk_nodes
from cst_contracts.drift.fingerprint import schema_fingerprint
from cst_contracts.facts import (
    Artifact,
    CatalogFacts,
    CouldNotLook,
    DeltaFacts,
    QueryFacts,
    SeenTable,
    SessionFacts,
    TableFacts,
)
from cst_contracts.report.promise import Outcome, PromiseRecord

MANIFEST_VERSION = 1

Json: TypeAlias = dict[str, Any]


def session_json(facts: SessionFacts) -> Json:
    """Settings by name, and functions by name and kind, in order. `shadowed_functions` are the engine's
    own whose names stand for others."""
    return {
        "shadowed_functions": list(facts.shadowed),
        "settings": dict(sorted(facts.settings.items())),
        "functions": [
            {
                "name": function.name,
                "kind": function.kind,
                "deterministic": function.deterministic,
                "signatures": [
                    f"({', '.join(signature.arguments)}) -> {signature.returns or 'any'}"
                    for signature in function.signatures
                ],
            }
            for function in facts.functions
        ],
    }


def table_json(seen: SeenTable) -> Json:
    """Of a table that could be opened."""
    facts = seen.facts
    if facts is None:
        raise ValueError(f"{seen.name} could not be opened")
    return {
        "table": facts.name,
        "format": facts.format,
        "location": facts.location,
        "delta_version": facts.delta_version,
        "delta_latest_version": None if facts.delta is None else facts.delta.latest,
        "delta_features": [] if facts.delta is None else list(facts.delta.features),
        "delta_constraints": [] if facts.delta is None else _constraints(facts.delta),
        "files": facts.files,
        "rows": seen.rows,
        "fields": [
            {
                "path": node.path,
                "type": print_type(node.field.type),
                "nullable": node.field.nullable,
                "metadata": {
                    key.decode(errors="replace"): value.decode(errors="replace")
                    for key, value in sorted((node.field.metadata or {}).items())
                },
            }
            for node in walk_nodes(facts.schema)
        ],
        "schema_diagnostics": [
            {
                "path": each.path,
                "arrow_type": each.arrow_type,
                "audit_type": each.audit_type,
                "nullable": each.nullable,
                "metadata": dict(each.metadata),
            }
            for each in seen.diagnostics
        ],
        "partitioned_by": [partition.name for partition in facts.partitions or ()],
        "ordered_by": [str(term) for term in seen.ordering.planned] if seen.ordering else [],
        "view": None if seen.query is None else _view_json(seen.query),
    }


def _view_json(query: QueryFacts) -> Json:
    return {"functions": list(query.functions), "plan": list(query.plan)}


def setting_json(file: str, setting: SettingContract, effective: str | None) -> Json:
    """One promise of a setting; `effective` is None where the session has no value for it."""
    return {
        "name": setting.name,
        "promised": setting.value,
        "effective": effective,
        "contract": file,
        "place": str(setting.place),
    }


def _constraints(delta: DeltaFacts) -> list[Json]:
    return [
        {"kind": each.kind.value, "name": each.name, "sql": each.sql} for each in delta.constraints
    ]


def catalog_json(facts: CatalogFacts) -> Json:
    """The inventory of an artifact root: enough to tell whether another run saw the same."""
    return {
        "contract": facts.contract,
        "location": facts.location,
        "format": facts.format,
        "tables": [_artifact_json(artifact) for artifact in facts.artifacts],
        "strays": [{"entry": stray.entry, "why": stray.why} for stray in facts.strays],
    }


def _artifact_json(artifact: Artifact) -> Json:
    head = {"table": artifact.name, "entry": artifact.entry}
    match artifact.table:
        case CouldNotLook() as error:
            unread = dict.fromkeys(("files", "bytes", "rows", "delta_version", "fingerprint"))
            return {**head, **unread, "error": error.reason}
        case TableFacts() as table:
            return {
                **head,
                "files": table.files,
                "bytes": artifact.bytes,
                "rows": None if artifact.rows is None else artifact.rows.rows,
                "delta_version": table.delta_version,
                "fingerprint": schema_fingerprint(table.schema),
                "error": None,
            }


class MemoryTaken(Struct, frozen=True):
    """In bytes: what measuring may take, and the most that one process of the run held at once."""

    limit: int
    peak: int | None


def manifest_json(
    versions: Mapping[str, str],
    session: Json | None,
    tables: Sequence[Json],
    records: Sequence[PromiseRecord],
    required_settings: Sequence[Json] = (),
    catalogs: Sequence[Json] = (),
    memory: MemoryTaken | None = None,
) -> Json:
    """`session` is None where no session could be opened."""
    counts = Counter(record.outcome for record in records)
    session = session or {"settings": {}, "functions": [], "shadowed_functions": []}
    return {
        "manifest_version": MANIFEST_VERSION,
        "versions": dict(versions),
        "memory": None if memory is None else asdict(memory),
        **session,
        "required_settings": list(required_settings),
        "catalogs": sorted(catalogs, key=lambda catalog: str(catalog["contract"])),
        "tables": [
            {**table, "diagnostics": _diagnostics(str(table["table"]), records)}
            for table in sorted(tables, key=lambda table: str(table["table"]))
        ],
        "promises": [_promise(record) for record in records],
        "summary": {outcome.value: counts[outcome] for outcome in Outcome},
    }


def _diagnostics(table: str, records: Iterable[PromiseRecord]) -> list[Json]:
    """What the table's promises found, or a view's one promise, broken or only told."""
    return [
        {"check": record.check, "code": record.code, "observed": record.observed}
        for record in records
        if record.code is not None and (record.subject == table or record.check == f"view[{table}]")
    ]


def manifest_text(manifest: Json) -> str:
    return json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"


def _promise(record: PromiseRecord) -> Json:
    return {**asdict(record), "samples": list(record.samples)}


def manifest_schema() -> Json:
    """The manifest's JSON Schema (draft 2020-12)."""
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    maybe_text, maybe_count = (
        {"type": ["string", "null"]},
        {"type": ["integer", "null"], "minimum": 0},
    )
    any_texts = {"type": "object", "additionalProperties": text}
    field = {"path": text, "type": text, "nullable": {"type": "boolean"}, "metadata": any_texts}
    seen = {
        "path": text,
        "arrow_type": text,
        "audit_type": text,
        "nullable": {"type": "boolean"},
        "metadata": any_texts,
    }
    diagnostic = {"check": text, "code": text, "observed": maybe_text}
    function = {
        "name": text,
        "kind": text,
        "deterministic": {"type": "boolean"},
        "signatures": texts,
    }
    table = {
        "table": text,
        "format": text,
        "location": maybe_text,
        "delta_version": maybe_count,
        "delta_latest_version": maybe_count,
        "delta_features": texts,
        "delta_constraints": _array({"kind": text, "name": text, "sql": text}),
        "files": maybe_count,
        "rows": maybe_count,
        "fields": _array(field),
        "schema_diagnostics": _array(seen),
        "partitioned_by": texts,
        "ordered_by": texts,
        "view": {"anyOf": [{"type": "null"}, _object({"functions": texts, "plan": texts})]},
        "diagnostics": _array(diagnostic),
    }
    artifact = {
        "table": text,
        "entry": text,
        "files": maybe_count,
        "bytes": maybe_count,
        "rows": maybe_count,
        "delta_version": maybe_count,
        "fingerprint": {"type": ["string", "null"], "pattern": "^sha256:[0-9a-f]{64}$"},
        "error": maybe_text,
    }
    catalog = {
        "contract": text,
        "location": text,
        "format": text,
        "tables": _array(artifact),
        "strays": _array({"entry": text, "why": text}),
    }
    promise = {
        "contract": text,
        "subject": text,
        "check": text,
        "group": text,
        "outcome": {"enum": [outcome.value for outcome in Outcome]},
        "severity": {"enum": ["error", "warn"]},
        "place": text,
        "code": {"enum": [*(code.value for code in FindingCode), None]},
        "promised": maybe_text,
        "observed": maybe_text,
        "basis": {"enum": ["schema", "plan", "statistics", "scan", None]},
        "rows": maybe_count,
        "violations": maybe_count,
        "hint": maybe_text,
        "failed": {"type": "boolean"},
        "hidden_by": maybe_text,
        "samples": texts,
    }
    setting = {
        "name": text,
        "promised": text,
        "effective": maybe_text,
        "contract": text,
        "place": text,
    }
    document = {
        "manifest_version": {"const": MANIFEST_VERSION},
        "versions": any_texts,
        "memory": {
            "type": ["object", "null"],
            "properties": {"limit": {"type": "integer"}, "peak": maybe_count},
        },
        "settings": {"type": "object", "additionalProperties": maybe_text},
        "functions": _array(function),
        "shadowed_functions": texts,
        "required_settings": _array(setting),
        "catalogs": _array(catalog),
        "tables": _array(table),
        "promises": _array(promise),
        "summary": _object(
            {outcome.value: {"type": "integer", "minimum": 0} for outcome in Outcome}
        ),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cst-contracts:manifest:{MANIFEST_VERSION}",
        "title": "The manifest of a cst-contracts run",
        **_object(document),
    }


def _object(properties: Mapping[str, Any]) -> Json:
    """All of these; more may stand beside them."""
    return {"type": "object", "required": list(properties), "properties": dict(properties)}


def _array(properties: Mapping[str, Any]) -> Json:
    return {"type": "array", "items": _object(properties)}
