"""Rules of a contract, and what a Delta log holds its writers to."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from support.answers import Answered, checks_of, judged_by

from cst_contracts.checks.delta.constraints import DeltaConstraints
from cst_contracts.checks.verdict import Broken, Cause, Kept, Undecided, Vacuous, Verdict
from cst_contracts.facts import (
    Condition,
    ConstraintFacts,
    ConstraintKind,
    CouldNotLook,
    DeltaFacts,
    EnforcementFacts,
    LoggedConstraint,
    SourceFacts,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import EnforcementNeed, SchemaNeed, SourceNeed

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
    check = checks_of(text)["delta[constraints]"]
    assert isinstance(check, DeltaConstraints)
    not_null = {name: condition(f"t.{name} IS NOT NULL") for name in SCHEMA.names}
    facts = TableFacts("t", "delta", SCHEMA, stored_schema=SCHEMA)
    enforcement = EnforcementFacts(constraints, rules, not_null)
    log = EnforcementNeed("t", check.rules)
    return check.judge(Answered({SchemaNeed("t"): facts, log: enforcement}))


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


def test_what_nobody_promised_is_red_behind_what_rules_and_fields_promise() -> None:
    promised = check_constraint("c", "a > 0"), check_constraint("d", "t.a IS NOT NULL")
    logged = *promised, check_constraint("e", "b > 0"), check_constraint("f", "b > 1")
    told = judged({"r": condition("a > 0")}, *logged)
    assert isinstance(told, Kept)
    forbidden = judged({"r": condition("a > 0")}, *logged, source=STRICT)
    assert isinstance(forbidden, Broken)
    for findings, hint in (
        (told.notes, "promise it under `rules`; `extra_constraints: forbid` makes this red"),
        (forbidden.findings, "promise it under `rules`"),
    ):
        assert [(each.subject, each.observed, each.hint) for each in findings] == [
            ("t.e", "CHECK constraint e: b > 0", hint),
            ("t.f", "CHECK constraint f: b > 1", hint),
        ]
        assert {each.promised for each in findings} == {"constraints that a rule promises"}


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
    assert red(judged({"r": same}, unread, check_constraint("d", "b > 0"), source=STRICT)) == [
        ("constraint-unpromised", "CHECK constraint d: b > 0")
    ]
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
    assert verdict.finding.code.value == "no-constraints"


PINNED = PLAIN.replace("location: t", "location: t, as_of: {version: 3}")
DATED = PLAIN.replace("location: t", "location: t, as_of: {timestamp: 2026-01-01T00:00:00Z}")


OURS = SourceFacts(supplied=False)


def version_read(
    answer: TableFacts | CouldNotLook, source: str = PINNED, read: SourceFacts = OURS
) -> Verdict:
    text = TEXT.format(source=source, rules="")
    return judged_by(text, "delta[as_of]", {SchemaNeed("t"): answer, SourceNeed("t"): read})


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.VERSION_ABSENT, "version-missing"),
        (Trouble.VERSION_VACUUMED, "version-vacuumed"),
        (Trouble.VERSION_TOO_OLD, "time-before-history"),
    ],
)
def test_a_version_that_cannot_be_had_is_red_where_the_contract_names_it(
    trouble: Trouble, code: str
) -> None:
    verdict = version_read(CouldNotLook("gone", "t", trouble=trouble))
    assert red(verdict) == [(code, "gone")]
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.promised, finding.place) == ("version 3", Location("contracts/t.yaml", 2, 38))


def test_a_version_of_another_table_is_told_by_that_one() -> None:
    verdict = version_read(CouldNotLook("gone", "u", trouble=Trouble.VERSION_ABSENT))
    assert isinstance(verdict, Undecided)
    assert verdict.cause is not None
    assert (verdict.cause.table, verdict.cause.check) == ("u", "delta[as_of]")


def test_a_time_past_the_last_commit_is_told_and_not_red() -> None:
    delta = DeltaFacts(7, 7, latest_time=datetime(2025, 5, 1, tzinfo=UTC))
    facts = TableFacts("t", "delta", SCHEMA, delta=delta)
    verdict = version_read(facts, DATED)
    assert isinstance(verdict, Kept)
    (note,) = verdict.notes
    assert (note.code.value, note.observed) == (
        "time-after-history",
        "version 7, the latest, of 2025-05-01T00:00:00+00:00",
    )
    assert version_read(facts) == Kept(verdict.basis)


@pytest.mark.parametrize("source", [PINNED, DATED])
def test_another_version_that_the_session_reads_is_red_where_the_contract_names_one(
    source: str,
) -> None:
    facts = TableFacts("t", "delta", SCHEMA, delta=DeltaFacts(2, 7))
    read = SourceFacts(supplied=True, version=2, promised=3)
    verdict = version_read(facts, source, read)
    assert red(verdict) == [("source-differs", "the session reads version 2, and not 3")]
    assert isinstance(verdict, Broken)
    assert verdict.findings[0].place == Location("contracts/t.yaml", 2, 38)


def test_a_session_that_reads_no_version_is_told_by_its_source() -> None:
    read = SourceFacts(supplied=True, view=True, promised=3)
    verdict = version_read(TableFacts("t", "delta", SCHEMA), PINNED, read)
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "source")


def test_a_version_of_a_table_whose_log_nobody_knows_is_undecided() -> None:
    verdict = version_read(TableFacts("t", "session", SCHEMA))
    assert isinstance(verdict, Undecided)
    assert verdict.finding.code.value == "not-checkable"


@pytest.mark.parametrize("answer", [CouldNotLook("gone", "t"), None], ids=["trouble", "no-log"])
def test_constraints_that_nobody_can_look_at_are_undecided(answer: CouldNotLook | None) -> None:
    check = checks_of(TEXT.format(source=PLAIN, rules=""))["delta[constraints]"]
    known = {SchemaNeed("t"): TableFacts("t", "delta", SCHEMA), EnforcementNeed("t", ()): answer}
    verdict = check.judge(Answered(known))
    assert isinstance(verdict, Undecided)
    code = "not-checkable" if answer is None else "table-unreadable"
    assert verdict.finding.code.value == code
