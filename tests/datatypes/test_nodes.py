import pyarrow as pa
import pytest

from cst_contracts.datatypes import (
    child_nodes,
    child_path,
    find_node,
    parse_type,
    top_level,
    walk_nodes,
)


def make_schema(**types: str) -> pa.Schema:
    return pa.schema([pa.field(name, parse_type(text)) for name, text in types.items()])


def test_every_node_is_walked_parents_first_in_schema_order() -> None:
    schema = make_schema(
        refs="list<struct<ref_id: string, span: struct<bstart: int64, bend: int64>>>",
        nodes="large_list<struct<attrs: map<string, list<string>>>>",
        x="list_view<fixed_size_list<int8>[2]>",
        kind="dictionary<values=struct<a: int8>, indices=int8>",
        runs="run_end_encoded<run_ends: int32, values: string>",
        either="dense_union<a: int8=0>",
        ids="large_list_view<string>",
    )
    assert [node.path for node in walk_nodes(schema)] == [
        "refs",
        "refs[]",
        "refs[].ref_id",
        "refs[].span",
        "refs[].span.bstart",
        "refs[].span.bend",
        "nodes",
        "nodes[]",
        "nodes[].attrs",
        "nodes[].attrs{}.key",
        "nodes[].attrs{}.value",
        "nodes[].attrs{}.value[]",
        "x",
        "x[]",
        "x[][]",
        "kind",
        "runs",
        "either",
        "ids",
        "ids[]",
    ]


def test_what_a_dictionary_encodes_is_found_below_it() -> None:
    schema = make_schema(kind="dictionary<values=struct<a: int8>, indices=int8>")
    found = find_node(schema, "kind.a")
    assert found is not None
    assert (found.path, found.field.type) == ("kind.a", pa.int8())


def test_a_node_carries_its_own_field() -> None:
    (element,) = child_nodes("refs", parse_type("list<element: string not null>"))
    key, value = child_nodes("attrs", parse_type("map<string ('kk'), int8 not null ('vv')>"))
    assert (element.path, element.name, element.field.nullable) == ("refs[]", "element", False)
    assert (key.path, key.name, key.field.type) == ("attrs{}.key", "kk", pa.string())
    assert (value.path, value.name, value.field.nullable) == ("attrs{}.value", "vv", False)


def test_an_extension_type_has_the_nodes_of_its_storage() -> None:
    tensor = pa.fixed_shape_tensor(pa.int8(), [2])
    assert [node.path for node in child_nodes("t", tensor)] == ["t[]"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("bstart", "bstart"),
        ("two words", "two words"),
        ("count(*)", "count(*)"),
        ("größe", "größe"),
        ("a.b", '"a.b"'),
        ("a[]", '"a[]"'),
        ("{}", '"{}"'),
        ('say "x"', '"say \\"x\\""'),
        ("", '""'),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_a_name_that_would_be_ambiguous_in_a_path_is_quoted(name: str, path: str) -> None:
    assert child_path("", name) == path
    assert child_path("refs[]", name) == f"refs[].{path}"
    assert top_level(child_path(path, "child")) == name
    assert top_level(f"{path}[].x") == name
    assert top_level(f"{path}{{}}.key") == name


def test_of_two_fields_of_one_name_the_first_is_found() -> None:
    schema = pa.schema([pa.field("a", pa.int8()), pa.field("a", pa.int16())])
    found = find_node(schema, "a")
    assert found is not None
    assert found.field.type == pa.int8()
    assert find_node(schema, '"a"') is None


def test_a_node_is_found_by_its_path_or_not_at_all() -> None:
    schema = make_schema(a="struct<b: list<struct<c: int8>>>", ab="map<string, int8>")
    found = find_node(schema, "a.b[].c")
    assert found is not None
    assert found.field.type == pa.int8()
    assert [
        path
        for path in ("", "a", "ab", "a.b[]", "ab{}.key", "ab{}.k", "a.b[]c", "a.b[].c.d", "ab[]")
        if find_node(schema, path)
    ] == ["a", "ab", "a.b[]", "ab{}.key"]
