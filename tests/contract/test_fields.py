import pyarrow as pa
import pytest

from cst_contracts.contract.clauses.field import FieldContract, NullabilityMode
from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract
from cst_contracts.location import Location


def _fields(*fields: str) -> tuple[FieldContract, ...]:
    """Each on a line of its own, from line 3 on, its brace in column 5."""
    text = "table: t\nfields:\n" + "".join(f"  - {{{field}}}\n" for field in fields)
    contract = parse_contract(text.encode(), "c.yaml")
    return contract.fields if hasattr(contract, "fields") else ()


def _nodes(*fields: str) -> dict[str, FieldContract]:
    return {node.path: node for field in _fields(*fields) for node in field.walk()}


def _problems(*fields: str) -> list[str]:
    with pytest.raises(InvalidContract) as refusal:
        _fields(*fields)
    return [str(problem) for problem in refusal.value.problems]


def _at(line: int, column: int) -> Location:
    return Location("c.yaml", line, column)


@pytest.mark.parametrize(
    ("type_text", "path"),
    [
        ("struct", "f"),
        ("list<struct>", "f[]"),
        ("large_list<struct not null>", "f[]"),
        ("list<list<struct>>", "f[][]"),
        ("map<string, struct>", "f{}.value"),
        ("map<struct, string>", "f{}.key"),
        ("struct<a: int8, b: struct>", "f.b"),
        ("map<struct<x: int8>, struct>", "f{}.value"),
        ("struct<fields: struct<x: int8>, b: list<struct>>", "f.b[]"),
    ],
)
def test_spelled_out_fields_stand_where_the_bare_struct_does(type_text: str, path: str) -> None:
    nodes = _nodes(f'name: f, type: "{type_text}", fields: [{{name: x, type: int8}}]')
    assert nodes[f"{path}.x"].place.column > len(type_text) + 15
    assert nodes[path].place == _at(3, 5)
    assert nodes[path].type == pa.struct([pa.field("x", pa.int8())])


def test_a_type_has_all_that_its_spelled_out_fields_say() -> None:
    (field,) = _fields(
        "name: f, type: list<struct>, metadata: {k: v}, nullable: false, fields: ["
        "{name: x, type: int8, nullable: false, metadata: {a: b}},"
        " {name: w, type: struct, fields: [{name: z, type: utf8, metadata: {c: d}}]}]"
    )
    z = pa.field("z", pa.string(), metadata={"c": "d"})
    x = pa.field("x", pa.int8(), nullable=False, metadata={"a": "b"})
    wanted = pa.list_(pa.struct([x, pa.field("w", pa.struct([z]))]))
    assert field.type.equals(wanted, check_metadata=True)
    assert field.metadata == (("k", "v"),)
    assert not field.nullable


def test_nodes_written_in_the_type_alone_have_its_words_and_their_fields_place() -> None:
    nodes = _nodes(
        'name: f, type: "struct<a: int8 not null {\\"k\\": \\"v\\"}, b: list<string not null>>", '
        "exact: true, sensitive: true, allow_empty: true"
    )
    assert list(nodes) == ["f", "f.a", "f.b", "f.b[]"]
    assert {node.place for node in nodes.values()} == {_at(3, 5)}
    assert [node.nullable for node in nodes.values()] == [True, False, True, False]
    assert nodes["f.a"].metadata == (("k", "v"),)
    for node in nodes.values():
        assert (node.exact, node.sensitive, node.allow_empty) == (True, True, True)


def test_a_spelled_out_field_may_differ_from_its_parent() -> None:
    nodes = _nodes(
        "name: f, type: struct, exact: true, sensitive: true, fields: ["
        "{name: x, type: int8}, {name: z, type: int8, exact: false, sensitive: false}]"
    )
    assert (nodes["f.x"].exact, nodes["f.x"].sensitive) == (True, True)
    assert (nodes["f.z"].exact, nodes["f.z"].sensitive) == (False, False)


def test_nothing_is_promised_about_nulls_among_the_keys_of_a_map() -> None:
    nodes = _nodes('name: m, type: "map<string, int8 not null>"')
    assert nodes["m{}.key"].nullable
    assert not nodes["m{}.value"].nullable


