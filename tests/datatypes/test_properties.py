"""What holds of every type: text, equality, differences and nodes, on generated types."""

from collections.abc import Callable

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from support.arrow_types import STRUCTS, TYPES, distinct_fields, types

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
