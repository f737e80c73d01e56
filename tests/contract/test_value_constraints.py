"""What a field says of its values is read to the path that it is about, or refused at its place."""

import pytest

from cst_contracts.contract.model import (
    Limit,
    Matching,
    OfLength,
    OneOf,
    TableContract,
    Within,
)
from cst_contracts.contract.parse import parse_contract
from cst_contracts.datatypes import parse_type, print_type
from cst_contracts.errors import InvalidContract
from cst_contracts.location import Location


def read(field: str) -> dict[str, list[Limit]]:
    contract = parse_contract(f"table: t\nfields:\n  - {field}\n".encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    nodes = [node for field in contract.fields for node in field.walk() if node.constraints]
    return {node.path: [each.limit for each in node.constraints] for node in nodes}


def refused(field: str) -> list[str]:
    with pytest.raises(InvalidContract) as refusal:
        read(field)
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("{name: a, type: string, enum: [x, '', 'no']}", {"a": [OneOf(("x", "", "no"))]}),
        ("{name: a, type: int64, minimum: 0, maximum: 9}", {"a": [Within("0", "9")]}),
        (
            "{name: a, type: double, exclusive_minimum: 0, exclusive_maximum: .inf}",
            {"a": [Within("0", ".inf", lower_open=True, upper_open=True)]},
        ),
        (
            "{name: a, type: string, pattern: '^x', min_length: 1, max_length: 1}",
            {"a": [Matching("^x"), OfLength(1, 1)]},
        ),
        ("{name: a, type: bool, enum: [true]}", {"a": [OneOf(("true",))]}),
        ("{name: a, type: date32, minimum: 2026-01-31}", {"a": [Within("2026-01-31")]}),
        (
            "{name: a, type: 'list<list<string>>', elements: {elements: {min_length: 1}}}",
            {"a[][]": [OfLength(1)]},
        ),
        (
            "{name: a, type: 'map<string, list<int8>>', map_keys: {enum: [k]}, "
            "map_values: {elements: {minimum: 1}}}",
            {"a{}.key": [OneOf(("k",))], "a{}.value[]": [Within("1")]},
        ),
        (
            "{name: a, type: 'map<string, struct>', map_keys: {enum: [k]}, "
            "fields: [{name: b, type: list<struct>, fields: [{name: c, type: int8, maximum: 1}]}]}",
            {"a{}.key": [OneOf(("k",))], "a{}.value.b[].c": [Within(None, "1")]},
        ),
        (
            "{name: 'a.b', type: list<string>, elements: {pattern: x}}",
            {'"a.b"[]': [Matching("x")]},
        ),
    ],
)
def test_a_limit_is_that_of_a_path(field: str, found: dict[str, list[Limit]]) -> None:
    assert read(field) == found


def test_how_many_may_be_beyond_a_limit_is_said_beside_it() -> None:
    text = (
        "table: t\nfields:\n  - {name: a, type: list<int8>, elements: {minimum: 0, enum: [1], "
        "at_most: 0.5%}}\n  - {name: b, type: int8, minimum: 0}\n"
    )
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    found = {
        node.path: [str(each.tolerance) for each in node.constraints]
        for field in contract.fields
        for node in field.walk()
    }
    assert found == {"a": [], "a[]": ["0.5%", "0.5%"], "b": ["0"]}


def test_a_limit_has_the_place_of_its_key() -> None:
    text = (
        "table: t\nfields:\n  - name: a\n    type: list<string>\n    elements:\n      enum: [x]\n"
    )
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    (constraint,) = contract.fields[0].children[0].constraints
    assert constraint.place == Location("t.yaml", 6, 7)


_VALUE = {"enum": "[a]", "pattern": "a", "min_length": "1", "max_length": "1"}
#: By key, every type that it does not go with, and what is written instead.
NOTHING_COMPARES = [
    *("null", "duration[s]", "month_day_nano_interval", "dense_union<a: int64=0>"),
]
_RULE = "leave it out, or write a rule: it goes with"
REFUSED = {
    **dict.fromkeys(
        ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum"),
        (["bool"], f"{_RULE} numbers, times, text and bytes"),
    ),
    "enum": ([], f"{_RULE} text, bytes, numbers, booleans and times"),
    "pattern": (["bool", "int64", "double", "date32[day]", "binary"], f"{_RULE} text"),
    **dict.fromkeys(
        ("min_length", "max_length"),
        (["bool", "int64", "decimal128(5, 2)", "time32[s]"], f"{_RULE} text and bytes"),
    ),
}
COMBINATIONS = [
    (key, type_, instead)
    for key, (types, instead) in REFUSED.items()
    for type_ in [*types, *NOTHING_COMPARES]
]


