"""Aggregates, as contracts say them."""

import pytest

from cst_contracts.contract.model import Severity, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract

TEXT = """\
table: t
fields:
  - {name: a, type: int64}
  - {name: Repo, type: string}
  - {name: f, type: double}
  - {name: l, type: list<int64>}
aggregates:
  - {name: many, sql: count(*) > 9}
  - {name: each, sql: 'count(DISTINCT "Repo") > 0', per: [a, Repo], severity: warn, allow_empty: true}
"""


def test_an_aggregate_is_of_all_rows_or_of_each_group() -> None:
    contract = parse_contract(TEXT.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    many, each = contract.aggregates
    assert (many.name, many.sql, many.per, many.severity, many.allow_empty) == (
        "many",
        "count(*) > 9",
        (),
        Severity.ERROR,
        False,
    )
    assert (each.per, each.severity, each.allow_empty) == (("a", "Repo"), Severity.WARN, True)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("per: [a, Repo]", "per: [a, nope]", "`nope` is no promised field of `t`; promised are"),
        ("per: [a, Repo]", "per: [a, repo]", "did you mean `Repo`?"),
        ("per: [a, Repo]", "per: [a, a]", "field `a` is written twice"),
        ("per: [a, Repo]", "per: []", "`per` is an empty list; write a field name in it"),
        ("per: [a, Repo]", "per: [f]", "`f` is `double`, which makes no groups; name a field of"),
        ("per: [a, Repo]", "per: [l]", "`l` is `list<item: int64>`, which makes no groups"),
        ("per: [a, Repo]", "group_by: [a]", "unknown key `group_by`; write `per: [a]`"),
        ("name: many", "name: each", "aggregate `each` is written twice"),
        ('"Repo"', "Repo", 'SQL reads `Repo` without quotes as `repo`; write `"Repo"`'),
        ("sql: count(*) > 9", "expr: count(*) > 9", "write `sql: count(*) > 9`"),
        (", sql: count(*) > 9", "", "this aggregate has no `sql`"),
    ],
)
def test_what_makes_no_groups_is_refused(old: str, new: str, told: str) -> None:
    assert TEXT.count(old) == 1
    with pytest.raises(InvalidContract) as refused:
        parse_contract(TEXT.replace(old, new).encode(), "t.yaml")
    messages = "\n".join(str(problem) for problem in refused.value.problems)
    assert told in messages
