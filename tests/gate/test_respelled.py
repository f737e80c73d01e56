"""A view that is defined otherwise is run by both definitions: the same rows make it another spelling."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.repository import Repository

from cst_contracts.api import Difference, diff
from cst_contracts.cli.main import main

ITEMS = pa.list_(pa.struct([("sku", pa.string())]))
ROWS = pa.table(
    {
        "id": ["a", "a", "b"],
        "total": [1.0, 1.0, None],
        "items": pa.array([[{"sku": "x"}], [{"sku": "x"}], []], ITEMS),
    }
)
CONTRACT = """\
table: orders
version: 1.0.0
source: {{format: {format}, location: orders}}
fields:
  - {{name: id, type: string}}
  - {{name: total, type: double}}
  - {{name: items, type: "list<struct<sku: string>>"}}
views: [{view}]
"""
BEFORE = "SELECT id, total, items FROM orders WHERE id > '' AND id < 'z'"
TURNED = "SELECT id, total, items FROM orders WHERE id < 'z' AND id > ''"


def view(definition: str | dict[str, object]) -> str:
    said = {"sql": definition} if isinstance(definition, str) else definition
    return json.dumps({"name": "cheap", **said})


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository = Repository(tmp_path / "project")
    monkeypatch.chdir(repository.folder)
    return repository


def compared(
    repository: Repository,
    after: str,
    before: str | dict[str, object] = BEFORE,
    format_: str = "parquet",
) -> Difference:
    lake = repository.folder / "lake"
    if format_ == "delta":
        write_deltalake(lake / "orders", ROWS)
    else:
        (lake / "orders").mkdir(parents=True)
        pq.write_table(ROWS, lake / "orders" / "part-0.parquet")
    repository.commit(orders=CONTRACT.format(view=view(before), format=format_))
    text = CONTRACT.format(view=view(after), format=format_)
    repository.write("contracts/orders.yaml", text)
    return diff("HEAD", lake="lake")


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_the_same_rows_are_another_spelling(repository: Repository, format_: str) -> None:
    found = compared(repository, TURNED, format_=format_)
    ((entry,),) = (each.entries for each in found.compared)
    assert (entry.rule.id, found.is_red) == ("plan-respelled", False)
    assert entry.line.endswith(" (both give the same 3 rows)")
    (same,) = (each.entries for each in diff("HEAD").compared)
    assert [each.rule.id for each in same] == ["view-definition-changed"]


@pytest.mark.parametrize(
    "after",
    [
        "SELECT DISTINCT id, total, items FROM orders",
        "SELECT id, total, items FROM orders WHERE total IS NOT NULL",
        "SELECT id AS key, total, items FROM orders",
        "SELECT id, CAST(total AS FLOAT) AS total, items FROM orders",
        "SELECT id, total FROM orders",
        "SELECT id, total, items FROM gone",
    ],
)
def test_other_rows_fields_or_types_are_no_other_spelling(
    repository: Repository, after: str
) -> None:
    found = compared(repository, after)
    assert [each.rule.id for each in found.breaks] == ["view-definition-changed"]


def test_no_rows_prove_nothing(repository: Repository) -> None:
    empty = BEFORE.replace("id < 'z'", "id < ''")
    found = compared(repository, BEFORE.replace("id < 'z'", "id < '!'"), before=empty)
    assert found.is_red


def test_views_that_are_no_sql_are_run_too(repository: Repository) -> None:
    found = compared(
        repository,
        "SELECT id, e['sku'] AS sku FROM (SELECT id, unnest(items) AS e FROM orders)",
        before={"explode": "items", "of": "orders", "keep": ["id"]},
    )
    told = [each.line for one in found.compared for each in one.entries]
    assert any("both give the same 2 rows" in each for each in told), told


def test_the_command_takes_a_lake(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    compared(repository, TURNED)
    assert main(["diff", "HEAD", "--lake", "lake"]) == 0
    assert "(both give the same 3 rows) [plan-respelled, full]" in capsys.readouterr().out
    assert main(["diff", "HEAD", "--lake", "no-lake"]) == 2
