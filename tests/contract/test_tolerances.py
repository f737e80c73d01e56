"""How many may break a promise, and whether that fails or warns, as contracts say it."""

from decimal import Decimal

import pytest

from cst_contracts.contract.model import NOTHING_TOLERATED, Severity, TableContract, Tolerance
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract

TEXT = """\
table: t
source: {format: delta, location: t}
fields:
  - {name: a, type: int64, max_nulls: 12%, severity: warn}
  - name: refs
    type: list<struct>
    severity: warn
    fields:
      - {name: id, type: string, nullable: false}
      - {name: kind, type: string, max_nulls: 3, severity: error}
  - {name: tags, type: "list<string not null>"}
keys:
  - [a]
  - {fields: ["refs[].id"], severity: warn, at_most: 0.5%}
references:
  - {fields: [a], table: u, to: [b], severity: warn, at_most: 7}
rules:
  - {name: positive, sql: a > 0, at_most: "0.001%"}
"""


def _contract(text: str = TEXT) -> TableContract:
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    return contract


def _percent(text: str) -> Tolerance:
    return Tolerance(percent=Decimal(text))


def test_every_promise_about_rows_says_how_many_may_break_it() -> None:
    contract = _contract()
    plain, long = contract.keys
    assert (plain.fields, plain.severity, plain.tolerance) == (
        ("a",),
        Severity.ERROR,
        NOTHING_TOLERATED,
    )
    assert (long.fields, long.severity, long.tolerance) == (
        ("refs[].id",),
        Severity.WARN,
        _percent("0.5"),
    )
    (reference,), (rule,) = contract.references, contract.rules
    assert (reference.severity, reference.tolerance) == (Severity.WARN, Tolerance(7))
    assert (rule.severity, rule.tolerance) == (Severity.ERROR, _percent("0.001"))


def test_a_field_at_any_depth_says_how_many_of_its_values_may_be_null() -> None:
    nodes = {node.path: node for field in _contract().fields for node in field.walk()}
    most = {path: node.max_nulls for path, node in nodes.items() if node.promises_values}
    assert most == {
        "a": _percent("12"),
        "refs[].id": None,
        "refs[].kind": Tolerance(3),
        "tags[]": None,
    }


def test_the_severity_of_a_field_is_that_of_all_below_it_that_say_nothing_else() -> None:
    nodes = {node.path: node.severity for field in _contract().fields for node in field.walk()}
    assert nodes["a"] == nodes["refs"] == nodes["refs[]"] == nodes["refs[].id"] == Severity.WARN
    assert nodes["refs[].kind"] == nodes["tags"] == nodes["tags[]"] == Severity.ERROR


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("0.05", "write `5%`"),
        ("0.0025", "write `0.25%`"),
        ("100%", "write a count such as `10`, or a share below 100% such as `0.1%`"),
        ("-1", "write a count such as `10`"),
        ("few", "write a count such as `10`"),
        ("[3]", "write a count such as `10`"),
        ("1.5", "write a count such as `10`"),
        ("''", "write a count such as `10`"),
    ],
)
def test_what_is_neither_a_count_nor_a_share_is_refused(written: str, message: str) -> None:
    text = TEXT.replace('at_most: "0.001%"', f"at_most: {written}")
    with pytest.raises(InvalidContract) as refused:
        _contract(text)
    (problem,) = refused.value.problems
    assert str(problem.place).startswith("t.yaml:18:")
    assert problem.what.startswith("`at_most` ")
    assert message in problem.instead


@pytest.mark.parametrize(
    ("old", "new", "what", "instead"),
    [
        (
            "max_nulls: 12%,",
            "max_nulls: 12%, nullable: false,",
            "`nullable` beside `max_nulls`",
            "leave one of them out: `nullable: false` allows no null",
        ),
        (
            'at_most: "0.001%"',
            "at_most: 1, enforced: true",
            "`enforced: true` beside `at_most`",
            "leave one of them out: what the log enforces no row breaks",
        ),
        (
            "at_most: 0.5%",
            "threshold: 0.5%",
            "unknown key `threshold`",
            "write `at_most: 10` for a count, or `at_most: 0.1%` for a share",
        ),
        (
            "max_nulls: 12%",
            "null_percent: 12",
            "unknown key `null_percent`",
            "write `max_nulls: 12%` for a share, or `max_nulls: 10` for a count",
        ),
        ("  - [a]\n", "  - a\n", "a key is `a`", "write `- [a]`"),
        (
            '{fields: ["refs[].id"], severity',
            "{columns: [a], severity",
            "unknown key `columns`",
            "write `fields: [a]`",
        ),
        (
            '{fields: ["refs[].id"], severity',
            "{severity",
            "this key has no `fields`",
            "add `fields: […]`",
        ),
        (
            '{fields: ["refs[].id"], severity',
            "{fields: [a], severity",
            "the same key is promised twice",
            "remove one, the first is on line 13",
        ),
        (
            '{fields: ["refs[].id"], severity',
            "{fields: [nope], severity",
            "`nope` is no promised field",
            "promised are",
        ),
    ],
)
def test_what_says_two_things_or_none_is_refused(
    old: str, new: str, what: str, instead: str
) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(InvalidContract) as refused:
        _contract(TEXT.replace(old, new))
    told = [(each.what, each.instead) for each in refused.value.problems]
    assert any(each == what and other.startswith(instead) for each, other in told), told


@pytest.mark.parametrize(
    ("tolerance", "violations", "looked_at", "allowed"),
    [
        (NOTHING_TOLERATED, 0, 5, True),
        (NOTHING_TOLERATED, 1, 5, False),
        (Tolerance(3), 3, 3, True),
        (Tolerance(3), 4, 10**12, False),
        (_percent("0.1"), 1, 1000, True),
        (_percent("0.1"), 1, 999, False),
        (_percent("12"), 12, 100, True),
        (_percent("12"), 13, 100, False),
        (_percent("0.000001"), 10**10, 10**18, True),
        (_percent("0.000001"), 10**10 + 1, 10**18, False),
        (_percent("0"), 1, 10**18, False),
    ],
)
def test_a_share_is_exact(
    tolerance: Tolerance, violations: int, looked_at: int, *, allowed: bool
) -> None:
    assert tolerance.allows(violations, looked_at) is allowed


def test_a_tolerance_reads_as_it_is_written() -> None:
    assert [str(Tolerance(3)), str(_percent("0.10")), str(_percent("12"))] == ["3", "0.10%", "12%"]
