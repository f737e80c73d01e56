"""What is aggregated of parts of the rows, put together, is what is aggregated of all of them."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa
import pytest
from datafusion import SessionContext

from cst_contracts.contract.model import AggregateContract
from cst_contracts.engine.rows.aggregate_parts import Groups, PartedAggregate
from cst_contracts.engine.rows.aggregates import named_groups, named_values
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.location import Location
from cst_contracts.sql.names import literal

ROWS = pa.table(
    {
        "text": pa.array(["a", "b", "a", None, "c", "b", None, "a"], pa.string_view()),
        "kind": pa.array(["x", "y", "x", "y", None, "x", "y", "x"]).dictionary_encode(),
        "number": pa.array([1, 2, 3, None, 5, None, 7, 8], pa.int32()),
        "Number": pa.array([1] * 8, pa.int64()),
        "real": [0.5, -0.0, 0.0, float("nan"), float("nan"), None, 1.5, 0.5],
        "price": pa.array([Decimal(each) for each in range(8)], pa.decimal128(6, 2)),
        "parts": [[{"id": each}] for each in range(8)],
        "size": pa.array([2**64 - 1, 2, 2**64 - 1, 0, 2**63, 2, None, 1], pa.uint64()),
        "avg(t.number) of": pa.array([1, 1, 2, 2, 2, 2, 4, 4], pa.int32()),
    }
)


def parted(sql: str, per: Sequence[str] = (), relation: str = "lake.t") -> PartedAggregate:
    aggregate = AggregateContract("it", sql, Location("t.yaml", 1, 1), tuple(per))
    return PartedAggregate(relation, aggregate, ROWS.schema)


def told(asked: PartedAggregate, cuts: Sequence[int], buckets: int) -> list[Groups]:
    """Of the rows cut there, the groups of which are dealt out to so many buckets."""
    rows = ROWS.select(asked.columns)
    bounds = [0, *cuts, len(rows)]
    dealt: dict[int, list[pa.Table]] = {}
    for start, end in pairwise(bounds):
        for bucket, groups in asked.buckets(asked.part(rows[start:end].to_batches()), buckets):
            dealt.setdefault(bucket, []).append(groups)
    found = [asked.of_groups(asked.merged(each)) for each in dealt.values()]
    if not asked.per:
        found = [asked.together(found)]
    return [asked.told(each) for each in found]


def one_machine(query: str) -> pa.Table:
    context = SessionContext()
    context.register_record_batches("t", [ROWS.to_batches()])
    return context.sql(query).to_arrow_table()


def written(value: object) -> str:
    """As SQL of the very same value."""
    match value:
        case None:
            return "NULL"
        case float():
            return f"CAST('{value!r}' AS double)"
        case Decimal():
            scale = -int(value.as_tuple().exponent)
            return f"CAST('{value}' AS decimal(38, {scale}))"
        case _:
            return str(value)


def counts(found: Sequence[Groups]) -> tuple[int, int, int, int]:
    return (
        sum(each.rows for each in found),
        sum(each.groups for each in found),
        sum(each.false for each in found),
        sum(each.null for each in found),
    )


@pytest.mark.parametrize(
    ("sql", "per", "expected"),
    [
        ("count(*) >= 3", ["text"], (8, 4, 3, 0)),
        ("sum(number) > 2", ["text"], (8, 4, 1, 0)),
        ("sum(number) > 2", ["text", "kind"], (8, 5, 1, 1)),
        ("min(price) >= 1.00 OR text IS NULL", ["text"], (8, 4, 1, 0)),
        ("sum(price) < 10", ["kind"], (8, 3, 2, 0)),
        ("count(number) FILTER (WHERE \"Number\" > 0) = count(*)", ["kind"], (8, 3, 2, 0)),
        ("bool_and(number > 1) AND NOT bool_or(number > 9)", ["text"], (8, 4, 1, 0)),
        ("max(DISTINCT text) < 'c'", ["kind"], (8, 3, 1, 0)),
        ("count(*) = 1", ["real"], (8, 5, 3, 0)),
        ("count(*) = 1", ["parts"], (8, 8, 0, 0)),
        ("count(*) = 1", ["size"], (8, 6, 2, 0)),
        ("avg(number) < 6", ["avg(t.number) of"], (8, 3, 1, 0)),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("cuts", "buckets"), [([], 1), ([3, 3, 6], 3), ([1, 2, 4, 5, 7], 8)])
def test_groups_are_counted_however_the_rows_are_cut(
    sql: str, per: list[str], expected: tuple[int, ...], cuts: list[int], buckets: int
) -> None:
    asked = parted(sql, per)

    assert asked.why_whole is None
    assert counts(told(asked, cuts, buckets)) == expected


def test_the_largest_groups_are_the_first_of_all_buckets() -> None:
    asked = parted("count(*) > 9", ["text"])

    found = told(asked, [2, 5], 4)

    largest = asked.largest([each.largest_false for each in found])
    named = [(dict(each.values)["text"], each.rows) for each in named_groups(largest, ["text"])]
    assert named == [("'a'", 3), ("'b'", 2), ("NULL", 2), ("'c'", 1)]


def test_of_all_rows_together_what_was_aggregated_is_told() -> None:
    asked = parted("count(*) > 100 AND max(number) < 100 AND count(*) > sum(number)")

    (found,) = told(asked, [3, 6], 3)

    assert counts([found]) == (8, 1, 1, 0)
    assert found.values is not None
    assert named_values(found.values, "lake.t") == (
        ("count(*)", "8"),
        ("max(number)", "8"),
        ("sum(number)", "26"),
    )
    assert (asked.fields, asked.columns) == (("number", "Number"), ["number", "Number"])


def test_of_no_rows_there_is_one_group_or_none() -> None:
    of_all, of_groups = parted("count(*) = 0"), parted("count(*) = 0", ["kind"])
    nothing = ROWS.slice(0, 0).select(of_all.columns).to_batches()

    assert counts([of_all.told(of_all.merged([of_all.part(nothing)]))]) == (0, 1, 0, 0)
    assert counts([of_groups.told(of_groups.merged([of_groups.part([])]))]) == (0, 0, 0, 0)


@pytest.mark.parametrize("found", [0, 1])
def test_where_values_stand_apart_no_rows_are_counted_all_the_same(found: int) -> None:
    """As of no task, or of one whose files have no rows."""
    asked = parted(f"count(*) = {found} AND count(DISTINCT text) = 0 AND sum(number) IS NULL")
    buckets = [asked.of_groups(asked.merged([asked.part([])]))] * found

    assert counts([asked.told(asked.together(buckets))]) == (0, 1, found, 0)


OF_GROUPS_AND_OF_ALL = [
    "avg(number)",
    "avg(price)",
    "avg(-price)",
    "avg(price - 3.333)",
    "avg(real)",
    "sum(DISTINCT number % 3)",
    "count(DISTINCT text)",
    "count(DISTINCT number > 2)",
    "count(DISTINCT kind)",
    "count(DISTINCT price)",
    "count(DISTINCT upper(text)) * avg(number) + count(*) + min(price)",
    "count(DISTINCT number) - sum(DISTINCT number) + sum(number)",
    "count(DISTINCT size)",
    "avg(size)",
]
OF_GROUPS = [
    "count(DISTINCT number) + count(DISTINCT price) - count(DISTINCT text)",
    "count(DISTINCT number) + count(DISTINCT text)",
    "count(DISTINCT CAST(price / 8 AS int)) + sum(DISTINCT price / 8)",
    "avg(real) FILTER (WHERE real < 9)",
    "avg(DISTINCT number)",
    "count(DISTINCT real)",
    "median(number)",
    "stddev(price)",
    "array_length(array_agg(number))",
]
CUTS = [([], 1), ([3, 3, 6], 3), ([1, 2, 4, 5, 7], 8)]


@pytest.mark.parametrize("value", [*OF_GROUPS_AND_OF_ALL, *OF_GROUPS])
@pytest.mark.parametrize(("cuts", "buckets"), CUTS)
def test_values_of_groups_are_those_of_one_machine(
    value: str, cuts: list[int], buckets: int
) -> None:
    """A condition that is true of each group alone if the value is the one that one machine computes."""
    groups = one_machine(f"SELECT text, {value} AS value FROM t GROUP BY text")
    expected = {
        "NULL" if text is None else literal(text): written(value)
        for text, value in zip(*(column.to_pylist() for column in groups.columns), strict=True)
    }
    cases = [
        f"WHEN text IS NOT DISTINCT FROM {text} THEN ({value}) IS NOT DISTINCT FROM {found}"
        for text, found in expected.items()
    ]

    asked = parted(f"CASE {' '.join(cases)} ELSE false END", ["text"], "t")

    assert asked.why_whole is None
    assert counts(told(asked, cuts, buckets)) == (8, 4, 0, 0)


@pytest.mark.parametrize("value", OF_GROUPS_AND_OF_ALL)
@pytest.mark.parametrize(("cuts", "buckets"), CUTS)
def test_values_of_all_rows_are_those_of_one_machine(
    value: str, cuts: list[int], buckets: int
) -> None:
    expected = one_machine(f"SELECT {value} AS value FROM t").column("value")

    asked = parted(f"({value}) IS DISTINCT FROM {written(expected[0].as_py())}", (), "t")

    assert asked.why_whole is None
    (found,) = told(asked, cuts, buckets)
    assert counts([found]) == (8, 1, 1, 0)


@pytest.mark.parametrize(
    ("sql", "per", "why"),
    [
        ("median(real) > 1", (), "median(real) of all rows does not follow from that of parts"),
        (
            "avg(number) FILTER (WHERE number > 1) > 1",
            (),
            "avg(number) FILTER (WHERE number > Int64(1)) of all rows does not follow from that of parts",
        ),
        (
            "count(DISTINCT real) > 1",
            (),
            "count(DISTINCT real) of all rows does not follow from that of parts",
        ),
        (
            "count(DISTINCT text) > count(DISTINCT number)",
            (),
            "different values of several expressions do not meet in one place",
        ),
        (
            "stddev(number) > 1",
            ["real"],
            "stddev(number) of all rows does not follow from that of parts",
        ),
    ],
)
def test_what_one_machine_has_to_compute_is_told(sql: str, per: Sequence[str], why: str) -> None:
    assert parted(sql, per, "t").why_whole == why


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("number > 1 AND count(*) > 1", "number stands outside of an aggregate; "),
        ("count(*)", "it is of type int64, not bool"),
        ("count(nothing) > 1", "nothing"),
        ("sum(count(*)) OVER () > 1", "it aggregates nothing; "),
    ],
)
def test_what_is_no_aggregate_is_refused_as_on_one_machine(sql: str, told: str) -> None:
    with pytest.raises(IntrospectionError, match=told):
        parted(sql)


def test_rows_that_were_sent_are_held_no_longer() -> None:
    asked = parted("median(real) > 1", ["text"], "t")

    def send() -> int:
        texts = pa.array(["a", "b"] * 100_000, pa.string_view())
        rows = pa.record_batch({"text": texts, "real": [0.5] * 200_000})
        parts = [part.num_rows for _, part in asked.buckets(asked.part([rows]), 4)]
        assert sum(parts) == rows.num_rows
        return int(rows.nbytes)

    before = pa.total_allocated_bytes()
    sizes = [send() for _ in range(3)]
    assert pa.total_allocated_bytes() - before < min(sizes)


def test_what_cannot_be_computed_of_a_group_is_an_error() -> None:
    asked = parted("count(*) / 0 > 1")

    with pytest.raises(IntrospectionError, match="Divide by zero"):
        told(asked, [4], 1)
