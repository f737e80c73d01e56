"""Constraints of a Delta log and rules of a contract, compared by what they say."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from support.observing import answered, observer_over, registry_of

from cst_contracts.contract.model import RuleContract, SourceContract, SourceFormat
from cst_contracts.contract.relations import Relations
from cst_contracts.facts import ConstraintKind, EnforcementFacts
from cst_contracts.location import Location
from cst_contracts.needs import EnforcementNeed

AT = Location("contracts/t.yaml", 1, 1)
ROWS = pa.table(
    {
        "a": [1],
        "b": [2],
        "s": ["x"],
        "Mixed": [1],
        "two words": [1],
        "st": [{"x": 1}],
    }
)


def looked_at(table: Path, *rules: str) -> EnforcementFacts:
    need = EnforcementNeed("t", tuple(RuleContract(sql, sql, AT) for sql in rules))
    source = SourceContract(SourceFormat.DELTA, AT, table.name)
    registry = registry_of(Relations({"t": source}, {}, {}), table.parent)
    facts = answered(observer_over(registry), need)
    assert facts is not None
    return facts


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write_deltalake(tmp_path / "t", ROWS)
    return tmp_path / "t"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a > 0", "0 < a"),
        ("a > 0", "NOT (a <= 0)"),
        ("a > 0 AND b > 0", "b > 0 and (a > 0)"),
        ("a BETWEEN 1 AND 5", "a <= 5 AND a >= 1"),
        ("s IN ('x', 'y')", "s = 'y' OR s = 'x'"),
        ("s IN ('1','2','3','4','5')", "s IN ('5','4','3','2','1')"),
        ("a != 1", "a <> 1"),
        ("length(s) > 0", "char_length(s) > 0"),
        ("st['x'] > 0", "get_field(st, 'x') > 0"),
        ("a IS NOT NULL", "NOT (a IS NULL)"),
        ("a > 0 AND (b > 0 AND s = 'x')", "(a > 0 AND b > 0) AND s = 'x'"),
    ],
)
def test_the_same_in_other_words_has_the_same_terms(table: Path, one: str, other: str) -> None:
    rules = looked_at(table, one, other).rules
    assert rules[one].refusal is rules[other].refusal is None
    assert rules[one].terms == rules[other].terms != frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a > 0", "a >= 0"),
        ("a > 0", "b > 0"),
        ("a > 0 AND b > 0", "a > 0 OR b > 0"),
        ("s IN ('1','2','3','4','5')", "s NOT IN ('1','2','3','4','5')"),
        ("a > 0", "a > 0 OR a IS NULL"),
        ("true", "false"),
    ],
)
def test_what_says_something_else_has_other_terms(table: Path, one: str, other: str) -> None:
    rules = looked_at(table, one, other).rules
    assert rules[one].terms != rules[other].terms


@pytest.mark.parametrize("sql", ["no_such_function(a) > 0", "nope > 0", "a", "a >"])
def test_what_the_planner_does_not_understand_says_so(table: Path, sql: str) -> None:
    condition = looked_at(table, sql).rules[sql]
    assert condition.refusal
    assert condition.terms == frozenset()


def test_check_constraints_are_read_as_the_log_spells_names(table: Path) -> None:
    delta = DeltaTable(table)
    delta.alter.add_constraint({"both": "a > 0 AND b > 0"})
    delta.alter.add_constraint({"mixed": '"Mixed" > 0'})
    delta.alter.add_constraint({"spaced": '"two words" > 0'})
    facts = looked_at(table, '"Mixed" > 0', '"two words" > 0', "a > 0")
    found = {each.logged.name: each for each in facts.constraints}
    assert {each.logged.kind for each in found.values()} == {ConstraintKind.CHECK}
    assert found["mixed"].condition.terms == facts.rules['"Mixed" > 0'].terms
    assert found["spaced"].condition.terms == facts.rules['"two words" > 0'].terms
    assert found["both"].condition.terms > facts.rules["a > 0"].terms


def test_invariants_and_generated_columns_are_constraints(table: Path) -> None:
    log = table / "_delta_log" / f"{0:020}.json"
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    for entry in entries:
        if "protocol" in entry:
            entry["protocol"] = {"minReaderVersion": 1, "minWriterVersion": 4}
        if "metaData" in entry:
            schema = json.loads(entry["metaData"]["schemaString"])
            by_name = {field["name"]: field for field in schema["fields"]}
            invariant = {"expression": {"expression": "Mixed > 0"}}  # as Spark writes it
            by_name["Mixed"]["metadata"] = {"delta.invariants": json.dumps(invariant)}
            by_name["b"]["metadata"] = {"delta.generationExpression": "a + a"}
            entry["metaData"]["schemaString"] = json.dumps(schema)
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    facts = looked_at(table, '"Mixed" > 0', "b = a + a")
    found = {each.logged.kind: each for each in facts.constraints}
    assert found[ConstraintKind.INVARIANT].condition.terms == facts.rules['"Mixed" > 0'].terms
    assert found[ConstraintKind.GENERATED].condition.terms == facts.rules["b = a + a"].terms
    assert found[ConstraintKind.GENERATED].logged.name == "b"


def test_what_has_no_log_holds_writers_to_nothing(tmp_path: Path) -> None:
    pq.write_table(ROWS, tmp_path / "t.parquet")
    source = SourceContract(SourceFormat.PARQUET, AT, "t.parquet")
    registry = registry_of(Relations({"t": source}, {}, {}), tmp_path)
    assert answered(observer_over(registry), EnforcementNeed("t", ())) is None


def test_delta_s_constraints_come_in_the_order_of_their_names(table: Path) -> None:
    delta = DeltaTable(table)
    for name in ("z", "a", "m"):
        delta.alter.add_constraint({name: "a > 0"})
    assert [each.logged.name for each in looked_at(table).constraints] == ["a", "m", "z"]
