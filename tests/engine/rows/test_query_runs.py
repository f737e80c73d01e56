"""Readers' queries are run with a value for each parameter, and their first rows are looked at."""

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace
from support.observing import answered, observer_over, refused, registry_of

from cst_contracts.contract.model import (
    ParameterContract,
    QueryContract,
    SourceContract,
    SourceFormat,
    Within,
)
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import CouldNotLook, NullCount, QueryRun, Trouble, ValueCount
from cst_contracts.location import Location
from cst_contracts.needs import NullsNeed, QueryRunNeed, ValuesNeed

AT = Location("contracts/t.yaml", 1, 1)
Q = "query[q]"
Build = Callable[..., DataFusionObserver]
#: The first row by `n` is the second, by `m` the third.
ROWS = pa.table(
    {
        "n": pa.array([7, 5, 7], pa.int64()),
        "m": pa.array([8, 4, 3], pa.int64()),
        "small": pa.array([9, 9, 9], pa.int32()),
        "word": pa.array(["a", None, "b"]),
    }
)


@pytest.fixture
def live(tmp_path: Path, observer: Build) -> DataFusionObserver:
    """Over these rows, as the table `t`, and `u`, which is not there."""
    pq.write_table(ROWS, tmp_path / "t")
    return observer("t", others=["u"])


def run(
    sql: str, *asked: NullsNeed | ValuesNeed, x: pa.DataType | None = None, **of_x: str
) -> QueryRunNeed:
    """Of a query that may have a parameter `x`. The values of all fields but `word` may be handed in."""
    parameters = () if x is None else (ParameterContract("x", x, AT, **of_x),)
    query = QueryContract("q", sql, AT, parameters)
    return QueryRunNeed("t", query, asked, ("n", "m", "small"))


def test_of_a_query_its_schema_its_rows_and_what_they_hold_is_told(
    live: DataFusionObserver,
) -> None:
    asked = (
        ValuesNeed(Q, "n", Within(None, "6")),
        NullsNeed(Q, "word"),
        NullsNeed(Q, "m"),
        NullsNeed(Q, "n"),
    )
    found = answered(live, run("SELECT n, word FROM t", *asked))
    assert found == QueryRun(
        pa.schema([("n", pa.int64()), ("word", pa.string_view())]),
        3,
        (
            ValueCount(3, 2, (("7", 2),), 0, rows=3),
            NullCount(3, 1, rows=3),
            CouldNotLook("the query has no such field", Q, trouble=Trouble.FIELD),
            NullCount(3, 0, rows=3),
        ),
    )


def test_a_query_of_which_nothing_is_asked_is_run(live: DataFusionObserver) -> None:
    schema = pa.schema([("m", pa.int64())])
    assert answered(live, run("SELECT m FROM t WHERE n = 7")) == QueryRun(schema, 2)


ABOVE = Within("1000")


@pytest.mark.parametrize(
    ("condition", "type_", "example", "value"),
    [
        ("n = $x", pa.int64(), None, "5"),
        ("n = $x", pa.int64(), "7", "7"),
        ("m = $x AND n = $x OR n = 7", pa.int64(), None, "3"),
        ("n = $x + 1 OR n = 7", pa.int64(), None, "0"),  # compared with no field
        ("small = $x OR n = 7", pa.int64(), None, "0"),  # with one of another type
        ("small = $x OR n = 7", pa.int32(), None, "9"),
    ],
)
def test_a_parameter_has_its_example_or_what_it_is_compared_with_in_the_first_row(
    live: DataFusionObserver, condition: str, type_: pa.DataType, example: str | None, value: str
) -> None:
    asked = ValuesNeed(Q, "x", ABOVE)
    of_x = {} if example is None else {"example": example}
    sql = f"SELECT $x AS x FROM t WHERE {condition} LIMIT 1"
    found = answered(live, run(sql, asked, x=type_, **of_x))
    assert found.hold == (ValueCount(1, 1, ((value, 1),), 0, rows=1),)


def test_what_may_not_be_handed_in_is_blank(live: DataFusionObserver) -> None:
    sql = "SELECT $x AS x FROM t WHERE word = $x OR word = 'a'"
    found = answered(live, run(sql, ValuesNeed(Q, "x", Within("z")), x=pa.string()))
    assert found.hold == (ValueCount(1, 1, (("''", 1),), 0, rows=1),)


