"""A scan hands each part what it reads, and tells where rows stand, of all of a file or of a share of it."""

from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import DataFrame, SessionContext

from cst_contracts.contract.model import OneOf, RuleContract
from cst_contracts.engine.access.one_file import Share, rows_of_file, session_of_shares
from cst_contracts.engine.rows.rule_tally import RulePart
from cst_contracts.engine.rows.scan import InOrder, scan
from cst_contracts.engine.rows.value_tally import ValuePart
from cst_contracts.facts import RowPlace, RuleCount, Sample, ValueCount
from cst_contracts.location import Location
from cst_contracts.needs import RuleNeed, ValuesNeed

NEED = ValuesNeed("t", "x", OneOf(("a",)), told=False)
RULE = RuleNeed("t", RuleContract("r", "x = 'a'", Location("contracts/t.yaml", 1, 1)))
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


@pytest.fixture
def frame(tmp_path: Path) -> DataFrame:
    """Of a file in two partitions: of its three row groups, two begin in its first half."""
    values = ["a", "b"] * 500 + ["b", HIVE_NULL] * 500
    unread = [sha256(str(number).encode()).digest() for number in range(len(values))]
    file, table = tmp_path / "f.parquet", pa.table({"x": values, "unread": unread})
    pq.write_table(table, file, row_group_size=700)
    context = session_of_shares(2, [file.as_uri()])
    return rows_of_file(context, "t", table.schema, file.as_uri())


def part(frame: DataFrame, samples: int = 0) -> ValuePart:
    return ValuePart(pa.schema(frame.schema()), (NEED,), samples)


def count(values: int, violations: int, *rows: int, file: str = "f") -> ValueCount:
    samples = tuple(Sample(RowPlace(file, row), ()) for row in rows)
    return ValueCount(values, violations, samples=samples, rows=values)


def test_the_shares_of_a_file_are_all_of_it(frame: DataFrame) -> None:
    found = []
    for number in range(2):
        (tally,) = scan(frame, [part(frame)], share=Share(number, 2))
        found.append(tally.answers()[NEED])
    assert found == [count(1400, 900), count(600, 600)]


def test_rows_are_placed_by_the_engine_and_named_by_whoever_knows_better(
    frame: DataFrame, tmp_path: Path
) -> None:
    file = str(tmp_path / "f.parquet").lstrip("/")
    (by_engine,) = scan(frame, [part(frame, 2)])
    assert by_engine.answers() == {NEED: count(2000, 1500, 1, 3, file=file)}
    (named,) = scan(frame, [part(frame, 2)], named="f")
    assert named.answers() == {NEED: count(2000, 1500, 1, 3)}


def test_rows_that_come_in_order_are_counted_on_from_the_first() -> None:
    context = SessionContext()
    batches = [pa.record_batch({"x": values}) for values in (["a", "b"], ["b"], [], ["a", "b"])]
    batches[2] = batches[0].slice(0, 0)
    context.register_record_batches("t", [batches])
    frame = context.table("t")
    (found,) = scan(frame, [part(frame, 9)], in_order=InOrder("f", 7))
    assert found.answers() == {NEED: count(5, 3, 8, 9, 11)}


def test_a_folder_that_is_named_for_no_value_holds_none(frame: DataFrame) -> None:
    (found,) = scan(frame, [part(frame)], null_folders=frozenset({"x"}))
    assert found.answers() == {NEED: ValueCount(1500, 1000, rows=2000)}


def test_what_the_engine_computes_is_handed_over_beside_what_is_stored(frame: DataFrame) -> None:
    rule = RulePart.of(RULE, frame.parse_sql_expr("x = 'a'"), 3)
    values, ruled = scan(frame, [part(frame), rule])
    assert values.answers() == {NEED: count(2000, 1500)}
    assert ruled.answers() == {RULE: RuleCount(2000, 1500)}


def test_no_rows_are_none(frame: DataFrame) -> None:
    (found,) = scan(frame.limit(0), [part(frame, 2)], in_order=InOrder("f"))
    assert found.answers() == {NEED: count(0, 0)}
