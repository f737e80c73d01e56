"""What holds of every type: text, equality, differences and nodes, on generated types."""

from collections.abc import Callable

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cst_contracts.datatypes import (
    DifferenceKind,
    TypeDifference,
    TypeNode,
    child_nodes,
    child_path,
    find_node,
    parse_type,
    print_type,
    same_type,
    top_level,
    type_differences,
    walk_nodes,
)
from cst_contracts.errors import InvalidType

unhurried = settings(deadline=None, max_examples=60)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
PLAIN_NAMES = ("a", "b", "c", "item", "element", "größe", "not null", "struct", "list")
ODD_NAMES = ("", " ", " a", "a b", "a:b", 'say "x"', "it's", "list<int8>", ">", "a.b", "a[]", "{}")
NAMES = st.sampled_from((*PLAIN_NAMES, *ODD_NAMES, "\\", "\n", "\u2028", "x=1")) | TEXT
METADATA = st.none() | st.dictionaries(TEXT, TEXT, max_size=2)
UNITS = st.sampled_from(["s", "ms", "us", "ns"])
PLAIN_TYPES = (
    *(pa.null(), pa.bool_(), pa.int8(), pa.int64(), pa.uint16(), pa.float16(), pa.float64()),
    *(pa.string(), pa.large_string(), pa.string_view(), pa.date32(), pa.date64()),
    *(pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(4), pa.time32("ms")),
    *(pa.time64("ns"), pa.month_day_nano_interval(), parse_type("month_interval")),
)
LEAVES = st.one_of(
    st.sampled_from(PLAIN_TYPES),
    st.builds(pa.timestamp, UNITS, st.sampled_from([None, "UTC", "+02:00", "Europe/Zurich"])),
    st.builds(pa.duration, UNITS),
    st.builds(pa.decimal128, st.integers(1, 38), st.integers(-5, 5)),
    st.builds(pa.decimal256, st.integers(1, 76), st.integers(-5, 5)),
)
NESTED = ("struct", "struct", "list", "fixed_size_list", "map", "dictionary", "run_ends", "union")
LISTS = st.sampled_from([pa.list_, pa.large_list, pa.list_view, pa.large_list_view])


@st.composite
def fields(draw: st.DrawFn, depth: int, name: str | None = None) -> pa.Field:
    """A field whose type is nested to the depth at most."""
    chosen = draw(NAMES) if name is None else name
    type_ = draw(types(depth))
    field = pa.field(chosen, type_, metadata=draw(METADATA))
    return field.with_nullable(nullable=draw(st.booleans()))


@st.composite
def distinct_fields(draw: st.DrawFn, depth: int, least: int = 0) -> list[pa.Field]:
    names = draw(st.lists(NAMES, min_size=least, max_size=3, unique=True))
    return [draw(fields(depth, name)) for name in names]


@st.composite
def types(draw: st.DrawFn, depth: int) -> pa.DataType:
    """Any type nested to the depth at most."""
    if depth == 0:
        return draw(LEAVES)
    below = depth - 1
    match draw(st.sampled_from(("leaf", *NESTED))):
        case "struct":
            return pa.struct(draw(distinct_fields(below)))
        case "list":
            return draw(LISTS)(draw(fields(below)))
        case "fixed_size_list":
            return pa.list_(draw(fields(below)), draw(st.integers(0, 9)))
        case "map":
            key = draw(fields(below) | fields(0, "key")).with_nullable(nullable=False)
            value = draw(fields(below) | fields(below, "value"))
            return pa.map_(key, value, keys_sorted=draw(st.booleans()))
        case "dictionary":
            return pa.dictionary(pa.int8(), draw(types(below)), ordered=draw(st.booleans()))
        case "run_ends":
            return pa.run_end_encoded(pa.int16(), draw(types(below)))
        case "union":
            children = draw(distinct_fields(below))
            codes = draw(st.permutations(range(len(children))))
            return pa.union(children, draw(st.sampled_from(["dense", "sparse"])), codes)
        case _:
            return draw(LEAVES)


TYPES = types(4)
STRUCTS = distinct_fields(3, least=2).map(pa.struct)


def with_children(type_: pa.DataType, children: list[pa.Field]) -> pa.DataType:
    """The same kind of type around other children."""
    if pa.types.is_struct(type_):
        return pa.struct(children)
    if pa.types.is_map(type_):
        return pa.map_(*children, keys_sorted=type_.keys_sorted)
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(children[0], type_.list_size)
    makers = {"large_list": pa.large_list, "list": pa.list_, "list_view": pa.list_view}
    makers["large_list_view"] = pa.large_list_view
    maker = makers.get(str(type_).partition("<")[0])
    return maker(children[0]) if maker else type_


def changed_at(
    type_: pa.DataType, here: str, path: str, change: Callable[[pa.DataType], pa.DataType]
) -> pa.DataType:
    """The type with the node at `path` changed, everything else as it was."""
    if here == path:
        return change(type_)
    children = [
        node.field.with_type(changed_at(node.field.type, node.path, path, change))
        for node in child_nodes(here, type_)
    ]
    return with_children(type_, children)


def nodes_of(type_: pa.DataType) -> list[TypeNode]:
    return list(walk_nodes([pa.field("f", type_)]))


def structs_in(type_: pa.DataType, least: int) -> list[TypeNode]:
    found = [node for node in nodes_of(type_) if pa.types.is_struct(node.field.type)]
    return [node for node in found if node.field.type.num_fields >= least]


