"""Functions that are gone, return another type or take a built-in's place, each red at its own line."""

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from datafusion import Accumulator, SessionConfig, SessionContext, Table, udaf, udf, udtf, udwf
from datafusion.user_defined import WindowEvaluator
from support.gate import judge, observer_of, parsed

from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Kept
from cst_contracts.contract.model import Contract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.facts import QueryFacts, SessionFacts
from cst_contracts.gate.observer import Observer
from cst_contracts.needs import SessionNeed, ViewQueryNeed
from cst_contracts.report.promise import findings_of

CONTRACT = """\
table: t
fields: [{name: name, type: string}, {name: n, type: int64}]
views:
  - {name: shouted, sql: "SELECT shout(name) AS loud FROM t"}
  - {name: louder, sql: "SELECT loud FROM shouted"}
  - {name: lowered, sql: "SELECT lower(name) AS low FROM t"}
"""
SESSION = """\
session: runtime
functions:
  - lower
  - {name: shout, kind: scalar, arguments: [string], returns: string}
"""


def upper(names: pa.Array) -> pa.Array:
    return pc.utf8_upper(names)


def lengths(names: pa.Array) -> pa.Array:
    return pc.utf8_length(names).cast(pa.int64())


def scalar(
    name: str, body: Callable[[pa.Array], pa.Array] = upper, returns: pa.DataType | None = None
) -> Callable[[SessionContext], None]:
    function = udf(body, [pa.string()], returns or pa.string(), "immutable", name)
    return lambda context: context.register_udf(function)


def supplied(*registrations: Callable[[SessionContext], None]) -> SessionContext:
    context = SessionContext(SessionConfig().with_information_schema(enabled=True))
    batch = pa.record_batch({"name": ["a", "B"], "n": pa.array([1, 2], pa.int64())})
    context.register_record_batches("t", [[batch]])
    for register in registrations:
        register(context)
    return context


def observer(context: SessionContext, contracts: Sequence[Contract] = ()) -> Observer:
    return observer_of(contracts, "nowhere", context)


def red(context: SessionContext, *texts: str) -> dict[str, list[tuple[str, str, str]]]:
    """Check to code, place and subject of each finding, of what is not kept."""
    contracts = parsed(texts)
    return {
        check: [(each.code.value, str(each.place), each.subject) for each in findings_of(verdict)]
        for (_, check), judgement in judge(
            contracts, observer(context, contracts)
        ).judgements.items()
        if not isinstance(verdict := judgement.verdict, Kept) and judgement.cause is None
    }


def test_functions_that_are_there_and_as_promised_are_kept() -> None:
    assert red(supplied(scalar("shout")), CONTRACT, SESSION) == {}


def test_a_view_whose_function_is_gone_is_red_at_its_own_line() -> None:
    assert red(supplied(), CONTRACT) == {
        "view[shouted]": [("function-missing", "contracts/0.yaml:4:5", "shouted")]
    }


def test_a_view_of_the_projects_own_that_outlived_its_function_is_red() -> None:
    context = supplied(scalar("shout"))
    context.sql("CREATE VIEW shouted AS SELECT shout(name) AS loud FROM t")
    assert red(context, CONTRACT) == {}
    context.deregister_udf("shout")
    assert context.table("shouted").to_pydict() == {"loud": ["A", "B"]}, "the engine does not mind"

    found = red(context, CONTRACT)

    assert found == {"view[shouted]": [("function-missing", "contracts/0.yaml:4:5", "shouted")]}


@pytest.mark.parametrize(
    ("query", "function"),
    [
        ("SELECT name FROM t WHERE shout(name) = 'A'", "shout"),
        ("SELECT count(*) AS n FROM t GROUP BY shout(name)", "shout"),
        ("SELECT total(n) OVER (ORDER BY name) AS r FROM t", "total"),
        ("SELECT * FROM rows_of(1)", "rows_of"),
        ("""SELECT "Loud One"(name) AS loud FROM t""", "Loud One"),
    ],
)
def test_the_missing_function_is_named_wherever_it_is_called(query: str, function: str) -> None:
    text = "table: t\nfields: [{name: name, type: string}, {name: n, type: int64}]\nviews:\n"
    contract = parse_contract(f"{text}  - name: v\n    sql: >-\n      {query}\n".encode(), "c.yaml")
    check = next(check for check in plan(contract) if check.id == "view[v]")

    found = judge([contract], observer(supplied(), [contract]), lambda each: each.id == check.id)
    (finding,) = findings_of(found.of("t")["view[v]"])

    assert finding.code.value == "function-missing"
    assert finding.promised == f"a function `{function}` in the session"
    assert function in finding.observed


