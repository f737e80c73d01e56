"""The inventory of functions, and calls that prove what it does not tell."""

from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa
import pytest
from datafusion import SessionContext, udf
from hypothesis import given, settings
from hypothesis import strategies as st

from cst_contracts.contract.model import FunctionContract, FunctionKind, TypeFamily, TypePattern
from cst_contracts.engine.looks.functions import function_inventory, probe_function
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import waiting_at_most
from cst_contracts.facts import FunctionFacts, FunctionProbe, Signature, Trouble
from cst_contracts.location import Location

AT = Location("contracts/t.yaml", 1, 1)
CONTEXT = open_session({})
INVENTORY = function_inventory(CONTEXT)


def function(
    name: str,
    arguments: Sequence[TypePattern] | None = None,
    returns: TypePattern | None = None,
) -> FunctionContract:
    taken = None if arguments is None else tuple(arguments)
    return FunctionContract(name, AT, arguments=taken, returns=returns)


def probed(contract: FunctionContract, context: SessionContext = CONTEXT) -> FunctionProbe:
    found = probe_function(context, contract, function_inventory(context))
    assert found is not None
    return found


def named(name: str, inventory: Iterable[FunctionFacts] = INVENTORY) -> dict[str, FunctionFacts]:
    return {facts.kind: facts for facts in inventory if facts.name == name}


def registered(
    name: str,
    body: Callable[..., pa.Array],
    returns: pa.DataType | None = None,
    volatility: str = "immutable",
) -> SessionContext:
    context = open_session({})
    type_ = pa.int64() if returns is None else returns
    context.register_udf(udf(body, [pa.int64()], type_, volatility, name))
    return context


def test_the_inventory_is_sorted_and_has_kinds_overloads_and_determinism() -> None:
    keys = [(facts.name, facts.kind) for facts in INVENTORY]
    assert keys == sorted(set(keys))
    assert {kind for _, kind in keys} == {kind.value for kind in FunctionKind}
    assert len(named("sum")["aggregate"].signatures) > 1
    assert Signature(("String",), "String") in named("lower")["scalar"].signatures
    assert set(named("nth_value")) == {"aggregate", "window"}
    assert set(named("range")) == {"scalar", "table"}
    assert named("abs")["scalar"].deterministic
    assert not named("random")["scalar"].deterministic
    assert named("arrow_metadata")["scalar"].signatures == ()


def test_a_function_of_the_session_counts() -> None:
    context = registered("Twice", lambda array: array, volatility="volatile")
    facts = named("Twice", function_inventory(context))["scalar"]
    assert facts == FunctionFacts("Twice", "scalar", False, (Signature(("Int64",), "Int64"),))  # noqa: FBT003
    assert probed(function("Twice", [pa.int64()]), context).returns == (pa.int64(),)


def test_a_function_that_takes_the_place_of_a_built_in_is_told_apart() -> None:
    context = registered("lower", lambda array: array)
    facts = named("lower", function_inventory(context))["scalar"]
    assert facts.signatures == (Signature(("Int64",), "Int64"),)
    assert facts != named("lower")["scalar"]


@pytest.mark.parametrize("name", ["arrow_typeof", "map_entries", "none_such"])
def test_existence_alone_needs_no_call(name: str) -> None:
    assert probe_function(CONTEXT, function(name), INVENTORY) is None


def test_unnest_is_proven_by_running_it() -> None:
    (signature,) = named("unnest")["table"].signatures
    assert (signature.arguments, signature.returns) == (("list<int64>",), "int64")
    found = probed(function("unnest"))
    assert (found.error, found.kind, found.returns) == (None, "table", (pa.int64(),))


@pytest.mark.parametrize(
    ("name", "arguments", "told", "returns"),
    [
        ("arrow_typeof", [pa.int64()], "arrow_typeof(int64)", pa.string()),
        ("lower", [pa.string_view()], "lower(string_view)", None),
        ("abs", [pa.float64()], "abs(double)", pa.float64()),
        ("unnest", [TypeFamily.LIST], "unnest(list)", pa.string()),
        ("unnest", [pa.list_(pa.int8())], "unnest(list<item: int8>)", pa.int8()),
        ("unnest", [TypeFamily.STRUCT], "unnest(struct)", pa.string()),
        ("map_keys", [TypeFamily.MAP], "map_keys(map)", None),
        ("now", [], "now()", pa.timestamp("ns")),
        ("pi", [], "pi()", pa.float64()),
        ("count", [pa.string()], "count(string)", pa.int64()),
        ("sum", [pa.int32()], "sum(int32)", pa.int64()),
        ("row_number", [], "row_number()", pa.uint64()),
        ("lag", [pa.date32()], "lag(date32[day])", pa.date32()),
        ("first_value", [pa.int8()], "first_value(int8)", pa.int8()),
        ("range", [pa.int64()], "range(int64)", pa.list_(pa.int64())),
    ],
)
def test_a_call_of_any_kind_is_run_and_typed(
    name: str, arguments: Sequence[TypePattern], told: str, returns: pa.DataType | None
) -> None:
    found = probed(function(name, arguments))
    assert (found.call.replace("item: ", ""), found.error) == (told.replace("item: ", ""), None)
    assert len(found.returns) == 1
    assert returns is None or found.returns[0] == returns


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("abs", [pa.string()], "expects Numeric but received String"),
        ("abs", [], "does not support zero arguments"),
        ("unnest", [TypeFamily.MAP], "unnest() can only be applied to array, struct and null"),
        ("unnest", [], "unnest() requires exactly one argument"),
        ("none_such", [pa.int64()], "Invalid function 'none_such'"),
        ("none_such(1); DROP TABLE t; --", [pa.int64()], "Invalid function 'none_such(1); DROP"),
        ("none'\" such", [], "Invalid function"),
    ],
)
def test_a_call_that_does_not_run_says_why(
    name: str, arguments: Sequence[TypePattern], error: str
) -> None:
    found = probed(function(name, arguments))
    assert found.returns == ()
    assert found.error is not None
    assert error in found.error


