import pyarrow as pa
import pytest

from cst_contracts.datatypes import (
    DifferenceKind,
    TypeDifference,
    moved_names,
    parse_type,
    same_type,
    type_differences,
)

Told = tuple[str, str, str, str]


def told(promised: str, observed: str, *, exact: bool = False) -> list[Told]:
    differences = type_differences(
        parse_type(promised), parse_type(observed), path="f", exact=exact
    )
    return [(str(each.kind), each.path, each.promised, each.observed) for each in differences]


EQUIVALENT = [
    ("string", "large_string"),
    ("string_view", "string"),
    ("binary_view", "large_binary"),
    ("list<string>", "large_list<element: string_view>"),
    ("list_view<int8>", "large_list_view<int8>"),
    ("fixed_size_list<item: int8>[2]", "fixed_size_list<element: int8>[2]"),
    ("map<string, int8>", "map<string ('k'), int8 ('v'), keys_sorted>"),
    ("string", "dictionary<values=large_string, indices=int8>"),
    ("dictionary<values=string, indices=int8>", "dictionary<values=string, indices=int64>"),
    ("struct<a: string>", "dictionary<values=struct<a: utf8_view>, indices=int8>"),
    (
        "run_end_encoded<run_ends: int32, values: string>",
        "run_end_encoded<run_ends: int32, values: utf8_view>",
    ),
    ("dense_union<a: string=0>", "dense_union<a: string_view=0>"),
]


@pytest.mark.parametrize(("a", "b"), EQUIVALENT)
def test_what_engines_change_in_passing_is_the_same_type_unless_exact(a: str, b: str) -> None:
    assert same_type(parse_type(a), parse_type(b))
    assert same_type(parse_type(b), parse_type(a))
    assert not same_type(parse_type(a), parse_type(b), exact=True)
    assert not same_type(parse_type(b), parse_type(a), exact=True)


@pytest.mark.parametrize("exact", [False, True])
def test_nullability_and_metadata_are_no_part_of_the_type(exact: bool) -> None:  # noqa: FBT001
    bare = parse_type("struct<a: list<int8>, m: map<string, int8>>")
    marked = parse_type(
        'struct<a: list<int8 not null> not null {"k": "v"}, m: map<string, int8 not null>>'
    )
    assert same_type(bare, marked, exact=exact)
    assert same_type(pa.uuid(), pa.binary(16), exact=exact)


@pytest.mark.parametrize(
    ("promised", "observed"),
    [
        ("int64", "int32"),
        ("string", "binary"),
        ("decimal128(10, 2)", "decimal128(11, 2)"),
        ("decimal128(9, 2)", "decimal32(9, 2)"),
        ("timestamp[us]", "timestamp[us, tz=UTC]"),
        ("timestamp[us]", "timestamp[ns]"),
        ("fixed_size_binary[2]", "fixed_size_binary[3]"),
        ("fixed_size_list<item: int8>[2]", "fixed_size_list<item: int8>[3]"),
        ("list<item: int8>", "fixed_size_list<item: int8>[2]"),
        ("struct<a: int8>", "string"),
        ("list<item: int8>", "struct<item: int8>"),
        ("map<string, int8>", "list<item: struct<key: string, value: int8>>"),
        ("int8", "dictionary<values=int16, indices=int8, ordered=0>"),
        ("dictionary<values=string, indices=int8, ordered=0>", "int8"),
        (
            "dictionary<values=struct<a: int8>, indices=int8, ordered=0>",
            "struct<a: int16>",
        ),
        (
            "run_end_encoded<run_ends: int32, values: int8>",
            "run_end_encoded<run_ends: int32, values: int16>",
        ),
        (
            "run_end_encoded<run_ends: int16, values: int8>",
            "run_end_encoded<run_ends: int32, values: int8>",
        ),
        ("dense_union<a: int8=0>", "sparse_union<a: int8=0>"),
        ("dense_union<a: int8=0>", "dense_union<a: int8=1>"),
        ("dense_union<a: int8=0>", "dense_union<b: int8=0>"),
        ("dense_union<a: int8=0>", "dense_union<a: int16=0>"),
    ],
)
def test_a_type_that_differs_is_told_side_by_side(promised: str, observed: str) -> None:
    seen = "int16" if observed.startswith("dictionary") else observed
    assert told(promised, observed) == [("type", "f", promised, seen)]


