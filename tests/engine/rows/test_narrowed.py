"""What of a schema is left where less of it is asked for."""

import pyarrow as pa
import pytest

from cst_contracts.datatypes import find_node
from cst_contracts.datatypes.projection import lightest, narrowed

SPAN = pa.struct([pa.field("bstart", pa.int64(), nullable=False), pa.field("bend", pa.int64())])
REF = pa.struct(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("span", SPAN),
        pa.field("attrs", pa.map_(pa.string(), pa.string())),
        pa.field("tags", pa.large_list(pa.string())),
    ]
)
SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("refs", pa.list_(pa.field("element", REF))),
        pa.field("a.b", pa.large_list(pa.struct([("x", pa.int8()), ("y", pa.string())]))),
        pa.field("kind", pa.dictionary(pa.int8(), pa.string())),
    ]
)


def lists(type_: pa.DataType) -> pa.DataType:
    return pa.list_(pa.field("element", type_))


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["path"], [("path", pa.string())]),
        (["refs[].id"], [("refs", lists(pa.struct([("id", pa.string())])))]),
        (
            ["refs[].span.bend", "path"],
            [
                ("path", pa.string()),
                ("refs", lists(pa.struct([("span", pa.struct([("bend", pa.int64())]))]))),
            ],
        ),
        (
            ["refs[].attrs{}.value"],
            [("refs", lists(pa.struct([("attrs", pa.map_(pa.string(), pa.string()))])))],
        ),
        (
            ["refs[].tags[]"],
            [("refs", lists(pa.struct([("tags", pa.large_list(pa.string()))])))],
        ),
        (['"a.b"[].y'], [("a.b", pa.large_list(pa.struct([("y", pa.string())])))]),
        (["kind"], [("kind", pa.dictionary(pa.int8(), pa.string()))]),
        (["nope"], []),
    ],
)
def test_only_what_leads_to_the_paths_is_left(
    paths: list[str], expected: list[tuple[str, pa.DataType]]
) -> None:
    found = narrowed(SCHEMA, paths)
    assert [(field.name, field.type) for field in found] == expected
    assert all(field.nullable for field in found)


def test_what_is_below_a_path_is_left_whole_and_nothing_is_required() -> None:
    (refs,) = narrowed(SCHEMA, ["refs[]"])
    element = refs.type.value_field
    assert [child.name for child in element.type] == ["id", "span", "attrs", "tags"]
    assert all(child.nullable for child in (*element.type, *element.type.field("span").type))


@pytest.mark.parametrize(
    ("path", "leaf"),
    [
        ("path", "path"),
        ("refs", "refs[].span.bstart"),
        ("refs[]", "refs[].span.bstart"),
        ("refs[].span", "refs[].span.bstart"),
        ("refs[].attrs", "refs[].attrs{}.key"),
        ('"a.b"', '"a.b"[].x'),
        ("kind", "kind"),
    ],
)
def test_a_leaf_with_values_of_one_width_is_the_lightest(path: str, leaf: str) -> None:
    node = find_node(SCHEMA, path)
    assert node is not None
    assert lightest(node) == leaf
