"""Promises that say nothing, or that nobody can keep, are named with the reason and the line."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from cst_contracts.contract.model import RuleContract
from cst_contracts.location import Location
from cst_contracts.proof.columns import Value
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.rules import truths
from cst_contracts.proof.score import Outcome, Proof, Score

SURVIVED, UNKEPT, UNBREAKABLE = Outcome.SURVIVED, Outcome.UNKEPT, Outcome.UNBREAKABLE
VAIN = """
table: t
fields:
  - {name: a, type: int64}
  - {name: b, type: bool}
keys: [[a], [a, b]]
rules:
  - {name: always, sql: a = a}
  - {name: loose, sql: a < 100}
  - {name: tight, sql: a < 10}
  - {name: never, sql: a > 5 AND a IS NULL}
"""


def left(score: Score) -> list[Proof]:
    return [each for each in score.proofs if each.outcome is not Outcome.KILLED]


def test_promises_that_say_nothing_are_held_against_the_contract(
    proven: Callable[..., Score],
) -> None:
    score = proven(VAIN, "unique[", "rule[")
    whys = [
        ("unique[a,b]", 6, SURVIVED, "implied by unique[a], which is unique by fewer fields"),
        (
            "rule[always]",
            8,
            SURVIVED,
            "no row that was tried makes it false: it is true, or NULL, whatever the fields hold",
        ),
        ("rule[loose]", 9, SURVIVED, "implied by rule[tight]: false only where that is"),
        ("rule[never]", 11, UNKEPT, "none of 2048 rows that were tried makes rule[never] true"),
    ]
    assert [(each.check, each.place.line, each.outcome, each.why) for each in left(score)] == whys
    assert (score.killed, score.counted, score.percent) == (2, 6, 33)
    assert not score.complete


@pytest.mark.parametrize(
    ("contract", "check", "outcome", "why"),
    [
        (
            "table: t\nfields: [{name: a, type: string, nullable: false}]\n"
            "source: {format: csv, location: t}\n",
            "field[a]",
            UNBREAKABLE,
            "whatever stands in CSV is text",
        ),
        (
            "table: t\nfields: [{name: a, type: int64}]\n"
            "source: {format: parquet, location: t, allow_empty: true}\n",
            "rows",
            UNBREAKABLE,
            "`allow_empty` lets a table without rows keep it",
        ),
        (
            "table: t\nfields: [{name: a, type: int64}]\nextra_fields: allow\nfield_order: any\n",
            "fields",
            UNBREAKABLE,
            "`extra_fields: allow` and `field_order: any` let any others be there, in any order",
        ),
        (
            "table: t\nfields: [{name: a, type: int64, max_nulls: 900}]\n",
            "nulls[a]",
            UNBREAKABLE,
            "at most 900 may break it, and the rows that were made are no more than that",
        ),
        (
            "table: t\nfields: [{name: a, type: int64}]\nfunctions: [no_such_function]\n",
            "function[no_such_function]",
            UNKEPT,
            "no such function [function-missing]",
        ),
    ],
)
def test_what_cannot_be_broken_or_kept_says_why(
    proven: Callable[..., Score], contract: str, check: str, outcome: Outcome, why: str
) -> None:
    (proof,) = (each for each in left(proven(contract, check)) if each.outcome is outcome)
    assert proof.check == check
    assert proof.why == why


def test_a_key_that_leads_into_lists_follows_from_none_of_its_rows(
    proven: Callable[..., Score],
) -> None:
    text = """
table: t
fields:
  - {name: a, type: int64}
  - {name: b, type: "list<struct<c: int64>>"}
keys: [[a], [a, "b[].c"]]
"""
    assert left(proven(text, "unique[")) == []


def test_contradicting_rules_are_told_with_each_other(proven: Callable[..., Score]) -> None:
    rules = "rules: [{name: high, sql: a > 30}, {name: low, sql: a < 20}]\n"
    score = proven(f"table: t\nfields: [{{name: a, type: int64}}]\n{rules}", "rule[")
    (proof,) = left(score)
    assert (proof.check, proof.outcome) == ("rule[low]", UNKEPT)
    assert proof.place == Location("t.yaml", 3, 36)
    assert proof.why == "none of 2048 rows that were tried keeps rule[low] together with rule[high]"


def test_what_limits_of_fields_imply_or_contradict_is_told_with_these(
    proven: Callable[..., Score],
) -> None:
    text = """
table: t
fields:
  - {name: n, type: int64, minimum: 0}
  - {name: kind, type: string, nullable: false, enum: [a, b]}
