"""Is a required function in the session, of its kind, taking and returning the promised types?"""

import pyarrow as pa
import pytest
from support.answers import Answered, checks_of

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.functions import FunctionAvailable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Verdict
from cst_contracts.facts import Basis, CouldNotLook, FunctionFacts, FunctionProbe, SessionFacts
from cst_contracts.location import Location
from cst_contracts.needs import FunctionNeed, SessionNeed

PLACE = Location("contracts/t.yaml", 3, 5)
LISTED = FunctionFacts("f", "scalar", deterministic=True)
NEIGHBOUR = FunctionFacts("arrow_typeof", "scalar", deterministic=True)


def judged(function: str, *listed: FunctionFacts, probe: FunctionProbe | None = None) -> Verdict:
    """Of a function that the contract's third line writes."""
    return answered(function, SessionFacts({}, listed), probe)


def answered(
    function: str, session: SessionFacts | CouldNotLook, probe: FunctionProbe | CouldNotLook | None
) -> Verdict:
    (check, *_) = checks_of(f"session: s\nfunctions:\n  - {function}\n").values()
    assert isinstance(check, FunctionAvailable)
    return check.judge(Answered({SessionNeed(): session, FunctionNeed(check.function): probe}))


def only_finding(verdict: Verdict) -> Finding:
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert finding.place == PLACE
    return finding


def test_a_listed_function_is_kept() -> None:
    assert judged("f", LISTED) == Kept(Basis.PLAN)


def test_a_function_that_nobody_lists_is_red_with_the_nearest_name() -> None:
    finding = only_finding(judged("arow_typeof", NEIGHBOUR))
    assert finding.code is FindingCode.FUNCTION_MISSING
    assert (finding.subject, finding.promised, finding.observed) == (
        "arow_typeof",
        "a function of the session",
        "no such function",
    )
    assert finding.hint == "did you mean `arrow_typeof`?"
    assert only_finding(judged("f")).hint == "register it where the session is made"


def test_a_missing_function_that_was_called_says_what_the_engine_said() -> None:
    probe = FunctionProbe("f(int64)", (), "Invalid function 'f'")
    finding = only_finding(judged("{name: f, arguments: [int64]}", probe=probe))
    assert finding.code is FindingCode.FUNCTION_MISSING
    assert finding.observed == "`f(int64)` does not run: Invalid function 'f'"


def test_a_function_that_only_the_planner_knows_is_kept_by_its_call() -> None:
    probe = FunctionProbe("SELECT unnest([1])", (pa.int64(),), kind="table")
    assert judged("{name: unnest, kind: table}", probe=probe) == Kept(Basis.SCAN)
    wrong = judged("{name: unnest, kind: window}", probe=probe)
    assert only_finding(wrong).code is FindingCode.FUNCTION_KIND


def test_a_function_of_another_kind_is_red() -> None:
    window = FunctionFacts("f", "window", deterministic=True)
    finding = only_finding(judged("{name: f, kind: aggregate}", LISTED, window))
    assert (finding.code, finding.subject) == (FindingCode.FUNCTION_KIND, "f")
    assert (finding.promised, finding.observed) == ("aggregate", "scalar, window")
    assert judged("{name: f, kind: window}", LISTED, window) == Kept(Basis.PLAN)


def test_a_function_of_another_kind_is_not_blamed_for_its_call_too() -> None:
    probe = FunctionProbe("f(int64)", (), "not an aggregate")
    function = "{name: f, kind: aggregate, arguments: [int64]}"
    assert only_finding(judged(function, LISTED, probe=probe)).code is FindingCode.FUNCTION_KIND


def test_a_function_that_does_not_take_the_promised_arguments_is_red() -> None:
    function = "{name: f, arguments: [int64, map]}"
    probe = FunctionProbe("f(int64, map)", (), "no overload")
    finding = only_finding(judged(function, LISTED, probe=probe))
    assert finding.code is FindingCode.FUNCTION_ARGUMENTS
    assert (finding.promised, finding.observed) == ("`f(int64, map)` runs", "no overload")
    ran = FunctionProbe("f(int64, map)", (pa.int64(),))
    assert judged(function, LISTED, probe=ran) == Kept(Basis.SCAN)


