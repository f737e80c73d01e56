"""Tables of ours are registered with the promised order once it is measured to be true, and never before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.gate import observer_of, parsed

from cst_contracts.facts import CouldNotLook
from cst_contracts.report.manifest_file import Outcome

Judge = Callable[..., Any]
CONTRACT = """\
table: t
source: {{format: {format}, location: t, ordered_by: [{order}]}}
fields: [{{name: a, type: int64}}, {{name: s, type: "struct<x: int64>"}}]
"""
ORDERS = ("order[declared]", "order[measured]", "order[plan]")
SORTED = "SELECT a FROM t ORDER BY a ASC NULLS LAST"


def contract(format_: str = "parquet", order: str = "a") -> str:
    return CONTRACT.format(format=format_, order=order)


def write(lake: Path, *files: list[int]) -> None:
    (lake / "t").mkdir()
    for number, values in enumerate(files):
        pq.write_table(rows(values), lake / "t" / f"{number}.parquet")


def rows(values: list[int]) -> pa.Table:
    return pa.table({"a": values, "s": [{"x": value} for value in values]})


def whole(lake: Path, text: str) -> Any:
    opened = observer_of(parsed([text]), lake).whole_session()
    assert not isinstance(opened, CouldNotLook)
    context, errors = opened
    assert errors == []
    return context


def plan(context: Any) -> str:
    return str(context.sql(SORTED).execution_plan().display_indent())


def test_a_query_of_files_that_follow_each_other_needs_no_sort(
    tmp_path: Path, judge: Judge
) -> None:
    write(tmp_path, [1, 2], [3, 4], [5, 6])
    promises = judge(contract())
    assert {promises.outcomes[check] for check in ORDERS} == {Outcome.KEPT}
    context = whole(tmp_path, contract())
    assert "SortExec" not in plan(context)
    assert context.sql(SORTED).to_pydict() == {"a": [1, 2, 3, 4, 5, 6]}


def test_a_query_of_files_whose_ranges_overlap_sorts_and_is_red(
    tmp_path: Path, judge: Judge
) -> None:
    write(tmp_path, *(list(range(first, 400, 40)) for first in range(40)))
    promises = judge(contract())
    assert promises.outcomes["order[measured]"] is Outcome.KEPT
    assert promises.red == {"order[plan]": ("order-not-used",)}
    context = whole(tmp_path, contract())
    assert "SortExec" in plan(context)
    assert context.sql(SORTED).to_pydict() == {"a": list(range(400))}


@pytest.mark.parametrize("files", [[[1, 2], [4, 3]], [[2, 1], [3, 4]]])
def test_an_order_that_some_file_breaks_is_not_registered(
    tmp_path: Path, judge: Judge, files: list[list[int]]
) -> None:
    write(tmp_path, *files)
    promises = judge(contract())
    assert promises.outcomes["order[measured]"] is Outcome.BROKEN
    assert {promises.outcomes[check] for check in ("order[declared]", "order[plan]")} == {
        Outcome.UNDECIDED
    }
    context = whole(tmp_path, contract())
    assert "output_ordering" not in plan(context)
    assert context.sql(SORTED).to_pydict() == {"a": [1, 2, 3, 4]}


def test_the_schema_stays_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    described = pa.schema(
        [
            pa.field("a", pa.int64(), nullable=False, metadata={"semantic": "place"}),
            pa.field("s", pa.struct([pa.field("x", pa.int64(), nullable=False)])),
        ]
    )
    pq.write_table(rows([1, 2]).cast(described), tmp_path / "t" / "x.parquet")
    unordered = contract().replace(", ordered_by: [a]", "")
    schemas = [
        pa.schema(whole(tmp_path, text).table("t").schema()) for text in (contract(), unordered)
    ]
    assert schemas[0].equals(schemas[1], check_metadata=True)


def test_the_files_of_a_delta_table_are_asked_together(tmp_path: Path, judge: Judge) -> None:
    for first in range(4):
        write_deltalake(tmp_path / "t", rows(list(range(first, 40, 4))), mode="append")
    promises = judge(contract("delta"))
    assert promises.outcomes["order[measured]"] is Outcome.KEPT
    assert promises.red == {"order[plan]": ("order-not-used",)}
