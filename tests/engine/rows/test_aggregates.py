"""Groups of which an aggregate is not true are counted and named, and what is no aggregate is refused."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.observing import answered, refused

from cst_contracts.contract.model import AggregateContract
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.aggregates import without_hidden
from cst_contracts.facts import (
    AggregateCount,
    CouldNotLook,
    Others,
    RowGroup,
    ShownField,
    ShownRows,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import AggregateNeed

AT = Location("contracts/t.yaml", 1, 1)
#: Seven words, of which the first has the most rows; `n` is null for the last two.
WORDS = ["a"] * 4 + ["b", "b", "c", "d", "e", "f", "g"]
ROWS = pa.table(
    {
        "word": WORDS,
        "n": pa.array([*range(9), None, None], pa.int64()),
        "Mixed": [1] * 11,
        "half": [each / 2 for each in range(11)],
    }
)


def of(sql: str, *per: str) -> AggregateNeed:
    return AggregateNeed("t", AggregateContract("it", sql, AT, per))


@pytest.fixture
def live(tmp_path: Path, observer: Callable[..., DataFusionObserver]) -> DataFusionObserver:
    pq.write_table(ROWS, tmp_path / "t", row_group_size=2)
    return observer()


def groups(words: str) -> tuple[RowGroup, ...]:
    return tuple(RowGroup((("word", f"'{word}'"),), WORDS.count(word)) for word in words)


@pytest.mark.parametrize(
    ("need", "count"),
    [
        (
            of("count(*) > 9", "word"),
            AggregateCount(11, 7, 7, 0, groups("abcde"), fields=("word",)),
        ),
        (
            of("sum(n) < 5", "word"),
            AggregateCount(11, 7, 5, 2, groups("abcde"), groups("fg"), fields=("word", "n")),
        ),
        (
            of("sum(n) >= 0", "word"),
            AggregateCount(11, 7, 0, 2, (), groups("fg"), fields=("word", "n")),
        ),
        (of("count(*) > 0", "word"), AggregateCount(11, 7, 0, 0, fields=("word",))),
        (of("max(n) = 8 AND min(half) >= 0"), AggregateCount(11, 1, 0, 0, fields=("n", "half"))),
        (
            of("max(n) > 8 OR count(*) < 11 OR avg(t.half) > 9"),
            AggregateCount(
                11,
                1,
                1,
                0,
                computed=(("max(n)", "8"), ("count(*)", "11"), ("avg(half)", "2.5")),
                fields=("n", "half"),
            ),
        ),
        (
            of("max(nullif(n, n)) > 8"),
            AggregateCount(11, 1, 0, 1, computed=(("max(nullif(n,n))", "NULL"),), fields=("n",)),
        ),
        (of('sum("Mixed") = 11'), AggregateCount(11, 1, 0, 0, fields=("Mixed",))),
        (of("count(*) = 11"), AggregateCount(11, 1, 0, 0)),
    ],
    ids=lambda each: str(getattr(each, "aggregate", each and ""))[:60],
)
def test_groups_are_counted_and_the_largest_named(
    live: DataFusionObserver, need: AggregateNeed, count: AggregateCount
) -> None:
    assert answered(live, need) == count


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "sum(n) > 1 AND half > 0",
            "half stands outside of an aggregate; write what is true of every row under `rules`",
        ),
        ("n > 1", "it aggregates nothing; write what is true of every row under `rules`"),
        ("count(*)", "it is of type int64, not bool"),
        ("sum(Mixed) > 1", 'without quotes it is asked of another field: write `"Mixed"`'),
    ],
)
def test_what_is_no_aggregate_is_refused(live: DataFusionObserver, sql: str, told: str) -> None:
    assert refused(live, of(sql)) == CouldNotLook(told, "t", trouble=Trouble.RULE)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("sum(half) > nope", "No field named nope"),
        ("count(*) >", "Expected"),
        (" OR ".join(["sum(n) > 0"] * 700), "operators in a row"),
    ],
    ids=["unknown", "unfinished", "deep"],
)
def test_what_the_engine_does_not_take_is_told_in_its_words(
    live: DataFusionObserver, sql: str, told: str
) -> None:
    error = refused(live, of(sql))
    assert error == CouldNotLook(error.reason, "t", trouble=Trouble.RULE)
    assert told in error.reason


def test_what_fails_for_a_row_is_told(live: DataFusionObserver) -> None:
    error = refused(live, of("sum(1 / n) > 1"))
    assert (error.relation, error.trouble) == ("t", Trouble.ENGINE)
    assert "Divide by zero" in error.reason


FACT = AggregateCount(
    9,
    4,
    1,
    1,
    (RowGroup((("word", "'a'"), ("n", "1")), 3),),
    (RowGroup((("word", "'b'"), ("n", "2")), 2),),
    (("sum(half)", "7"),),
    ("word", "half"),
)
R = "<redacted>"


@pytest.mark.parametrize(
    ("shown", "sensitive", "others", "word", "n", "computed"),
    [
        ("word n half", "", Others.REDACTED, True, True, True),
        ("word n half", "word", Others.SHOWN, False, True, False),
        ("word n half", "half", Others.SHOWN, True, True, False),
        ("word n half", "n", Others.SHOWN, True, False, True),
        ("word half", "", Others.REDACTED, True, False, True),
        ("word half", "", Others.LEFT_OUT, True, True, True),
        ("word n", "", Others.REDACTED, True, True, False),
    ],
)
def test_nothing_is_told_of_what_is_hidden(
    shown: str, sensitive: str, others: Others, *, word: bool, n: bool, computed: bool
) -> None:
    fields = tuple(ShownField(each, sensitive=each in sensitive.split()) for each in shown.split())
    told = without_hidden(FACT, ShownRows(fields, others))
    assert told == AggregateCount(
        9,
        4,
        1,
        1,
        (RowGroup((("word", "'a'" if word else R), ("n", "1" if n else R)), 3),),
        (RowGroup((("word", "'b'" if word else R), ("n", "2" if n else R)), 2),),
        (("sum(half)", "7"),) if computed else (),
        ("word", "half"),
    )