def test_a_table_function_has_no_typed_call() -> None:
    inventory = (FunctionFacts("rows_of", "table", deterministic=True),)
    found = probe_function(CONTEXT, function("rows_of", [pa.int64()]), inventory)
    assert found is not None
    assert found.error == "a table function cannot be called with typed columns; promise its kind"


def boom(_array: pa.Array) -> pa.Array:
    raise ValueError("boom")


@pytest.mark.parametrize(
    ("body", "returns", "error"),
    [
        (boom, pa.int64(), "boom"),
        (lambda array: pa.array([1] * len(array)), pa.string(), "expected Utf8 but found Int64"),
    ],
)
def test_a_function_that_plans_and_fails_at_run_time_is_told(
    body: Callable[..., pa.Array], returns: pa.DataType, error: str
) -> None:
    found = probed(function("fails", [pa.int64()]), registered("fails", body, returns))
    assert found.error is not None
    assert error in found.error


@pytest.mark.parametrize(
    ("name", "returned"),
    [
        ("lower", pa.string()),
        ("sum", pa.decimal128(38, 10)),
        ("sum", pa.float64()),
        ("make_date", pa.date32()),
        ("make_time", pa.time32("s")),
        ("string_to_array", pa.list_(pa.string())),
        ("range", pa.list_(pa.date32())),
        ("random", pa.float64()),
        ("row_number", pa.uint64()),
        ("now", pa.timestamp("ns")),
    ],
)
def test_without_promised_arguments_all_overloads_answer(name: str, returned: pa.DataType) -> None:
    found = probed(function(name, returns=returned))
    assert found.error is None
    assert returned in found.returns


@pytest.mark.parametrize("name", ["arrow_typeof", "map_entries", "array_agg", "date_part"])
def test_what_the_engine_does_not_say_needs_promised_arguments(name: str) -> None:
    found = probed(function(name, returns=pa.string()))
    assert found.error == "the engine does not say what it returns; promise its `arguments`, too"


def test_every_return_type_that_the_engine_lists_is_understood() -> None:
    listed = [facts for facts in INVENTORY if any(each.returns for each in facts.signatures)]
    probes = {
        facts.name: probe_function(CONTEXT, function(facts.name, returns=pa.null()), INVENTORY)
        for facts in listed
    }
    assert len(listed) > 100
    assert [name for name, each in probes.items() if each is None or each.error is not None] == []


ARGUMENTS = st.recursive(
    st.sampled_from([pa.int64(), pa.string(), pa.bool_(), pa.date32(), pa.binary()]),
    lambda inner: st.one_of(
        inner.map(pa.list_),
        inner.map(lambda type_: pa.struct([pa.field('a"b', type_, nullable=False)])),
        inner.map(lambda type_: pa.map_(pa.string(), type_)),
        inner.map(
            lambda type_: pa.dictionary(pa.int32(), type_) if type_ == pa.string() else type_
        ),
    ),
    max_leaves=4,
)


@settings(deadline=None, max_examples=40)
@given(ARGUMENTS)
def test_an_argument_may_be_of_any_type(type_: pa.DataType) -> None:
    found = probe_function(CONTEXT, function("arrow_typeof", [type_]), INVENTORY)
    assert found is not None
    assert (found.error, found.returns) == (None, (pa.string(),))
    assert not CONTEXT.table_exist("__cst_arguments")


def test_a_function_that_does_not_answer_in_time_is_not_taken_for_one_that_refuses() -> None:
    context = registered("late", lambda column: column)
    wanted = function("late", [pa.int64()], pa.int64())
    inventory = function_inventory(context)

    with waiting_at_most(1e-9), pytest.raises(IntrospectionError, match="longer than") as error:
        probe_function(context, wanted, inventory)

    assert error.value.trouble is Trouble.SLOW
