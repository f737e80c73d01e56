"""What a registration of the project's own declares, and the engine believes."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from support.gate import Promises, judge, observer_of, parsed

from cst_contracts.checks.verdict import Kept
from cst_contracts.report.manifest_file import Outcome

FIELDS = "fields: [{name: a, type: int64%s}, {name: b, type: string}, {name: c, type: int64}]\n"


def promises(folder: Path, declared: str, contract: str, *, source: bool = False) -> Promises:
    (folder / "t").mkdir()
    table = pa.table({"a": [1, 1], "b": ["y", "x"], "c": [1, 2]})
    pq.write_table(table, folder / "t" / "x.parquet")
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    columns, _, order = declared.partition(";")
    session.sql(
        f"CREATE EXTERNAL TABLE t ({columns}) STORED AS PARQUET {order} LOCATION '{folder}/t/'"
    )
    where = "source: {format: parquet, location: t}\n" if source else ""
    contracts = parsed([f"table: t\n{where}{contract}"])
    return judge(contracts, observer_of(contracts, folder, session)).of("t")


@pytest.mark.parametrize("source", [False, True])
@pytest.mark.parametrize(
    ("declared", "believed"),
    [
        ("a BIGINT NOT NULL, b VARCHAR, c BIGINT", "NOT NULL of a"),
        ("a BIGINT, b VARCHAR, c BIGINT, PRIMARY KEY(a)", "that a is unique"),
        ("a BIGINT, b VARCHAR, c BIGINT, UNIQUE(b, c)", "that b, c is unique"),
        (
            "a BIGINT, b VARCHAR, c BIGINT, PRIMARY KEY(a), UNIQUE(b, c)",
            "that a is unique; that b, c is unique",
        ),
        ("a BIGINT, b VARCHAR, c BIGINT;WITH ORDER (b)", "the order b asc nulls last"),
    ],
)
def test_what_is_declared_and_not_promised_is_told(
    tmp_path: Path, declared: str, believed: str, *, source: bool
) -> None:
    told = promises(tmp_path, declared, FIELDS % "", source=source)["table"]
    assert isinstance(told, Kept)
    (note,) = [each for each in told.notes if each.code == "declared-unpromised"]
    assert note.observed == f"the session believes {believed}, and answers by it"


def test_what_is_promised_is_measured_and_not_told(tmp_path: Path) -> None:
    declared = "a BIGINT NOT NULL, b VARCHAR, c BIGINT, PRIMARY KEY(a)"
    contract = FIELDS % ", nullable: false" + "keys: [[a]]\n"
    told = promises(tmp_path, declared, contract)
    assert told["table"] == Kept(told["table"].basis)  # type: ignore[union-attr]
    assert told.outcomes["unique[a]"] is Outcome.BROKEN


def test_what_is_not_declared_is_not_told(tmp_path: Path) -> None:
    told = promises(tmp_path, "a BIGINT, b VARCHAR, c BIGINT", FIELDS % "")["table"]
    assert isinstance(told, Kept)
    assert not told.notes
