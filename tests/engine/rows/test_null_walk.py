"""Record batches to null counts, against a count over Python values."""

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cst_contracts.datatypes import TypeNode, child_nodes, walk_nodes
from cst_contracts.engine.rows.null_tally import NullPart
from cst_contracts.engine.rows.null_walk import columns_of
from cst_contracts.engine.rows.scan import tally
from cst_contracts.facts import NullCount
from cst_contracts.needs import NullsNeed

unhurried = settings(deadline=None, max_examples=150)

LEAVES = (pa.int64(), pa.string(), pa.string_view(), pa.binary_view(), pa.bool_())
LISTS = (
    pa.list_,
    pa.large_list,
    pa.list_view,
    pa.large_list_view,
    lambda type_: pa.list_(type_, 2),
)


def nested(inner: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
    members = st.lists(inner, min_size=0, max_size=2)
    return st.one_of(
        st.builds(lambda make, type_: make(type_), st.sampled_from(LISTS), inner),
        members.map(lambda types: pa.struct([(f"f.{n}", t) for n, t in enumerate(types)])),
        inner.map(lambda type_: pa.map_(pa.string(), type_)),
    )


TYPES = st.recursive(st.sampled_from(LEAVES), nested, max_leaves=4) | st.just(pa.null())


def values(type_: pa.DataType) -> st.SearchStrategy[object]:
    return st.none() if pa.types.is_null(type_) else st.one_of(st.none(), present(type_))


def present(type_: pa.DataType) -> st.SearchStrategy[object]:
    if pa.types.is_struct(type_):
        return st.fixed_dictionaries({child.name: values(child.type) for child in type_})
    if pa.types.is_map(type_):
        return st.lists(st.tuples(st.sampled_from("ab"), values(type_.item_type)), max_size=2)
    if pa.types.is_fixed_size_list(type_):
        return st.lists(values(type_.value_type), min_size=2, max_size=2)
    if pa.types.is_nested(type_):
        return st.lists(values(type_.value_type), max_size=2)
    plain: dict[pa.DataType, st.SearchStrategy[object]] = {
        pa.int64(): st.integers(0, 9),
        pa.bool_(): st.booleans(),
        pa.binary_view(): st.sampled_from([b"", b"long enough to lie outside"]),
    }
    return plain.get(type_, st.sampled_from(["", "x", "long enough to lie outside"]))


@st.composite
def arrays(draw: st.DrawFn) -> pa.Array:
    """Possibly a slice, so that offsets count."""
    type_ = draw(TYPES)
    array = pa.array(draw(st.lists(values(type_), max_size=6)), type_)
    start = draw(st.integers(0, len(array)))
    return array.slice(start, draw(st.integers(0, len(array) - start)))


def slots(node: TypeNode, value: object) -> Iterator[tuple[str, object]]:
    """Every slot whose parents are there, by path, as a person would walk it."""
    yield node.path, value
    children = child_nodes(node.path, node.field.type)
    match value:
        case dict():
            for child in children:
                yield from slots(child, value[child.name])
        case list() if pa.types.is_map(node.field.type):
            for pair in value:
                for child, each in zip(children, pair, strict=True):
                    yield from slots(child, each)
        case list():
            for each in value:
                yield from slots(children[0], each)
        case _:
            return


def by_hand(field: pa.Field, rows: list[object]) -> dict[str, tuple[int, int]]:
    top = next(iter(walk_nodes([field])))
    found = {node.path: (0, 0) for node in walk_nodes([field])}
    for row in rows:
        for path, value in slots(top, row):
            seen, nulls = found[path]
            found[path] = (seen + 1, nulls + (value is None))
    return found


def count_nulls(
    schema: pa.Schema, batches: Sequence[pa.RecordBatch], paths: Sequence[str]
) -> dict[str, NullCount]:
    needs = tuple(NullsNeed("t", path) for path in paths)
    (found,) = tally([batches], [NullPart(schema, needs, samples=0)])
    answers = found.answers()
    counts = {need.path: answers.get(need) for need in needs}
    return {path: count for path, count in counts.items() if isinstance(count, NullCount)}


def counted(array: pa.Array, name: str = "c") -> dict[str, tuple[int, int]]:
    schema = pa.schema([pa.field(name, array.type)])
    paths = [node.path for node in walk_nodes(schema)]
    batch = pa.record_batch([array], schema=schema)
    found = count_nulls(schema, [batch.slice(0, 1), batch.slice(1)], paths)
    assert {count.rows for count in found.values()} == {len(array)}
    return {path: (count.values, count.nulls) for path, count in found.items()}


@unhurried
@given(arrays(), st.sampled_from(["c", "a.b", 'say "x"', "l[]"]))
def test_counts_are_those_of_a_walk_over_the_values(array: pa.Array, name: str) -> None:
    assert counted(array, name) == by_hand(pa.field(name, array.type), array.to_pylist())


@unhurried
@given(arrays(), st.data())
def test_what_lies_under_a_null_struct_does_not_count(array: pa.Array, data: st.DataObject) -> None:
    mask = data.draw(st.lists(st.booleans(), min_size=len(array), max_size=len(array)))
    struct = pa.StructArray.from_arrays([array], ["x"], mask=pa.array(mask, pa.bool_()))
    assert counted(struct) == by_hand(pa.field("c", struct.type), struct.to_pylist())


@unhurried
@given(arrays(), st.data())
def test_what_lies_under_a_null_list_does_not_count(array: pa.Array, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(array)), min_size=2, max_size=5)))
    mask = data.draw(st.lists(st.booleans(), min_size=len(cuts) - 1, max_size=len(cuts) - 1))
    offsets = pa.array(cuts, pa.int32())
    lists = pa.ListArray.from_arrays(offsets, array, mask=pa.array(mask, pa.bool_()))
    assert counted(lists) == by_hand(pa.field("c", lists.type), lists.to_pylist())