LISTS = (
    pa.list_(pa.int8()),
    pa.large_list(pa.int8()),
    pa.list_view(pa.int8()),
    pa.large_list_view(pa.int8()),
    pa.list_(pa.int8(), 2),
)
MAP, STRUCT = pa.map_(pa.string(), pa.int8()), pa.struct([("a", pa.int8())])


@pytest.mark.parametrize(
    ("returns", "returned"),
    [
        *(("list", each) for each in LISTS),
        ("map", MAP),
        ("struct", STRUCT),
        ("string", pa.string_view()),
        ("int64", pa.int64()),
        ("list<int8>", LISTS[1]),
    ],
    ids=str,
)
def test_a_function_that_returns_the_promised_type_or_family_is_kept(
    returns: str, returned: pa.DataType
) -> None:
    probe = FunctionProbe("f(…)", (pa.null(), returned))
    assert judged(f"{{name: f, returns: {returns}}}", LISTED, probe=probe) == Kept(Basis.SCAN)


@pytest.mark.parametrize(
    ("returns", "returned", "observed"),
    [
        ("list", (MAP,), "it returns map<string, int8>"),
        ("map", (LISTS[0],), "it returns list<item: int8>"),
        ("struct", (MAP,), "it returns map<string, int8>"),
        ("int64", (pa.int32(), pa.string()), "it returns int32 or string"),
    ],
)
def test_a_function_that_returns_another_type_is_red(
    returns: str, returned: tuple[pa.DataType, ...], observed: str
) -> None:
    probe = FunctionProbe("f(…)", returned)
    finding = only_finding(judged(f"{{name: f, returns: {returns}}}", LISTED, probe=probe))
    assert finding.code is FindingCode.FUNCTION_RETURNS
    assert (finding.promised, finding.observed) == (f"`f(…)` returns {returns}", observed)


@pytest.mark.parametrize("function", ["f", "{name: f, arguments: [], returns: list}"])
def test_without_a_session_a_function_is_undecided(function: str) -> None:
    verdict = answered(function, CouldNotLook("information_schema is off"), None)
    finding = Finding(
        FindingCode.SESSION_UNREADABLE,
        PLACE,
        "f",
        "a session to ask",
        "information_schema is off",
    )
    assert verdict == Undecided(finding)


@pytest.mark.parametrize("promise", ["arguments: []", "returns: int64"])
def test_a_promised_signature_that_nobody_called_is_a_bug_and_never_kept(promise: str) -> None:
    with pytest.raises(AssertionError, match="without a call"):
        judged(f"{{name: f, {promise}}}", LISTED)


def test_a_function_that_could_not_be_called_is_undecided() -> None:
    verdict = answered("f", SessionFacts({}, (LISTED,)), CouldNotLook("no thread"))
    finding = Finding(FindingCode.SESSION_UNREADABLE, PLACE, "f", "a session to ask", "no thread")
    assert verdict == Undecided(finding)


def test_a_function_that_stands_for_one_of_the_engines_own_is_red() -> None:
    finding = only_finding(answered("f", SessionFacts({}, (LISTED,), shadowed=("f",)), None))
    assert (finding.code, finding.promised) == (
        FindingCode.SHADOWED_FUNCTION,
        "the engine's own `f`",
    )


def test_arguments_that_the_engine_casts_are_not_the_promised_ones_of_an_added_function() -> None:
    function = "{name: f, arguments: [int32]}"
    probe = FunctionProbe("f(int32)", (pa.int64(),), casts={0: pa.int64()})
    added = SessionFacts({}, (LISTED,), added=("f",))
    finding = only_finding(answered(function, added, probe))
    assert (finding.code, finding.promised, finding.observed) == (
        FindingCode.FUNCTION_ARGUMENTS,
        "`f(int32)` takes int32 as argument 1",
        "it takes int64, which the engine casts to",
    )
    assert judged(function, LISTED, probe=probe) == Kept(Basis.SCAN)
