"""The promises of runs as rows, asked by DataFusion over many runs."""

from datetime import UTC, date, datetime
from pathlib import Path

from datafusion import SessionContext
from msgspec.structs import replace
from support.promises import manifest, promise, red

from cst_contracts.facts import Basis
from cst_contracts.files.results import write_results
from cst_contracts.report.manifest_file import (
    CauseEntry,
    ContractEntry,
    ContractKind,
    LookedAt,
    Manifest,
    Outcome,
    PromiseRecord,
    RunEntry,
    WaiverEntry,
)
from cst_contracts.report.results import RESULTS_SCHEMA, results

_CONTRACT = ContractEntry(
    file="contracts/t.yaml", kind=ContractKind.TABLE, name="t", owner="ana", version="1.2.0"
)


def of_day(day: int, *records: PromiseRecord) -> Manifest:
    run = RunEntry(deselected=0, started=datetime(2030, 1, day, tzinfo=UTC), commit=f"c{day}")
    told = replace(manifest(*records), run=run, contracts=(_CONTRACT,))
    return replace(told, versions={"cst_contracts": "0.1.0", "datafusion": "55.0.0"})


def test_a_row_has_all_that_is_known_of_a_promise_and_of_its_run() -> None:
    record = replace(
        red("a"),
        basis=Basis.SCAN,
        rows=3,
        violations=1,
        looked_at=LookedAt(rows=3, read=3),
        seconds=0.5,
        waiver=WaiverEntry(reason="backfill", owner="bo", expires=date(2030, 2, 1)),
    )

    (row,) = results(of_day(1, record)).to_pylist()

    assert row == {
        "started": datetime(2030, 1, 1, tzinfo=UTC),
        "commit": "c1",
        "branch": None,
        "cst_contracts": "0.1.0",
        "datafusion": "55.0.0",
        "id": "contracts/t.yaml::nulls[a]",
        "contract": "contracts/t.yaml",
        "version": "1.2.0",
        "owner": "ana",
        "table": "t",
        "check": "nulls[a]",
        "kind": "nulls",
        "group": "values",
        "field": "a",
        "line": 3,
        "outcome": "broken",
        "severity": "error",
        "failed": True,
        "code": "null-values",
        "promised": "no null",
        "observed": "1 null among 3",
        "basis": "scan",
        "rows": 3,
        "rows_read": 3,
        "violations": 1,
        "cause": None,
        "waived_by": "bo",
        "waived_until": date(2030, 2, 1),
        "hidden_by": None,
        "seconds": 0.5,
    }


def test_what_waits_names_its_cause_and_a_run_that_is_not_known_is_null() -> None:
    cause = CauseEntry(subject="t", check="table")
    waits = replace(red("a"), outcome=Outcome.UNDECIDED, failed=False, cause=cause)

    (row,) = results(manifest(waits)).to_pylist()

    assert (row["cause"], row["started"], row["owner"]) == ("table", None, None)


def test_a_run_of_nothing_is_a_table_of_the_same_schema() -> None:
    assert results(manifest()).schema == RESULTS_SCHEMA
    assert results(manifest()).num_rows == 0


def test_datafusion_asks_a_folder_of_runs_when_a_promise_first_broke(tmp_path: Path) -> None:
    kept = promise("contracts/t.yaml", "t", "nulls[a]")
    for day, records in enumerate([(kept,), (kept, red("b")), (red("a"), red("b")), ()], start=1):
        write_results(tmp_path / "runs" / f"{day}.parquet", results(of_day(day, *records)))

    session = SessionContext()
    session.register_parquet("runs", tmp_path / "runs")
    asked = session.sql(
        """
        select "check", owner, min(started) as since, max(commit) as last, count(*) as times
        from runs where outcome = 'broken' group by "check", owner order by "check"
        """
    ).to_pylist()

    assert [tuple(row.values()) for row in asked] == [
        ("nulls[a]", "ana", datetime(2030, 1, 3, tzinfo=UTC), "c3", 1),
        ("nulls[b]", "ana", datetime(2030, 1, 2, tzinfo=UTC), "c3", 2),
    ]
