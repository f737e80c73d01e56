"""Readers' queries as they are written, and what of them is refused."""

import pyarrow as pa
import pytest

from cst_contracts.contract.model import ParameterContract, TableContract
from cst_contracts.contract.parameters import parameter_names
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract
from cst_contracts.location import Location

TEXT = """\
table: t
fields:
  - {name: path, type: string}
  - {name: Id, type: int64}
  - {name: span, type: "struct<bstart: int64>"}
  - {name: a.b, type: int64}
queries:
  - {name: q, %s}
"""


def contract(query: str) -> TableContract:
    found = parse_contract((TEXT % query).encode(), "c.yaml")
    assert isinstance(found, TableContract)
    return found


def test_a_query_has_typed_parameters_fields_and_what_it_reads() -> None:
    (query,) = contract(
        'sql: "SELECT path FROM t WHERE path = $p AND $n > 0", '
        "parameters: {p: string, n: {type: int64, example: 3}}, "
        "fields: [{name: path, type: string}], reads: [path, span.bstart, a.b, u.x], allow_empty: true"
    ).queries
    assert query.subject == "query[q]"
    assert query.sql == "SELECT path FROM t WHERE path = $p AND $n > 0"
    assert query.place == Location("c.yaml", 8, 5)
    types = [(each.name, each.type, each.example) for each in query.parameters]
    assert types == [("p", pa.string(), None), ("n", pa.int64(), "3")]
    assert [field.path for field in query.fields] == ["path"]
    assert query.reads == ("path", "span.bstart", '"a.b"', "u.x")
    assert query.allow_empty
    assert isinstance(query.parameters[0], ParameterContract)
    assert query.parameters[0].place.line == 8


def test_nothing_read_is_not_nothing_said() -> None:
    assert contract("sql: SELECT 1, reads: []").queries[0].reads == ()
    assert contract("sql: SELECT 1").queries[0].reads is None


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "sql: SELECT $p",
            "the query has a parameter `$p` that `parameters` does not have; write `parameters: {p: …}` "
            "with its type",
        ),
        (
            "sql: SELECT 1, parameters: {p: string}",
            "`p` is no parameter of the query; write `$p` in `sql`, or leave it out",
        ),
        ("sql: SELECT ?", "the query has a parameter without a name, `?`; write `$name`"),
        ("sql: SELECT Id FROM t", 'SQL reads `Id` without quotes as `id`; write `"Id"`'),
        (
            "sql: SELECT $p, parameters: {p: {type: int64, example: x}}",
            "`x` is no value of type `int64`; write a whole number from -9223372036854775808 to "
            "9223372036854775807",
        ),
        ("sql: SELECT 1, reads: [pth]", "`pth` is no promised field; did you mean `path`?"),
        (
            "sql: SELECT 1, reads: [span.bend]",
            "`span.bend` is no promised field; did you mean `span`?",
        ),
        (
            "sql: SELECT 1, reads: [path, path]",
            "field `path` is written twice; rename or remove one, the first is on line 8",
        ),
        ("query: SELECT 1", "unknown key `query`; write `sql: SELECT 1`"),
    ],
)
def test_what_is_refused_of_a_query(query: str, told: str) -> None:
    with pytest.raises(InvalidContract) as refused:
        contract(query)
    (problem,) = refused.value.problems
    assert f"{problem.what}; {problem.instead}" == told
    assert problem.place.line == 8


def test_two_queries_have_two_names() -> None:
    with pytest.raises(InvalidContract, match="query `q` is written twice"):
        contract("sql: SELECT 1}\n  - {name: q, sql: SELECT 2")


def test_parameters_stand_where_values_do() -> None:
    sql = """SELECT $a, '$b', "$c", `$d`, e$f, $$ $g $$, $x$ $h $x$ -- $i
    /* $j */ FROM t WHERE $k > ? AND $1 = $a"""
    assert list(parameter_names(sql)) == ["a", "k", "?", "1", "a"]


def test_a_view_says_what_it_reads_and_what_is_not_there_is_told() -> None:
    text = TEXT.partition("queries:")[0] + "views: [{name: v, sql: SELECT 1, reads: [%s]}]\n"
    found = parse_contract((text % "path, u.x").encode(), "c.yaml")
    assert isinstance(found, TableContract)
    assert found.views[0].reads == ("path", "u.x")
    with pytest.raises(InvalidContract, match="`pth` is no promised field"):
        parse_contract((text % "pth").encode(), "c.yaml")