def test_a_function_with_another_return_type_is_red_where_it_is_promised() -> None:
    context = supplied(scalar("shout", lengths, pa.int64()))

    assert red(context, CONTRACT, SESSION) == {
        "function[shout]": [("function-returns", "contracts/1.yaml:4:5", "shout")]
    }
    without_arguments = SESSION.replace("arguments: [string], ", "")
    assert red(context, without_arguments) == {
        "function[shout]": [("function-returns", "contracts/0.yaml:4:5", "shout")]
    }


@pytest.mark.parametrize(
    ("promised", "taken", "kept"),
    [
        ("int64", pa.int64(), True),
        ("int64", pa.float64(), False),
        ("int64", pa.string(), False),
        ("string", pa.string_view(), True),
        ("list<string>", pa.string(), False),
        ("list", pa.list_(pa.string()), True),
        ("string", pa.timestamp("us", "UTC"), False),
        ("map", pa.map_(pa.string(), pa.string()), True),
        ("string", pa.int64(), False),
    ],
    ids=str,
)
def test_a_function_with_another_parameter_type_is_red_though_the_engine_would_cast(
    promised: str, taken: pa.DataType, *, kept: bool
) -> None:
    function = udf(lambda values: values, [taken], taken, "immutable", "mine")
    text = f"session: s\nfunctions:\n  - {{name: mine, arguments: ['{promised}']}}\n"

    found = red(supplied(lambda context: context.register_udf(function)), text)

    place = "contracts/0.yaml:3:5"
    assert found == ({} if kept else {"function[mine]": [("function-arguments", place, "mine")]})


def test_the_engines_own_functions_may_cast_what_they_are_given() -> None:
    text = "session: s\nfunctions:\n  - {name: sqrt, arguments: [int64], returns: double}\n"

    assert red(supplied(), text) == {}


def test_a_shadowed_built_in_is_red_where_it_is_promised_and_where_a_view_calls_it() -> None:
    """Of the very signature of the engine's own."""
    context = supplied(scalar("shout"), scalar("lower"))

    assert red(context, CONTRACT, SESSION) == {
        "view[lowered]": [("shadowed-function", "contracts/0.yaml:6:5", "lowered")],
        "function[lower]": [("shadowed-function", "contracts/1.yaml:3:5", "lower")],
    }


def test_a_shadowed_built_in_that_nobody_needs_is_told_by_the_session_alone() -> None:
    context = supplied(scalar("shout"), scalar("reverse"))
    assert red(context, CONTRACT, SESSION) == {}

    session = observer(context).answer(SessionNeed())

    assert isinstance(session, SessionFacts)
    assert session.shadowed == ("reverse",)


class Total(Accumulator):
    def update(self, values: pa.Array) -> None:
        pass

    def merge(self, states: list[pa.Array]) -> None:
        pass

    def state(self) -> list[pa.Scalar]:
        return [pa.scalar(0)]

    def evaluate(self) -> pa.Scalar:
        return pa.scalar(0)


class Same(WindowEvaluator):
    def evaluate_all(self, values: list[pa.Array], _rows: int) -> pa.Array:
        return values[0]


def aggregate(name: str) -> Callable[[SessionContext], None]:
    made = udaf(Total, [pa.int64()], pa.int64(), [pa.int64()], "immutable", name)
    return lambda context: context.register_udaf(made)


def window(name: str) -> Callable[[SessionContext], None]:
    made = udwf(Same, [pa.int64()], pa.int64(), "immutable", name)
    return lambda context: context.register_udwf(made)


def table_function(name: str) -> Callable[[SessionContext], None]:
    def rows(*_: object) -> Table:
        context = SessionContext()
        return Table(context.from_pydict({"value": [7]}))

    return lambda context: context.register_udtf(udtf(rows, name))


KINDS = [
    (scalar, "scalar"),
    (aggregate, "aggregate"),
    (window, "window"),
    (table_function, "table"),
]


