"""The strategy: tables for a test of one's own, which become small when the test fails."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import CstContractsError
from cst_contracts.proof import Tables, tables
from cst_contracts.proof.errors import NoData

ROOT = Path(__file__).parents[2]
QUICK = settings(database=None, deadline=None, max_examples=40, derandomize=True)
ORDERS = """
table: orders
fields:
  - {name: id, type: string, nullable: false}
  - {name: status, type: string}
  - {name: items, type: "list<struct<sku: string not null, n: int64>>"}
keys: [[id]]
rules: [{name: known, sql: "status IN ('open', 'shipped')"}]
references: [{fields: [status], table: states, to: [name]}]
"""


@settings(parent=QUICK, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(tables(ROOT / "contracts" / "libcst_files_v1.yaml", max_rows=3))
def test_the_widest_contract_of_this_repository_is_drawn(drawn: Tables) -> None:
    assert 1 <= drawn.table.num_rows <= 3
    assert len({*drawn.table["file_id"].to_pylist()}) == drawn.table.num_rows


def test_a_failing_example_becomes_small(written: Callable[[Mapping[str, str]], Path]) -> None:
    contract = written({"orders": ORDERS}) / "orders.yaml"

    def has_shipped(drawn: Tables) -> bool:
        return "shipped" in drawn.table["status"].to_pylist()

    found = find(tables(contract), has_shipped, settings=QUICK)
    assert list(found) == ["states", "orders"]
    assert found["states"].to_pylist() == [{"name": "shipped"}]
    row = {"id": "", "status": "shipped", "items": [{"sku": "", "n": 0}]}
    assert found.table.to_pylist() == [row]
    assert repr(found) == f"Tables(orders={[row]}, states=[{{'name': 'shipped'}}])"


def test_a_null_beside_a_value_is_one_row(
    written: Callable[[Mapping[str, str]], Path],
) -> None:
    text = ORDERS.replace("keys:", '  - {name: total, type: "decimal128(10, 2)"}\nkeys:')
    contract = written({"orders": text}) / "orders.yaml"

    def unpaid(drawn: Tables) -> bool:
        rows = drawn.table.to_pylist()
        return any(row["status"] == "shipped" and row["total"] is None for row in rows)

    found = find(tables(contract), unpaid, settings=settings(parent=QUICK, max_examples=200))
    assert found.table.select(["status", "total"]).to_pylist() == [
        {"status": "shipped", "total": None}
    ]


def test_the_number_of_rows_is_what_was_asked_for(
    written: Callable[[Mapping[str, str]], Path],
) -> None:
    contract = written({"orders": ORDERS}) / "orders.yaml"
    few = find(tables(contract), lambda _: True, settings=QUICK)
    assert few.table.num_rows == 1
    none = find(tables(contract, min_rows=0), lambda _: True, settings=QUICK)
    assert none.table.num_rows == 0

    @settings(parent=QUICK, max_examples=3)
    @given(tables(contract, min_rows=30, max_rows=30))
    def many(drawn: Tables) -> None:
        assert drawn.table.num_rows == 30

    many()
    with pytest.raises(ValueError, match="min_rows=3 and max_rows=2 leave no number of rows"):
        tables(contract, min_rows=3, max_rows=2)


def test_a_session_has_no_tables(written: Callable[[Mapping[str, str]], Path]) -> None:
    contract = written({"s": "session: s\nfunctions: [abs]\n"}) / "s.yaml"
    with pytest.raises(CstContractsError, match=r"s\.yaml:1:1: a session's contract has no table"):
        tables(contract)


def test_without_the_extra_samples_and_proofs_work_and_tables_say_what_to_install() -> None:
    code = """
import sys
sys.modules["hypothesis"] = None
import cst_contracts.proof.contracts, cst_contracts.proof.sampling
from cst_contracts.proof import tables
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    told = "cst_contracts.proof.tables needs hypothesis: pip install 'cst-contracts[proof]'"
    assert ran.stderr.rstrip().endswith(told)


def test_the_room_has_no_other_names() -> None:
    import cst_contracts.proof as proof  # noqa: PLC0415

    with pytest.raises(AttributeError, match="has no attribute 'table'"):
        _ = proof.table


@settings(parent=QUICK, max_examples=10)
@given(st.data())
def test_values_are_within_their_limits(data: st.DataObject) -> None:
    text = """table: t
fields:
  - {name: n, type: int8, minimum: 3, maximum: 5}
  - {name: at, type: "timestamp[us, tz=UTC]", minimum: 2026-01-01T00:00:00Z}
  - {name: code, type: string, pattern: "^[A-Z]{2}-[0-9]+$", nullable: false}
  - {name: tags, type: list<string>, elements: {enum: [red, blue]}}
"""
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    drawn = data.draw(tables(contract, min_rows=1)).table.to_pylist()
    assert {row["n"] for row in drawn} <= {None, 3, 4, 5}
    assert all(row["at"] is None or row["at"].year >= 2026 for row in drawn)
    assert all(re.fullmatch("[A-Z]{2}-[0-9]+", row["code"]) for row in drawn)
    assert {tag for row in drawn for tag in row["tags"] or ()} <= {None, "red", "blue"}


def test_limits_that_no_value_keeps_are_told() -> None:
    text = 'table: t\nfields: [{name: n, type: string, enum: [a, b], pattern: "^c"}]\n'
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    with pytest.raises(NoData, match=r"no value that was tried keeps enum\[n\] and pattern\[n\]"):
        find(tables(contract), lambda _: True, settings=QUICK)
