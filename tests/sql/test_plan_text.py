"""What is read from the text of plans and of planning errors, as this engine version writes them."""

import pyarrow as pa
import pytest
from datafusion import SessionContext, udf

from cst_contracts.engine.session.boundary import cause_of
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.sql.plan_text import (
    called_functions,
    column_casts,
    generates,
    unknown_function,
    view_lines,
)

KNOWN = ("abs", "lower", "Loud (One)", "count")


def session() -> SessionContext:
    context = open_session({})
    batch = pa.record_batch({"name": ["a"], "n": [1], "abs(x)": [1]})
    context.register_record_batches("t", [[batch]])
    loud = udf(lambda names: names, [pa.string()], pa.string(), "immutable", "Loud (One)")
    context.register_udf(loud)
    return context


def view_of(query: str) -> tuple[str, ...]:
    context = session()
    context.sql(f"CREATE VIEW v AS {query}")
    lines = view_lines(context.table("v").logical_plan().display_indent())
    assert lines is not None
    return lines


def test_a_view_is_its_query_and_a_table_is_none() -> None:
    assert view_of("SELECT n FROM t") == ("Projection: t.n", "  TableScan: t")
    assert view_lines(session().table("t").logical_plan().display_indent()) is None


@pytest.mark.parametrize(
    ("query", "called"),
    [
        ("""SELECT "Loud (One)"(name) AS loud FROM t""", ("Loud (One)",)),
        ("""SELECT "abs(x)" FROM t""", ()),
        ("SELECT n FROM t WHERE name = 'say lower(x), or \"abs(y)\"'", ()),
        ("SELECT 'a' AS a, lower(name) AS b, 'c' AS c FROM t", ("lower",)),
        ("SELECT count(*) AS c, abs(n) AS a FROM t GROUP BY abs(n)", ("abs", "count")),
    ],
)
def test_calls_are_told_from_names_and_texts(query: str, called: tuple[str, ...]) -> None:
    assert called_functions(view_of(query), KNOWN) == called


def test_nothing_is_called_where_nothing_is_known() -> None:
    assert called_functions(view_of("SELECT lower(name) AS l FROM t"), ()) == ()


@pytest.mark.parametrize(
    ("query", "function"),
    [
        ("SELECT gone(n) FROM t", "gone"),
        ("""SELECT "it's gone"(n) FROM t""", "it's gone"),
        ("SELECT * FROM gone(1)", "gone"),
        ("SELECT nothing FROM t", None),
        ("SELECT abs(n, n) FROM t", None),
        ("SELECT n FROM nowhere", None),
    ],
)
def test_a_planners_error_names_the_function_that_it_misses(
    query: str, function: str | None
) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the engine's own, whatever its text
        session().sql(query)

    assert unknown_function(cause_of(raised.value)) == function


def test_the_engines_own_table_functions_are_told_by_their_plans() -> None:
    plan = session().sql("SELECT * FROM range(1, 2)").execution_plan().display_indent()

    assert generates(plan, "range")
    assert not generates(plan, "generate_series")


def test_the_columns_that_a_plan_casts_are_told_with_the_type() -> None:
    query = "SELECT CAST(n AS DECIMAL(12, 2)) AS d, arrow_cast(name, 'Timestamp(µs, \"UTC\")') AS at FROM t"
    plan = session().sql(query).optimized_logical_plan().display_indent()

    assert list(column_casts(plan, "t")) == [
        ("n", "Decimal128(12, 2)"),
        ("name", 'Timestamp(µs, "UTC")'),
    ]
    assert list(column_casts(plan, "u")) == []
