"""Whoever asks about rows is answered by the reading that has been, or will be, anyway."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.observing import MEMORY, answered, refused

from cst_contracts.contract.model import (
    AggregateContract,
    OneOf,
    ReferenceContract,
    RuleContract,
    SourceFormat,
    Sql,
    ViewContract,
)
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.facts import (
    AggregateCount,
    Basis,
    KeyCount,
    NullCount,
    Others,
    ReferenceCount,
    RowCount,
    RowGroup,
    RuleCount,
    Sample,
    ShownField,
    ShownRows,
    Trouble,
    ValueCount,
    ViewRun,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AggregateNeed,
    KeyNeed,
    NullsNeed,
    ReferenceNeed,
    RowCountNeed,
    RowsReadNeed,
    RuleNeed,
    ValuesNeed,
    ViewRunNeed,
)

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]
VIEW = ViewContract("v", Sql("SELECT n, word FROM t WHERE n IS NULL OR n > 0"), "t", AT)
COUNT, READ, RUN = RowCountNeed("v"), RowsReadNeed("v"), ViewRunNeed("v", VIEW)
NULLS, RULE = NullsNeed("v", "n"), RuleNeed("v", RuleContract("r", "n > 1", AT))


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    rows = pa.table({"n": [0, 1, 2, None], "word": ["a", "b", "b", "c"]})
    pq.write_table(rows, tmp_path / "t")
    return tmp_path


@pytest.fixture
def live(lake: Path, observer: Build) -> DataFusionObserver:
    assert lake.exists()
    return observer(views=[VIEW])


def test_rows_of_a_view_are_counted_by_whoever_counts_its_nulls(live: DataFusionObserver) -> None:
    live.prepare([NULLS, COUNT])
    assert answered(live, COUNT) == answered(live, READ) == RowCount(3, Basis.SCAN)
    assert answered(live, NULLS) == NullCount(3, 1, rows=3)


def test_rows_of_a_view_that_nobody_reads_are_counted(live: DataFusionObserver) -> None:
    assert answered(live, COUNT) == RowCount(3, Basis.SCAN)
    assert answered(live, READ) is None


def test_a_view_that_runs_answers_for_all_that_is_asked_of_it(live: DataFusionObserver) -> None:
    live.prepare([RUN, NULLS, RULE])
    assert answered(live, COUNT) == RowCount(3, Basis.SCAN)
    assert answered(live, RULE) == RuleCount(3, 1)
    assert answered(live, NULLS) == NullCount(3, 1, rows=3)
    assert answered(live, RUN) == ViewRun(RowCount(3, Basis.SCAN))
    assert live.plans() == []


def test_rows_that_break_a_promise_of_a_view_are_looked_for_apart(
    lake: Path, observer: Build
) -> None:
    assert lake.exists()
    shown = {"v": ShownRows((ShownField("n", sensitive=False),))}
    live = observer(views=[VIEW], how=MeasuringOptions(MEMORY, samples=3, shown=shown))
    kept = RuleNeed("v", RuleContract("k", "n > 0", AT))
    live.prepare([RUN, RULE, kept])
    assert answered(live, RULE) == RuleCount(3, 1, (Sample(None, (("n", "1"),)),))
    assert answered(live, kept) == RuleCount(3, 0)


def test_a_view_that_cannot_be_run_is_told_whoever_asks(lake: Path, observer: Build) -> None:
    assert lake.exists()
    broken = ViewContract("v", Sql("SELECT CAST(word AS BIGINT) AS n FROM t"), "t", AT)
    live = observer(views=[broken])
    run = ViewRunNeed("v", broken)
    live.prepare([run, NULLS])
    asked: list[Any] = [run, NULLS, READ, COUNT]
    for need in asked:
        error = refused(live, need)
        assert (error.relation, error.trouble) == ("v", Trouble.ENGINE)
        assert "Cannot cast string 'a'" in error.reason


def test_what_is_asked_later_is_measured_alone(live: DataFusionObserver) -> None:
    first, later = KeyNeed("t", ("n",)), KeyNeed("t", ("word",))
    live.prepare([first])
    assert answered(live, first) == KeyCount(3, 0, 1)
    assert answered(live, later) == KeyCount(4, 1, 0)
    (plan,) = live.plans()
    assert [answer.need for answer in plan.answers] == [later]


def test_a_table_that_is_not_there_has_no_plan(observer: Build) -> None:
    live = observer("nowhere")
    need, count = NullsNeed("t", "n"), KeyNeed("t", ("n",))
    live.prepare([need, count])
    assert refused(live, need) == refused(live, count)
    assert (refused(live, need).relation, refused(live, need).trouble) == ("t", Trouble.MISSING)
    assert live.plans() == []


def test_what_one_file_of_a_table_requires_hides_no_null_from_a_reference(
    lake: Path, observer: Build
) -> None:
    """What the engine merges to NOT NULL is read as it is stored."""
    required = pa.schema([pa.field("of", pa.int64(), nullable=False), pa.field("x", pa.int64())])
    (lake / "u").mkdir()
    pq.write_table(pa.table({"of": [0, 1], "x": [1, 1]}, required), lake / "u" / "0.parquet")
    pq.write_table(pa.table({"x": [1]}), lake / "u" / "1.parquet")
    need = ReferenceNeed("t", ReferenceContract(("n",), "u", ("of",), AT))
    assert answered(observer(others=["u"]), need) == ReferenceCount(3, 1)


def test_a_reference_to_a_table_that_is_not_there_is_told_of_it(
    lake: Path, observer: Build
) -> None:
    assert lake.exists()
    need = ReferenceNeed("t", ReferenceContract(("n",), "u", ("of",), AT))
    live = observer(others=["u"])
    key = KeyNeed("t", ("n",))
    live.prepare([need, key])
    assert (refused(live, need).relation, refused(live, need).trouble) == ("u", Trouble.MISSING)
    assert answered(live, key) == KeyCount(3, 0, 1)


def test_no_value_is_told_that_may_not_be(lake: Path, observer: Build) -> None:
    assert lake.exists()
    values = ValuesNeed("v", "word", OneOf(("c",)))
    few = AggregateNeed("v", AggregateContract("few", "count(*) < 2", AT, ("word",)))
    hidden, group = ShownRows(others=Others.REDACTED), RowGroup((("word", "<redacted>"),), 2)
    told = MeasuringOptions(MEMORY, told={"v": hidden})
    for how, frequent, others, named in (
        (MeasuringOptions(MEMORY), (("'b'", 2),), 0, RowGroup((("word", "'b'"),), 2)),
        (told, None, None, group),
    ):
        live = observer(views=[VIEW], how=how)
        live.prepare([values, few])
        assert answered(live, values) == ValueCount(3, 2, frequent, others, rows=3)
        count = AggregateCount(3, 2, 1, 0, (named,), fields=("word",))
        assert answered(live, few) == count


def test_the_rows_of_text_are_read_once(tmp_path: Path, observer: Build) -> None:
    (tmp_path / "t").write_text('{"n": 1}\n{"n": null}\n')
    live = observer("t", SourceFormat.JSON)
    need = NullsNeed("t", "n")
    live.prepare([need, NullsNeed("t", "z")])
    assert answered(live, RowsReadNeed("t")) == RowCount(2, Basis.SCAN)
    (tmp_path / "t").unlink()
    assert answered(live, need) == NullCount(2, 1, rows=2)