@pytest.mark.parametrize(
    ("promised", "observed"),
    [
        ("list<item: int8>", "list<element: int8>"),
        ("list<item: int8>", "large_list<item: int8>"),
        ("map<string, int8>", "map<string, int8 ('v')>"),
        ("map<string, int8>", "map<string, int8, keys_sorted>"),
        ("string", "string_view"),
        ("string", "dictionary<values=string, indices=int8, ordered=0>"),
        (
            "dictionary<values=string, indices=int8, ordered=0>",
            "dictionary<values=string, indices=int8, ordered=1>",
        ),
    ],
)
def test_exact_tells_what_is_the_same_by_default(promised: str, observed: str) -> None:
    assert told(promised, observed) == []
    assert told(promised, observed, exact=True) == [("type", "f", promised, observed)]


def test_a_difference_is_told_at_its_own_path_and_not_at_its_parents() -> None:
    assert told(
        "struct<a: list<struct<b: map<string, list<int8>>>>, c: int8>",
        "struct<a: list<struct<b: map<string, list<int16>>>>, c: int8>",
    ) == [("type", "f.a[].b{}.value[]", "int8", "int16")]


def test_all_differences_are_told_in_promised_order_and_extras_last() -> None:
    assert told(
        "struct<a: int8, b: fixed_size_list<item: struct<c: int8, d: string>>[2], e: int8>",
        "struct<x: bool, b: fixed_size_list<item: struct<c: int16, y: bool>>[3], a: int16>",
    ) == [
        ("type", "f.a", "int8", "int16"),
        ("moved", "f.b", "after a", "before a"),
        (
            "type",
            "f.b",
            "fixed_size_list<item: struct<c: int8, d: string>>[2]",
            "fixed_size_list<item: struct<c: int16, y: bool>>[3]",
        ),
        ("type", "f.b[].c", "int8", "int16"),
        ("missing", "f.b[].d", "string", "absent"),
        ("extra", "f.b[].y", "absent", "bool"),
        ("missing", "f.e", "int8", "absent"),
        ("extra", "f.x", "absent", "bool"),
    ]


@pytest.mark.parametrize(
    ("observed", "moves"),
    [
        ("abcd", []),
        ("bcda", [("moved", "f.a", "before b", "after b")]),
        ("dabc", [("moved", "f.d", "after c", "before c")]),
        ("acbd", [("moved", "f.c", "after b", "before b")]),
        (
            "dcba",
            [
                ("moved", "f.b", "after a", "before a"),
                ("moved", "f.c", "after a", "before a"),
                ("moved", "f.d", "after a", "before a"),
            ],
        ),
    ],
)
def test_only_the_children_that_moved_are_told(observed: str, moves: list[Told]) -> None:
    promised, seen = (
        f"struct<{', '.join(f'{name}: int8' for name in order)}>" for order in ("abcd", observed)
    )
    assert told(promised, seen) == moves


def test_a_child_in_front_that_nobody_promised_moves_no_other() -> None:
    assert told("struct<a: int8, b: int8>", "struct<x: int8, a: int8, b: int8>") == [
        ("extra", "f.x", "absent", "int8")
    ]


def test_a_name_that_an_engine_gave_twice_is_an_extra_child() -> None:
    twice = pa.struct([("a", pa.int8()), ("a", pa.int16())])
    assert type_differences(pa.struct([("a", pa.int8())]), twice, path="f") == (
        TypeDifference("f.a", "absent", "int16", DifferenceKind.EXTRA),
    )


def test_names_that_stand_on_one_side_only_move_no_other() -> None:
    assert moved_names(["gone", "a", "b", "c"], ["new", "a", "b", "c"]) == {}
    assert moved_names(["gone", "a", "b", "c"], ["c", "new", "a", "b"]) == {
        "c": ("after b", "before b")
    }


def test_a_child_that_is_missing_hides_no_difference_behind_it() -> None:
    assert told("struct<a: int8, b: int8, c: int8>", "struct<b: int16, d: int8, c: string>") == [
        ("missing", "f.a", "int8", "absent"),
        ("type", "f.b", "int8", "int16"),
        ("type", "f.c", "int8", "string"),
        ("extra", "f.d", "absent", "int8"),
    ]
