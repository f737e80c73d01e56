"""The promises of a run as rows of a table, so that the files of many runs can be asked in SQL."""

from typing import Any

import pyarrow as pa

from cst_contracts.location import Location
from cst_contracts.report.manifest_file import ContractEntry, Manifest, PromiseRecord, RunEntry

#: The same in every run, so that a folder of such files is one table. What nobody knows is null.
RESULTS_SCHEMA = pa.schema(
    [
        pa.field("started", pa.timestamp("us", "UTC")),
        pa.field("commit", pa.string()),
        pa.field("branch", pa.string()),
        pa.field("cst_contracts", pa.string()),
        pa.field("datafusion", pa.string()),
        pa.field("id", pa.string(), nullable=False),
        pa.field("contract", pa.string(), nullable=False),
        pa.field("version", pa.string()),
        pa.field("owner", pa.string()),
        pa.field("table", pa.string(), nullable=False),
        pa.field("check", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("group", pa.string()),
        pa.field("field", pa.string()),
        pa.field("line", pa.int32(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("failed", pa.bool_(), nullable=False),
        pa.field("code", pa.string()),
        pa.field("promised", pa.string()),
        pa.field("observed", pa.string()),
        pa.field("basis", pa.string()),
        pa.field("rows", pa.int64()),
        pa.field("rows_read", pa.int64()),
        pa.field("violations", pa.int64()),
        pa.field("cause", pa.string()),
        pa.field("waived_by", pa.string()),
        pa.field("waived_until", pa.date32()),
        pa.field("hidden_by", pa.string()),
        pa.field("seconds", pa.float64()),
    ]
)


def results(manifest: Manifest) -> pa.Table:
    """A row a promise, in the manifest's order. `table` is the session's name of a session's promise,
    `kind` the check's name without what stands in brackets, and `cause` the check that stands in the
    way of a promise that could not be looked at."""
    run = _run(manifest.run or RunEntry(deselected=0), manifest)
    contracts = {each.file: _contract(each) for each in manifest.contracts}
    rows = [
        {**run, **contracts.get(each.contract, {}), **_promise(each)} for each in manifest.promises
    ]
    return pa.Table.from_pylist(rows, RESULTS_SCHEMA)


def _run(run: RunEntry, manifest: Manifest) -> dict[str, Any]:
    return {
        "started": run.started,
        "commit": run.commit,
        "branch": run.branch,
        "cst_contracts": manifest.versions.get("cst_contracts"),
        "datafusion": manifest.versions.get("datafusion"),
    }


def _contract(contract: ContractEntry) -> dict[str, Any]:
    return {"version": contract.version, "owner": contract.owner or None}


def _promise(record: PromiseRecord) -> dict[str, Any]:
    waiver, looked_at = record.waiver, record.looked_at
    return {
        "id": record.id,
        "contract": record.contract,
        "table": record.subject,
        "check": record.check,
        "kind": record.check.partition("[")[0],
        "group": record.group,
        "field": record.field,
        "line": Location.of(record.place).line,
        "outcome": record.outcome,
        "severity": record.severity,
        "failed": record.failed,
        "code": record.code,
        "promised": record.promised,
        "observed": record.observed,
        "basis": record.basis,
        "rows": record.rows,
        "rows_read": None if looked_at is None else looked_at.read,
        "violations": record.violations,
        "cause": None if record.cause is None else record.cause.check,
        "waived_by": None if waiver is None else waiver.owner,
        "waived_until": None if waiver is None else waiver.expires,
        "hidden_by": record.hidden_by,
        "seconds": record.seconds,
    }
