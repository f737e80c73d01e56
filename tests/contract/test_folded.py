"""Names in SQL that stand without quotes, and that would be asked of another field."""

import pytest

from cst_contracts.contract.folded import folded_names
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract

FIELDS = ("Id", "id", "Ünit", "plain")


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("Id > 0", ["Id"]),
        ("id > 0 AND t.Id = 1", ["Id"]),
        ("abs(Id) > Id", ["Id", "Id"]),
        ("Ünit = 1", ["Ünit"]),
        ('"Id" > 0', []),
        ("id > 0", []),
        ("ID > 0", []),
        ("plain = 'Id'", []),
        ("plain = 'it''s Id'", []),
        ('"a""Id" > 0', []),
        ("plain > 0 -- Id", []),
        ("plain > 0 /* Id\n Id */", []),
        ("plain = $x$ Id $x$", []),
        ("Id (plain) > 0", []),
        ("plain > 0 -- Id\nAND Id > 0", ["Id"]),
        ("SELECT plain AS Id FROM t", []),
        ("SELECT Id AS x FROM t", ["Id"]),
        ("Idx > 0", []),
    ],
)
def test_a_field_that_no_name_without_quotes_can_mean_is_found(sql: str, names: list[str]) -> None:
    assert list(folded_names(sql, FIELDS)) == names


@pytest.mark.parametrize("other", ["", ", {name: id, type: int64}"])
@pytest.mark.parametrize(
    ("clause", "column"),
    [
        ("rules: [{name: r, sql: Id > 0}]", 24),
        ("views: [{name: v, sql: SELECT Id FROM t}]", 24),
    ],
)
def test_a_rule_and_a_view_that_ask_another_field_are_refused_with_the_quoted_spelling(
    other: str, clause: str, column: int
) -> None:
    text = f"table: t\nfields: [{{name: Id, type: int64}}{other}]\n{clause}\n"
    with pytest.raises(InvalidContract) as refused:
        parse_contract(text.encode(), "c.yaml")
    (problem,) = refused.value.problems
    assert str(problem) == (
        f'c.yaml:3:{column}: SQL reads `Id` without quotes as `id`; write `"Id"`'
    )


def test_several_such_names_are_told_together() -> None:
    fields = "fields: [{name: A, type: int64}, {name: B, type: int64}]"
    text = f"table: t\n{fields}\nrules: [{{name: r, sql: A > B}}]\n"
    with pytest.raises(InvalidContract) as refused:
        parse_contract(text.encode(), "c.yaml")
    (problem,) = refused.value.problems
    assert str(problem) == (
        'c.yaml:3:24: SQL reads `A` and `B` without quotes as `a` and `b`; write `"A"` and `"B"`'
    )
