"""Rules of a contract, and what a Delta log holds its writers to."""

import pyarrow as pa
import pytest
from cst_contracts.checks.evaluate import evaluate

from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Broken, Kept, Observation, Vacuous, Verdict
from cst_contracts.contract.parse import parse_contract
from cst_contracts.facts import (
    Condition,
    ConstraintFacts,
    ConstraintKind,
    EnforcementFacts,
    LoggedConstraint,
    TableFacts,
)
from cst_contracts.report.promise import findings_of

PLAIN = "source: {format: delta, location: t}\n"
STRICT = "source: {format: delta, location: t, extra_constraints: forbid}\n"
TEXT = """\
table: t
{source}fields: [{{name: a, type: int64, nullable: false}}, {{name: b, type: int64}}]
{rules}
"""
SCHEMA = pa.schema([pa.field("a", pa.int64(), nullable=False), pa.field("b", pa.int64())])


def condition(*terms: str, refusal: str | None = None) -> Condition:
    return Condition(" AND ".join(terms), frozenset(() if refusal else terms), refusal)


def check_constraint(name: str, *terms: str, refusal: str | None = None) -> ConstraintFacts:
    found = condition(*terms, refusal=refusal)
    return ConstraintFacts(LoggedConstraint(ConstraintKind.CHECK, name, found.sql), found)


def judged(
    rules: dict[str, Condition],
    *constraints: ConstraintFacts,
    source: str = PLAIN,
    enforced: bool = True,
) -> Verdict:
    listed = ", ".join(
        f"{{name: {name}, sql: '{each.sql}', enforced: {str(enforced).lower()}}}"
        for name, each in rules.items()
    )
    text = TEXT.format(source=source, rules=f"rules: [{listed}]")
    checks = {check.id: check for check in plan(parse_contract(text.encode(), "contracts/t.yaml"))}
    not_null = {name: condition(f"t.{name} IS NOT NULL") for name in SCHEMA.names}
    facts = TableFacts("t", "delta", SCHEMA, stored_schema=SCHEMA)
    enforcement = EnforcementFacts(constraints, rules, not_null)
    return evaluate(checks["delta[constraints]"], Observation(table=facts, enforcement=enforcement))


def red(verdict: Verdict) -> list[tuple[str, str]]:
    found = verdict.findings if isinstance(verdict, Broken) else ()
    return [(each.code.value, each.observed) for each in found]


def test_a_rule_and_its_constraint_are_kept_and_not_told() -> None:
    verdict = judged({"r": condition("a > 0")}, check_constraint("c", "a > 0"))
    assert isinstance(verdict, Kept)
    assert verdict.notes == ()


def test_several_constraints_enforce_one_rule_and_one_constraint_several_rules() -> None:
    parts = check_constraint("c", "a > 0"), check_constraint("d", "b > 0")
    assert red(judged({"r": condition("a > 0", "b > 0")}, *parts, source=STRICT)) == []
    rules = {"r": condition("a > 0"), "s": condition("b > 0")}
    assert red(judged(rules, check_constraint("c", "a > 0", "b > 0"), source=STRICT)) == []


def test_a_rule_of_which_only_a_part_is_enforced_is_not() -> None:
    verdict = judged({"r": condition("a > 0", "b > 0")}, check_constraint("c", "a > 0"))
    assert red(verdict) == [("rule-not-enforced", "the log enforces only a part of it, not b > 0")]


def test_what_the_log_has_instead_is_told() -> None:
    verdict = judged({"r": condition("a > 0")}, check_constraint("c", "a >= 0"))
    assert red(verdict) == [
        ("rule-not-enforced", "no such constraint; the log has CHECK constraint c: a >= 0")
    ]


def test_not_null_in_the_log_enforces_a_rule() -> None:
    assert red(judged({"r": condition("t.a IS NOT NULL")})) == []
    assert [code for code, _ in red(judged({"r": condition("t.b IS NOT NULL")}))] == [
        "rule-not-enforced"
    ]


def test_a_check_of_not_null_is_promised_by_the_field() -> None:
    promised = check_constraint("c", "t.a IS NOT NULL")
    assert red(judged({}, promised, source=STRICT)) == []
    unpromised = check_constraint("c", "t.b IS NOT NULL")
    assert [code for code, _ in red(judged({}, unpromised, source=STRICT))] == [
        "constraint-unpromised"
    ]


def test_a_constraint_that_the_engine_cannot_read_is_never_taken_for_another() -> None:
    unread = check_constraint("c", "spark_only(a)", refusal="no such function")
    assert red(judged({"r": condition("a > 0")}, unread, source=STRICT)) == [
        (
            "rule-not-enforced",
            "no such constraint; the log has CHECK constraint c: spark_only(a) "
            "(the engine cannot read it: no such function)",
        ),
        (
            "constraint-unpromised",
            "CHECK constraint c: spark_only(a) (the engine cannot read it: no such function)",
        ),
    ]
    same = condition("spark_only(a)", refusal="no such function")
    assert red(judged({"r": same}, unread, source=STRICT)) == []
    other = condition("nope(a)", refusal="no such function")
    assert red(judged({"r": other}, unread))[0] == (
        "rule-not-enforced",
        "the engine cannot compare it: no such function",
    )


@pytest.mark.parametrize("source", [PLAIN, STRICT])
def test_a_rule_that_need_not_be_enforced_is_told(source: str) -> None:
    verdict = judged({"r": condition("a > 0")}, source=source, enforced=False)
    assert isinstance(verdict, Kept)
    assert [each.code.value for each in verdict.notes] == ["rule-not-enforced"]


def test_where_nothing_is_promised_or_enforced_there_is_nothing_to_compare() -> None:
    verdict = judged({})
    assert isinstance(verdict, Vacuous)
    assert verdict.allowed
    assert [each.code.value for each in findings_of(verdict)] == ["no-constraints"]
