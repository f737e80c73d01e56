"""What is explained: every finding, every kind of check, every outcome, each with every part."""

import pytest
from msgspec.structs import asdict

from cst_contracts.checks.check import INVALID_CHECK
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.explanations.explanation import Explanation
from cst_contracts.checks.explanations.kinds import KINDS
from cst_contracts.checks.explanations.outcomes import OUTCOMES
from cst_contracts.checks.explanations.topics import (
    FINDINGS,
    TOPICS,
    explanations_of,
    known_words,
    nearest_word,
)
from cst_contracts.checks.plan import KINDS as PLANNERS
from cst_contracts.checks.plan import Planner, plan
from cst_contracts.contract.parse import parse_contract
from cst_contracts.drift.rules import RULES
from cst_contracts.drift.verdicts import NoteCode
from cst_contracts.report.manifest_file import Outcome

#: Between them, they have a check of every kind.
CONTRACTS = (
    """\
table: t
source:
  format: delta
  location: t
  partitioned_by: [repo]
  ordered_by: [a]
  as_of: {version: 12}
  statistics: true
  pruning: true
  files: {codec: zstd}
fields: [{name: a, type: int64, nullable: false}, {name: repo, type: string}, {name: at, type: date32}]
freshness: {field: at, within: 7d, zone: UTC}
metadata: {schema_name: t}
keys: [[a]]
references: [{fields: [a], table: u, to: [b]}]
rules: [{name: forward, sql: a > 0}]
aggregates: [{name: many, sql: count(*) > 9}]
views: [{name: v, sql: SELECT a FROM t}]
queries: [{name: q, sql: SELECT a FROM t}]
interop: [polars]
""",
    """\
table: u
source: {format: json, location: u.json, unbounded: true}
fields:
  - {name: b, type: int64, minimum: 0}
  - {name: c, type: string, enum: [x], pattern: x, max_length: 1}
""",
    """\
session: s
preset: cst
catalog: {location: artifacts, format: parquet}
functions: [arrow_typeof]
""",
)
PROMISED = [
    parse_contract(text.encode(), f"{number}.yaml") for number, text in enumerate(CONTRACTS)
]
CHECKS = [check for contract in PROMISED for check in plan(contract)]
ALL = [(name, each) for topic in TOPICS.values() for name, each in topic.items()]


@pytest.mark.parametrize("planner", PLANNERS)
def test_the_contracts_of_this_test_have_checks_of_every_kind(planner: Planner) -> None:
    assert [check for contract in PROMISED for check in planner(contract)]


@pytest.mark.parametrize("id_", {check.id: None for check in CHECKS})
def test_every_check_is_explained_by_its_kind_alone(id_: str) -> None:
    (name,) = explanations_of(id_)

    assert name.partition("[")[0] == id_.partition("[")[0]
    assert name in KINDS


def test_no_kind_is_explained_that_no_check_is_of() -> None:
    used = {name for check in CHECKS for name in explanations_of(check.id)}

    assert used == set(KINDS) - {INVALID_CHECK}


def test_every_code_and_every_outcome_is_explained_and_nothing_else() -> None:
    assert list(FINDINGS) == [code.value for code in FindingCode]
    assert list(OUTCOMES) == [outcome.value for outcome in Outcome]


def test_every_rule_about_changes_and_every_word_of_the_gate_is_explained() -> None:
    assert set(RULES) <= set(TOPICS["Changes"])
    for code in NoteCode:
        assert explanations_of(code)


@pytest.mark.parametrize(("name", "explanation"), ALL, ids=[name for name, _ in ALL])
def test_every_part_is_said_in_sentences(name: str, explanation: Explanation) -> None:
    parts = asdict(explanation)
    example = parts.pop("example")

    assert example.strip() == example != ""
    for part, text in parts.items():
        assert text.endswith("."), f"{part} of {name}"
        assert not text[0].islower(), f"{part} of {name}"
        assert "\n" not in text
        assert "  " not in text


def test_no_name_is_used_twice() -> None:
    names = [name for name, _ in ALL]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", [name for name, _ in ALL])
def test_a_name_is_found_and_explains_itself(name: str) -> None:
    assert list(explanations_of(name)) == [name]


def test_an_unknown_word_explains_nothing_and_has_a_nearest() -> None:
    assert explanations_of("null-value") == {}
    assert nearest_word("null-value") == "null-values"
    assert nearest_word("xyz") is None


def test_words_to_type_have_no_brackets() -> None:
    words = list(known_words())

    assert {"order", "nulls", "broken", "null-values"} <= set(words)
    assert not any("[" in word for word in words)