@pytest.mark.parametrize(("key", "type_", "instead"), COMBINATIONS)
def test_what_a_type_has_not_is_refused_with_its_place(key: str, type_: str, instead: str) -> None:
    field = f'{{name: a, type: "{type_}", {key}: {_VALUE.get(key, "1")}}}'
    column = 5 + field.index(f", {key}: ") + 2
    shown = print_type(parse_type(type_))
    assert refused(field) == [f"t.yaml:3:{column}: `{key}` beside type `{shown}`; {instead}"]


@pytest.mark.parametrize("key", REFUSED)
@pytest.mark.parametrize(
    ("type_", "instead"),
    [
        ("list<string>", "write `elements: {$key: …}`, which is about each element"),
        (
            "map<string, string>",
            "write it under `map_keys` or `map_values`, as in `map_keys: {$key: …}`",
        ),
        ("struct<a: string>", "write it at a field of the struct, under `fields`"),
    ],
)
def test_above_a_leaf_it_is_told_where_to_write_it(key: str, type_: str, instead: str) -> None:
    (problem,) = refused(f'{{name: a, type: "{type_}", {key}: {_VALUE.get(key, "1")}}}')
    assert problem.endswith(f"; {instead.replace('$key', key)}")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("string, enum: []", "3:35: `enum` is an empty list; write a value in it"),
        ("string, enum: [a, a]", "value `a` is written twice; rename or remove one"),
        (
            "string, enum: [no]",
            '`no` without quotes, which YAML reads as a boolean; quote it: "no"',
        ),
        ("string, enum: [null]", "a value is `null`; write one value: text, a number, a date"),
        (
            "int8, enum: [x]",
            "`x` is no value of type `int8`; write a whole number from -128 to 127",
        ),
        ("int64, minimum: [1]", "`minimum` is a list; write one value"),
        ("int64, minimum: 0.5", "`0.5` is no value of type `int64`; write a whole number"),
        ("int64, minimum: 3, maximum: 2", "no value lies between `3` and `2`; write a greater"),
        (
            "halffloat, exclusive_minimum: 1, maximum: 1",
            "no value lies between `1` and `1`; write a greater maximum",
        ),
        ("string_view, minimum: b, maximum: a", "no value lies between `b` and `a`"),
        (
            "int8, minimum: 1, exclusive_minimum: 0",
            "`exclusive_minimum` beside `minimum`; keep one",
        ),
        (
            "int8, maximum: 1, exclusive_maximum: 0",
            "`exclusive_maximum` beside `maximum`; keep one",
        ),
        ("double, minimum: .nan", "NaN is no bound; write a number"),
        ("string, min_length: 2, max_length: 1", "no length lies between 2 and 1; write a greater"),
        ("string, min_length: -1", "`min_length` is `-1`; write a whole number"),
        ("string, pattern: ''", "`pattern` is empty text; write a regular expression"),
        (
            "string, pattern: '(?<=a)b'",
            "`(?<=a)b` is no regular expression: invalid perl operator: (?<=; write one that RE2",
        ),
        (
            "string, elements: {enum: [a]}",
            "`elements` beside type `string`; leave it out: only lists",
        ),
        (
            "string, map_keys: {enum: [a]}",
            "`map_keys` beside type `string`; leave it out: only maps",
        ),
        (
            "list<string>, elements: {}",
            "this mapping promises nothing that can be checked; add `enum`",
        ),
        ("int64, at_most: 3", "`at_most` of nothing; write it beside `enum`, `minimum` or another"),
        ("int64, min: 3", "unknown key `min`; write `minimum: 3`"),
        ("string, allowedValues: [a, b]", "unknown key `allowedValues`; write `enum: [a, b]`"),
        ("string, regex: a", "unknown key `regex`; write `pattern: a`"),
        ("string, maxLength: 3", "unknown key `maxLength`; did you mean `max_length`?"),
    ],
)
def test_what_says_nothing_or_two_things_is_refused(said: str, problem: str) -> None:
    assert problem in "\n".join(refused(f"{{name: a, type: {said}}}"))