def encoded() -> dict[str, pa.Array]:
    """Four slots each: a value, a null, a null, a value; the encoding hides at least one of the nulls."""
    words = pa.array(["a", None])
    dictionary = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0]), words)
    runs = pa.array([1, 3, 4], pa.int32())
    tags = pa.array([0, 0, 1, 1], pa.int8())
    children = [pa.array([1, None, 3, 4]), pa.array(["a", "b", None, "d"])]
    sixteen = pa.array([b"a" * 16, None, None, b"b" * 16], pa.binary(16))
    return {
        "dictionary": dictionary,
        "run ends": pa.RunEndEncodedArray.from_arrays(runs, pa.array([1, None, 2])),
        "run ends of a dictionary": pa.RunEndEncodedArray.from_arrays(
            runs, pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), words)
        ),
        "sparse union": pa.UnionArray.from_sparse(tags, children),
        "dense union": pa.UnionArray.from_dense(
            tags, pa.array([0, 1, 0, 1], pa.int32()), [pa.array([1, None]), pa.array([None, "d"])]
        ),
        "extension": pa.ExtensionArray.from_storage(pa.uuid(), sixteen),
    }


@pytest.mark.parametrize("kind", encoded())
@pytest.mark.parametrize(
    ("wrap", "path", "count"),
    [
        (lambda array: array, "c", (4, 2)),
        (lambda array: array.slice(1, 2), "c", (2, 2)),
        (lambda array: array.slice(2), "c", (2, 1)),
        (
            lambda array: pa.StructArray.from_arrays(
                [array], ["x"], mask=pa.array([True, True, False, False])
            ),
            "c.x",
            (2, 1),
        ),
        (lambda array: pa.ListArray.from_arrays(pa.array([0, 1, 3]), array), "c[]", (3, 2)),
        (
            lambda array: pa.ListArray.from_arrays(
                pa.array([0, 2, 4]), array, mask=pa.array([True, False])
            ),
            "c[]",
            (2, 1),
        ),
        (
            lambda array: pa.MapArray.from_arrays(
                pa.array([0, 1, 4]), pa.array(["a", "b", "c", "d"]), array
            ),
            "c{}.value",
            (4, 2),
        ),
    ],
    ids=["plain", "slice", "tail", "struct", "list", "list with a null", "map"],
)
def test_an_encoding_hides_no_null(
    kind: str, wrap: Callable[[pa.Array], pa.Array], path: str, count: tuple[int, int]
) -> None:
    assert counted(wrap(encoded()[kind]))[path] == count


def test_what_hides_under_a_null_parent_is_no_null_leaf() -> None:
    struct = pa.StructArray.from_arrays(
        [pa.array([1, None, None])], ["x"], mask=pa.array([False, True, True])
    )
    assert counted(struct) == {"c": (3, 2), "c.x": (1, 0)}
    assert counted(pa.array([[], None, [None]], pa.list_(pa.int64()))) == {
        "c": (3, 1),
        "c[]": (1, 1),
    }


def test_a_slice_that_arrow_cannot_take_apart_is_an_error_and_no_crash() -> None:
    type_ = pa.map_(pa.string(), pa.struct([("x", pa.null())]))
    array = pa.array([[("a", None)], [("b", None), ("c", None)]], type_)
    assert counted(array.slice(0, 1))["c{}.value"] == (1, 1)
    with pytest.raises(pa.ArrowInvalid, match="has length smaller than expected"):
        counted(array.slice(1))


def test_a_path_that_is_not_there_is_not_counted() -> None:
    batch = pa.record_batch({"a": [1, None], "b": [[1], [None]]})
    found = count_nulls(batch.schema, [batch], ["a", "a.x", "none", "b[]", "b[].x", "b"])
    assert sorted(found) == ["a", "b", "b[]"]


def test_only_the_fields_above_the_paths_are_read() -> None:
    schema = pa.schema([("a", pa.int64()), ("b.c", pa.int64()), ("d", pa.int64())])
    assert columns_of(schema, ["d", '"b.c"', "none", "d"]) == ["b.c", "d"]


def test_no_batch_is_no_row() -> None:
    found = count_nulls(pa.schema([("a", pa.int64())]), [], ["a"])
    assert found == {"a": NullCount(0, 0)}