rules:
  - {name: implied, sql: n >= 0}
  - {name: wider, sql: "kind IN ('a', 'b', 'c')"}
  - {name: there, sql: kind IS NOT NULL}
  - {name: against, sql: n < 0}
  - {name: both, sql: "n < 0 AND kind = 'c'"}
"""
    whys = {each.check: (each.outcome, each.why) for each in left(proven(text, "rule["))}
    never = (
        "none of 2048 rows that were tried makes rule[against] (true only where range[n] is broken) or "
        "rule[both] (true only where range[n] and enum[kind] are broken) true"
    )
    assert whys == {
        "rule[implied]": (SURVIVED, "implied by range[n]: false only where range[n] is broken"),
        "rule[wider]": (SURVIVED, "implied by enum[kind]: false only where enum[kind] is broken"),
        "rule[there]": (SURVIVED, "implied by nulls[kind]: false only where nulls[kind] is broken"),
        "rule[against]": (UNKEPT, never),
        "rule[both]": (UNKEPT, never),
    }


def test_a_young_row_stands_beside_rules_nulls_and_aggregates(proven: Callable[..., Score]) -> None:
    """A time that is promised to be young is tied to others by rules, and may not be null; groups are broken
    whose fields rules are about, too."""
    text = """
table: t
fields:
  - {name: id, type: int64, nullable: false}
  - {name: person, type: int64}
  - {name: kind, type: string, nullable: false}
  - {name: at, type: "timestamp[us, tz=UTC]", nullable: false}
  - {name: day, type: "date32[day]", nullable: false}
  - {name: sent, type: "timestamp[us, tz=UTC]"}
keys: [[id]]
freshness: {field: at, within: 1d}
rules:
  - {name: of_its_day, sql: day = CAST(at AS date)}
  - {name: sent_later, sql: sent IS NULL OR sent >= at}
  - {name: known, sql: "kind <> 'login' OR person IS NOT NULL"}
aggregates:
  - {name: enough, sql: count(*) >= 3}
  - {name: one_start, sql: "count(*) FILTER (WHERE kind = 'start') <= 1", per: [person]}
"""
    asked = ("nulls[at]", "freshness[", "rule[", "aggregate[")
    score = proven(text, *asked)
    assert left(score) == []
    assert score.counted == 7


def test_what_no_rows_keep_is_told_alone_and_all_else_is_proven(
    proven: Callable[..., Score],
) -> None:
    """A rule about no field ends no proof, nor does an aggregate that contradicts a limit."""
    text = """
table: t
fields:
  - {name: n, type: int64, minimum: 0}
  - {name: m, type: int64}
rules:
  - {name: idle, sql: 1 = 1}
  - {name: unknown, sql: "NULL"}
  - {name: above, sql: m > 10}
aggregates:
  - {name: few, sql: sum(m) < 1000}
  - {name: below, sql: sum(n) < 0}
  - {name: beyond, sql: count(unpromised) > 0}
"""
    idle = "it names no field of the table, so that it says nothing of any row"
    score = proven(text, "rule[", "aggregate[", "range[")
    (beyond,) = [each for each in left(score) if each.check == "aggregate[beyond]"]
    assert (beyond.outcome, beyond.place.line) == (UNKEPT, 13)
    assert beyond.why.startswith("the engine refuses it: ")
    others = [each for each in left(score) if each != beyond]
    assert {each.check: (each.outcome, each.place.line, each.why) for each in others} == {
        "rule[idle]": (UNKEPT, 7, idle),
        "rule[unknown]": (UNKEPT, 8, idle),
        "aggregate[below]": (
            UNKEPT,
            12,
            "no rows were found that keep aggregate[below] with all else",
        ),
    }
    assert score.counted == 7


def test_a_rule_about_a_field_of_a_struct_is_null_where_the_struct_is() -> None:
    """As where rows are read from Parquet."""
    inner = pa.struct([("b", pa.int64())])
    schema = pa.schema([("st", pa.struct([("a", pa.int32()), ("in", inner)]))])
    sql = ("st['a'] > 5", "st['in']['b'] > 5")
    rules = [RuleContract(f"r{n}", each, Location("t.yaml", 1, 1)) for n, each in enumerate(sql)]
    values: list[Value] = [None, {"a": 1, "in": None}, {"a": None, "in": {"b": 9}}]

    rows = Rows(schema, {"st": values})

    assert rows.table().to_pylist() == [{"st": each} for each in values]
    assert truths("t", rows.table(), rules) == ((None, None), (False, None), (None, True))
