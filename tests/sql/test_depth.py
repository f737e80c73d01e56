"""How deeply an SQL text nests."""

import pytest

from cst_contracts.sql.depth import operators_in_a_row


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("a", 0),
        ("a >= 0" + " AND a >= 0" * 100, 101),
        ("a" + " + 1" * 100, 100),
        ("(" * 50 + "a" + ")" * 50, 50),
        ("abs(" * 50 + "a" + ")" * 50, 50),
        ("NOT " * 30 + "a", 30),
        ("CASE WHEN a THEN " * 20 + "b" + " END" * 20, 20),
        ("SELECT a FROM t" + " UNION ALL SELECT a FROM t" * 40, 40),
        ("a IN (" + ", ".join(map(str, range(-500, 0))) + ")", 2),
        ("a = 'x AND (( y' OR b", 1),
        ('a = "AND ((" -- AND ((\n', 1),
        (")))", 0),
    ],
)
def test_what_stands_within_each_other_is_counted(sql: str, found: int) -> None:
    assert operators_in_a_row(sql) == found
