"""What comes of violations that are counted, where the contract says how many may be there."""

from typing import Any

import pyarrow as pa
import pytest
from support.answers import checks_of, judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Vacuous, Verdict
from cst_contracts.contract.model import Severity
from cst_contracts.facts import (
    Basis,
    FilesFacts,
    KeyCount,
    NullCount,
    ReferenceCount,
    RowCount,
    RuleCount,
    TableFacts,
)
from cst_contracts.needs import AnyNeed, FilesNeed, RowCountNeed, RowNeed, SchemaNeed

TEXT = """\
table: t
source: {format: parquet, location: t}
fields:
  - {name: a, type: int64, max_nulls: 12%, severity: warn}
  - {name: l, type: list<struct>, fields: [{name: id, type: int64}]}
keys:
  - {fields: [a], severity: warn, at_most: 2}
  - {fields: ["l[].id"], at_most: 0.5%}
references:
  - {fields: [a], table: u, to: [c], severity: warn, at_most: 0.1%}
rules:
  - {name: positive, sql: a > 0, at_most: 3}
"""
FACTS = TableFacts(
    "t",
    "parquet",
    pa.schema([("a", pa.int64()), ("l", pa.list_(pa.struct([("id", pa.int64())])))]),
)
NULLS, KEY, ELEMENTS, REFERENCE, RULE = (
    "nulls[a]",
    "unique[a]",
    "unique[l[].id]",
    "reference[a→u.c]",
    "rule[positive]",
)


def judged(id_: str, found: object, rows: int) -> Verdict:
    known: dict[AnyNeed, Any] = {
        SchemaNeed("t"): FACTS,
        RowCountNeed("t"): RowCount(rows, Basis.SCAN),
        FilesNeed("t"): FilesFacts(1),
    }
    own = (need for need in checks_of(TEXT)[id_].needs() if isinstance(need, RowNeed))
    return judged_by(TEXT, id_, {**known, **dict.fromkeys(own, found)})


def finding(id_: str, code: FindingCode, promised: str, observed: str) -> Finding:
    check: Any = checks_of(TEXT)[id_]
    return Finding(code, check.place, check.subject, promised, observed)


CASES = [
    pytest.param(
        NULLS,
        NullCount(100, 12, rows=100),
        NullCount(100, 13, rows=100),
        FindingCode.NULL_VALUES,
        "at most 12% null",
        ("12 nulls among 100 (12%)", "13 nulls among 100 (13%)"),
        id="nulls, by a share",
    ),
    pytest.param(
        KEY,
        KeyCount(100, 2, 0),
        KeyCount(100, 3, 0),
        FindingCode.DUPLICATE_KEYS,
        "unique a; at most 2 may break it",
        ("2 more rows than keys, of 100", "3 more rows than keys, of 100"),
        id="keys, by a count",
    ),
    pytest.param(
        ELEMENTS,
        KeyCount(1000, 5, 0),
        KeyCount(999, 5, 0),
        FindingCode.DUPLICATE_KEYS,
        "unique l[].id; at most 0.5% may break it",
        (
            "5 more rows than keys, of 1000 (0.5%)",
            "5 more rows than keys, of 999 (0.501%)",
        ),
        id="keys of elements, by a share of these and not of the rows",
    ),
    pytest.param(
        REFERENCE,
        ReferenceCount(2000, 2),
        ReferenceCount(1999, 2),
        FindingCode.DANGLING_REFERENCES,
        "every a in u.c; at most 0.1% may break it",
        ("2 of 2000 references dangle (0.1%)", "2 of 1999 references dangle (0.100050025013%)"),
        id="references, by a share",
    ),
    pytest.param(
        RULE,
        RuleCount(100, 3),
        RuleCount(100, 4),
        FindingCode.RULE_VIOLATED,
        "a > 0; at most 3 may break it",
        ("false for 3 of 100 rows", "false for 4 of 100 rows"),
        id="rules, by a count",
    ),
]


@pytest.mark.parametrize(("id_", "few", "many", "code", "promised", "told"), CASES)
def test_what_is_within_the_bound_is_kept_with_a_note_and_what_is_not_is_red(
    id_: str,
    few: NullCount | KeyCount | ReferenceCount | RuleCount,
    many: NullCount | KeyCount | ReferenceCount | RuleCount,
    code: FindingCode,
    promised: str,
    told: tuple[str, str],
) -> None:
    note = finding(id_, FindingCode.VIOLATIONS_TOLERATED, promised, told[0])
    red = finding(id_, code, promised, told[1])
    kept, broken = judged(id_, few, few.rows), judged(id_, many, many.rows)
    assert isinstance(kept, Kept)
    assert (kept.basis, kept.rows, kept.notes) == (Basis.SCAN, few.rows, (note,))
    assert isinstance(broken, Broken)
    assert (broken.findings, broken.rows) == ((red,), many.rows)
    assert kept.violations is not None
    assert broken.violations in {kept.violations, kept.violations + 1}


@pytest.mark.parametrize(
    ("id_", "none"),
    [
        (NULLS, NullCount(100, 0, rows=100)),
        (KEY, KeyCount(100, 0, 0)),
        (REFERENCE, ReferenceCount(100, 0)),
        (RULE, RuleCount(100, 0)),
    ],
)
def test_without_a_violation_there_is_nothing_to_note(id_: str, none: object) -> None:
    assert judged(id_, none, 100) == Kept(Basis.SCAN, 100)


@pytest.mark.parametrize(
    ("id_", "nothing"),
    [
        (NULLS, NullCount(0, 0, rows=9)),
        (KEY, KeyCount(0, 0, 9)),
        (ELEMENTS, KeyCount(0, 0, 0)),
        (REFERENCE, ReferenceCount(0, 0)),
        (RULE, RuleCount(9, 0, known=False)),
    ],
)
def test_a_share_of_nothing_is_not_kept(id_: str, nothing: object) -> None:
    verdict = judged(id_, nothing, 9)
    assert isinstance(verdict, Vacuous)
    assert not verdict.allowed


def test_keys_with_a_null_are_told_beside_what_is_tolerated() -> None:
    kept = judged(KEY, KeyCount(97, 1, 3), 100)
    assert isinstance(kept, Kept)
    assert [note.code for note in kept.notes] == [
        FindingCode.VIOLATIONS_TOLERATED,
        FindingCode.NULL_KEYS,
    ]


def test_nulls_that_nobody_can_count_are_red_whatever_is_tolerated() -> None:
    verdict = judged(NULLS, NullCount(0, 0, "declared as non-nullable", rows=100), 100)
    assert isinstance(verdict, Broken)
    (red,) = verdict.findings
    assert (red.code, red.promised) == (FindingCode.NULL_VALUES, "at most 12% null")
    assert red.hint.endswith("declare it nullable")


def test_every_kind_has_the_severity_that_its_clause_says() -> None:
    checks = checks_of(TEXT)
    assert {id_: checks[id_].severity for id_ in (NULLS, KEY, ELEMENTS, REFERENCE, RULE)} == {
        NULLS: Severity.WARN,
        KEY: Severity.WARN,
        ELEMENTS: Severity.ERROR,
        REFERENCE: Severity.WARN,
        RULE: Severity.ERROR,
    }