@pytest.mark.parametrize(("registered", "kind"), KINDS, ids=[kind for _, kind in KINDS])
def test_a_function_from_python_counts_whatever_its_kind(
    registered: Callable[[str], Callable[[SessionContext], None]], kind: str
) -> None:
    text = f"session: s\nfunctions:\n  - {{name: mine, kind: {kind}}}\n"

    assert red(supplied(registered("mine")), text) == {}
    assert red(supplied(), text) == {
        "function[mine]": [("function-missing", "contracts/0.yaml:3:5", "mine")]
    }
    other = "window" if kind == "scalar" else "scalar"
    assert red(supplied(registered("mine")), text.replace(kind, other)) == {
        "function[mine]": [("function-kind", "contracts/0.yaml:3:5", "mine")]
    }


@pytest.mark.parametrize(
    ("registration", "name"),
    [
        (scalar("reverse"), "reverse"),
        (aggregate("sum"), "sum"),
        (window("lag"), "lag"),
        (table_function("range"), "range"),
        (scalar("sum"), "sum"),
    ],
    ids=["scalar", "aggregate", "window", "table", "of-another-kind"],
)
def test_a_built_in_of_any_kind_can_be_shadowed(
    registration: Callable[[SessionContext], None], name: str
) -> None:
    found = red(supplied(registration), f"session: s\nfunctions:\n  - {name}\n")

    assert found == {f"function[{name}]": [("shadowed-function", "contracts/0.yaml:3:5", name)]}


@pytest.mark.parametrize("settings", [{}, {"datafusion.execution.batch_size": "7"}])
def test_a_session_of_the_engines_own_functions_shadows_none(settings: dict[str, str]) -> None:
    session = observer(open_session(settings)).answer(SessionNeed())

    assert isinstance(session, SessionFacts)
    assert session.shadowed == ()


@pytest.mark.parametrize(
    ("query", "functions"),
    [
        ("SELECT abs(n) AS a FROM t WHERE upper(name) LIKE 'lower(x)%'", ("abs", "upper")),
        ("SELECT count(*) AS c, max(n) FILTER (WHERE round(n) > 0) AS m FROM t", None),
        ("SELECT row_number() OVER (ORDER BY trim(name)) AS r FROM t", ("btrim", "row_number")),
        ("SELECT n FROM t WHERE n IN (SELECT max(n) FROM t)", ("max",)),
        ("SELECT a.n FROM t AS a JOIN t AS b ON lower(a.name) = b.name", ("lower",)),
        ("SELECT unnest([n, 1]) AS e FROM t", ("make_array", "unnest")),
        ("SELECT value FROM range(1, 3)", ("range",)),
        ("SELECT n FROM t ORDER BY sqrt(n)", ("sqrt",)),
        ("SELECT t.n FROM t", ()),
        ("VALUES (lower('A'))", ("lower",)),
        ("SELECT now() AS at, extract(year FROM now()) AS y FROM t", ("date_part", "now")),
    ],
)
def test_the_functions_that_a_view_calls_come_from_its_plan(
    query: str, functions: tuple[str, ...] | None
) -> None:
    context = supplied()
    context.sql(f"CREATE VIEW v AS {query}")

    query_facts = observer(context).answer(ViewQueryNeed("v"))

    assert isinstance(query_facts, QueryFacts)
    assert query_facts.functions == (("count", "max", "round") if functions is None else functions)


def test_a_view_of_a_view_calls_what_that_one_calls() -> None:
    context = supplied()
    context.sql("CREATE VIEW v AS SELECT lower(name) AS low FROM t")
    context.sql("CREATE VIEW w AS SELECT upper(low) AS up FROM v")

    query_facts = observer(context).answer(ViewQueryNeed("w"))

    assert isinstance(query_facts, QueryFacts)
    assert query_facts.functions == ("lower", "upper")
    assert query_facts.plan == (
        "CREATE VIEW w AS SELECT upper(low) AS up FROM v",
        "Projection: upper(v.low) AS up",
        "  SubqueryAlias: v",
        "    Projection: lower(t.name) AS low",
        "      TableScan: t",
    )


def test_a_stored_table_asks_for_nothing() -> None:
    assert observer(supplied()).answer(ViewQueryNeed("t")) is None