def test_a_name_that_would_not_be_clear_in_a_path_is_quoted_there() -> None:
    (field,) = _fields("name: a.b, type: struct, fields: [{name: 'c[]', type: int8}]")
    assert (field.name, field.path) == ("a.b", '"a.b"')
    assert field.children[0].path == '"a.b"."c[]"'


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (
            "name: f, type: struct",
            "21: a bare `struct` without `fields`; "
            "add `fields: [{name: …, type: …}]`, or write `struct<name: type>`",
        ),
        (
            "name: f, type: int8, fields: [{name: x, type: int8}]",
            "27: `fields` beside a type without a bare `struct`; "
            "write `struct`, `list<struct>` or `map<string, struct>`, or leave `fields` out",
        ),
        (
            'name: f, type: "dictionary<values=struct, indices=int8>", '
            "fields: [{name: x, type: int8}]",
            "64: `fields` inside `dictionary<values=struct, indices=int8>`, where no path leads; "
            "write the struct's children in the type",
        ),
        (
            "name: f, type: struct, fields: [{name: x, type: int8}, {name: x, type: int46}]",
            "68: field `x` is written twice; rename or remove one, the first is on line 3",
        ),
        (
            "name: f, type: struct, fields: [{name: x, type: int46}]",
            "54: `int46` is no Arrow type; write `int64`",
        ),
        ('name: f, type: "list<strin>"', "27: `strin` is no Arrow type; write `string`"),
        (
            "name: f, type: map<string, string>",
            "33: unknown key `string>`; quote a type that has a comma in it",
        ),
        (
            "name: f, type: 12",
            '21: `type` is `12` without quotes, which YAML reads as a number; quote it: "12"',
        ),
        ("type: int8", "5: this field has no `name`; add `name: …`, a field name"),
        (
            "name: f",
            "5: this field has no `type`; add `type: …`, an Arrow type such as `int64` or `list<string>`",
        ),
        (
            "name: f, type: int8, nullable: 'false'",
            "37: `nullable` is the text `false`; write `false`",
        ),
        (
            "name: f, type: int8, metadata: {k: 1}",
            '41: `k` is `1` without quotes, which YAML reads as a number; quote it: "1"',
        ),
        ("name: f, type: int8, metadata: {k: [v]}", "41: `k` is a list; write `v`"),
    ],
)
def test_a_field_that_cannot_be_is_told_where_it_is_wrong(field: str, problem: str) -> None:
    assert f"c.yaml:3:{problem}" in _problems(field)


def test_a_problem_below_a_repeated_name_is_told_too() -> None:
    assert _problems("name: a, type: int8", "name: a, type: int46") == [
        "c.yaml:4:12: field `a` is written twice; rename or remove one, the first is on line 3",
        "c.yaml:4:21: `int46` is no Arrow type; write `int64`",
    ]


def test_problems_of_a_type_and_of_its_spelled_out_fields_are_told_together() -> None:
    problems = _problems("name: f, type: list<struct, fields: [{name: x, type: int46}]")
    assert [problem.split(":")[2] for problem in problems] == ["32", "59"]


def test_types_and_spelled_out_fields_together_are_not_endless() -> None:
    lists = "list<" * 40 + "struct" + ">" * 40
    inner = f"name: f, type: {lists}, fields: [{{name: x, type: int8}}]"
    assert _fields(inner)
    assert _problems(f"name: g, type: {lists}, fields: [{{{inner}}}]") == [
        "c.yaml:3:21: a type nested deeper than 64 levels with its `fields`; write a flatter type"
    ]


def test_spelled_out_fields_may_nest_as_deep_as_a_file_may() -> None:
    field = "name: f, type: int8"
    for _ in range(29):
        field = f"name: f, type: struct, fields: [{{{field}}}]"
    (built,) = _fields(field)
    assert len(list(built.walk())) == 30


def test_a_field_says_for_itself_and_all_below_it_what_its_flags_mean() -> None:
    nodes = _nodes(
        "name: f, type: struct, nullability: strict, fields: ["
        "{name: x, type: list<int8>}, {name: z, type: int8, nullability: values}]",
        "name: g, type: int8",
    )
    strict, values = NullabilityMode.STRICT, NullabilityMode.VALUES
    assert {path: node.nullability for path, node in nodes.items()} == {
        **{"f": strict, "f.x": strict, "f.x[]": strict},
        **{"f.z": values, "g": None},
    }


@pytest.mark.parametrize(
    ("clause", "modes"),
    [
        ("", ["values", "strict", "values"]),
        ("nullability: strict", ["strict", "strict", "values"]),
        ("nullability: values", ["values", "strict", "values"]),
    ],
)
def test_the_tables_nullability_is_that_of_fields_that_say_none(
    clause: str, modes: list[str]
) -> None:
    text = """\
table: t
fields:
  - {name: a, type: int8}
  - {name: b, type: int8, nullability: strict}
  - {name: c, type: int8, nullability: values}
"""
    contract = parse_contract(f"{text}{clause}".encode(), "c.yaml")
    assert isinstance(contract, TableContract)
    assert [contract.nullability_of(field) for field in contract.fields] == modes


def test_a_nullability_that_is_none_is_told_at_its_field() -> None:
    assert _problems("name: f, type: int8, nullability: strickt") == [
        "c.yaml:3:40: `nullability` is `strickt`; did you mean `strict`?"
    ]


def test_a_field_of_type_null_cannot_promise_that_there_is_none() -> None:
    assert _problems('name: f, type: "null", nullable: false') == [
        "c.yaml:3:21: a field of type `null` holds nothing else; leave `nullable: false` out"
    ]


def test_types_that_are_too_deep_with_their_fields_are_told() -> None:
    lists = "list<" * 40, ">" * 40
    inner = f"{{name: g, type: {lists[0]}int8{lists[1]}}}"
    assert _problems(f"name: f, type: {lists[0]}struct{lists[1]}, fields: [{inner}]") == [
        "c.yaml:3:21: a type nested deeper than 64 levels with its `fields`; write a flatter type"
    ]