def test_of_parameters_with_and_without_examples_each_has_its_own(live: DataFusionObserver) -> None:
    names = {"a": None, "b": "2", "c": None, "d": "7"}
    parameters = tuple(
        ParameterContract(name, pa.int64(), AT, example) for name, example in names.items()
    )
    columns = ", ".join(f"${name} AS {name}" for name in names)
    where = "n = $a AND m <> $b AND m = $c AND n <> $d"
    query = QueryContract("q", f"SELECT {columns} FROM t WHERE {where}", AT, parameters)
    asked = tuple(ValuesNeed(Q, name, ABOVE) for name in names)
    found = answered(live, QueryRunNeed("t", query, asked, ("n", "m")))
    told = [each.frequent for each in found.hold if isinstance(each, ValueCount)]
    assert told == [(("5", 1),), (("2", 1),), (("4", 1),), (("7", 1),)]


def test_of_an_empty_table_parameters_are_blank(tmp_path: Path, observer: Build) -> None:
    pq.write_table(ROWS.slice(0, 0), tmp_path / "t")
    sql = "SELECT $x AS x UNION ALL SELECT n FROM t WHERE n = $x"
    found = answered(observer(), run(sql, ValuesNeed(Q, "x", ABOVE), x=pa.int64()))
    assert found.hold == (ValueCount(1, 1, (("0", 1),), 0, rows=1),)


def test_an_endless_table_hands_no_value_in(tmp_path: Path) -> None:
    (tmp_path / "t").write_text('{"n": 7}\n')
    source = SourceContract(SourceFormat.JSON, AT, "t", unbounded=True)
    promised = {"t": pa.schema([("n", pa.int64())])}
    live = observer_over(registry_of(Relations({"t": source}, {}, {}, promised=promised), tmp_path))
    sql = "SELECT $x AS x FROM t WHERE n = $x OR n = 7"
    found = answered(live, run(sql, ValuesNeed(Q, "x", ABOVE), x=pa.int64()))
    assert found.hold == (ValueCount(1, 1, (("0", 1),), 0, rows=1),)


def test_no_more_than_the_first_rows_are_fetched(live: DataFusionObserver) -> None:
    many = "SELECT value AS n FROM generate_series(1, 1001)"
    assert answered(live, run(many, NullsNeed(Q, "n"))) == QueryRun(
        pa.schema([pa.field("n", pa.int64(), nullable=False)]),
        1000,
        (NullCount(1000, 0, rows=1000),),
    )


@pytest.mark.parametrize(
    ("sql", "relation", "trouble", "told"),
    [
        ("SELECT CAST(word AS BIGINT) FROM t", Q, Trouble.ENGINE, "Cannot cast string 'a'"),
        ("SELECT nope FROM t", Q, Trouble.ENGINE, "nope"),
        ("SELECT n FROM t WHERE nope = $x", Q, Trouble.ENGINE, "nope"),
        ("DROP TABLE t", Q, Trouble.UNREADABLE, "its `sql` is no query"),
        ("SELECT t.n FROM t, u", "u", Trouble.MISSING, "u"),
    ],
)
def test_what_stands_in_the_way_of_a_query_is_told_of_it_or_of_what_it_mentions(
    live: DataFusionObserver, sql: str, relation: str, trouble: Trouble, told: str
) -> None:
    error = refused(live, run(sql, x=pa.int64() if "$x" in sql else None))
    assert (error.relation, error.trouble) == (relation, trouble)
    assert told in error.reason


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "SELECT n FROM t",
            CouldNotLook("t is a pipe, whose rows come once: a query of it cannot be tried", Q),
        ),
        (
            "SELECT t.n AS a FROM t",
            CouldNotLook("no .json file there", "a", trouble=Trouble.MISSING),
        ),
    ],
    ids=["alone", "beside"],
)
def test_a_query_of_a_pipe_is_not_run_whatever_else_it_mentions(
    tmp_path: Path, observer: Build, sql: str, told: CouldNotLook
) -> None:
    os.mkfifo(tmp_path / "t")
    live = observer("t", SourceFormat.JSON, unbounded=True, others=["a"])
    assert replace(refused(live, run(sql)), location=None) == told