def as_an_engine_changes_it(type_: pa.DataType) -> pa.DataType:
    """Every equivalence at once, at every node."""
    if pa.types.is_dictionary(type_):
        return as_an_engine_changes_it(type_.value_type)
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return pa.dictionary(pa.int8(), pa.string_view())
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return pa.binary_view()
    children = [
        node.field.with_type(as_an_engine_changes_it(node.field.type))
        for node in child_nodes("f", type_)
    ]
    if pa.types.is_map(type_):
        return pa.map_(children[0].with_name("k"), children[1].with_name("v"))
    if pa.types.is_list(type_) or pa.types.is_list_view(type_):
        return pa.large_list(children[0].with_name("other"))
    return with_children(type_, children)


def parsed_or_refused(text: str) -> pa.DataType | InvalidType:
    try:
        return parse_type(text)
    except InvalidType as invalid:
        return invalid


@unhurried
@given(TYPES)
def test_a_printed_type_reads_back_as_the_same_type_metadata_and_all(type_: pa.DataType) -> None:
    assert parse_type(print_type(type_)).equals(type_, check_metadata=True)


@unhurried
@given(st.text(max_size=20) | st.text("structli<>[](){}:,\"'= 0nu", max_size=30))
def test_any_text_is_a_type_or_invalid_at_a_place_within_it(text: str) -> None:
    outcome = parsed_or_refused(text)
    if isinstance(outcome, InvalidType):
        assert 0 <= outcome.offset <= len(text)
        assert outcome.what
        assert outcome.instead
    else:
        assert parse_type(print_type(outcome)).equals(outcome, check_metadata=True)


@unhurried
@given(TYPES, st.booleans())
def test_a_type_is_the_same_as_itself(type_: pa.DataType, exact: bool) -> None:  # noqa: FBT001
    again = parse_type(print_type(type_))
    assert same_type(type_, again, exact=exact)
    assert type_differences(type_, again, path="f", exact=exact) == ()


@unhurried
@given(types(2), types(2), st.booleans())
def test_being_the_same_has_no_direction(a: pa.DataType, b: pa.DataType, exact: bool) -> None:  # noqa: FBT001
    assert same_type(a, b, exact=exact) == same_type(b, a, exact=exact)
    assert same_type(a, b, exact=exact) == (not type_differences(a, b, path="f", exact=exact))


@unhurried
@given(TYPES)
def test_every_equivalence_holds_down_to_the_last_leaf(type_: pa.DataType) -> None:
    changed = as_an_engine_changes_it(type_)
    assert type_differences(type_, changed, path="f") == ()
    assert same_type(changed, type_)


@unhurried
@given(STRUCTS, st.data())
def test_a_dropped_child_is_missing_and_an_added_one_extra_at_exactly_its_path(
    whole: pa.DataType, data: st.DataObject
) -> None:
    node = data.draw(st.sampled_from(structs_in(whole, least=1)))
    child = data.draw(st.sampled_from(list(node.field.type)))
    kept = [other for other in node.field.type if other.name != child.name]
    less = changed_at(whole, "f", node.path, lambda _: pa.struct(kept))
    path, printed = child_path(node.path, child.name), print_type(child.type)
    assert type_differences(whole, less, path="f") == (
        TypeDifference(path, printed, "absent", DifferenceKind.MISSING),
    )
    assert type_differences(less, whole, path="f") == (
        TypeDifference(path, "absent", printed, DifferenceKind.EXTRA),
    )


@unhurried
@given(STRUCTS, st.data())
def test_two_children_that_swap_places_have_moved_and_nothing_else(
    whole: pa.DataType, data: st.DataObject
) -> None:
    node = data.draw(st.sampled_from(structs_in(whole, least=2)))
    children = list(node.field.type)
    index = st.integers(0, len(children) - 1)
    first, last = sorted(data.draw(st.lists(index, min_size=2, max_size=2, unique=True)))
    children[first], children[last] = children[last], children[first]
    swapped = changed_at(whole, "f", node.path, lambda _: pa.struct(children))
    differences = type_differences(whole, swapped, path="f")
    assert {difference.kind for difference in differences} == {DifferenceKind.MOVED}
    assert len(differences) == (1 if last == first + 1 else 2)
    assert all(difference.promised != difference.observed for difference in differences)
    paths = {child_path(node.path, child.name) for child in children}
    assert {difference.path for difference in differences} <= paths


@unhurried
@given(STRUCTS, st.data(), st.booleans())
def test_a_changed_leaf_is_told_at_exactly_that_leaf(
    whole: pa.DataType,
    data: st.DataObject,
    exact: bool,  # noqa: FBT001
) -> None:
    leaves = [
        node
        for node in nodes_of(whole)
        if pa.types.is_dictionary(node.field.type) or not child_nodes(node.path, node.field.type)
    ]
    node = data.draw(st.sampled_from(leaves))
    other = pa.int32()  # no generated type is one
    changed = changed_at(whole, "f", node.path, lambda _: other)
    assert type_differences(whole, changed, path="f", exact=exact) == (
        TypeDifference(node.path, print_type(node.field.type), "int32", DifferenceKind.TYPE),
    )


@unhurried
@given(distinct_fields(3))
def test_every_node_has_a_path_of_its_own_and_is_found_by_it(fields: list[pa.Field]) -> None:
    schema = pa.schema(fields)
    nodes = list(walk_nodes(schema))
    assert len({node.path for node in nodes}) == len(nodes)
    assert [find_node(schema, node.path) for node in nodes] == nodes
    assert {top_level(node.path) for node in nodes} == {field.name for field in schema}
