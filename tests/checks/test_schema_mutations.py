"""What holds of every promised schema: one difference is red where it is, and nowhere else."""

import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.answers import Answered, checks_of

from cst_contracts.checks.field_set import FieldsComplete
from cst_contracts.checks.fields import FieldKept
from cst_contracts.checks.nulls import NoNulls
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Verdict
from cst_contracts.datatypes import (
    child_nodes,
    child_path,
    find_node,
    is_list,
    print_type,
    same_type,
    walk_nodes,
)
from cst_contracts.facts import CouldNotLook, NullCount, TableFacts, Trouble
from cst_contracts.needs import AnyNeed, NullsNeed, SchemaNeed

unhurried = settings(deadline=None, max_examples=40)

NAMES = st.sampled_from(["a", "b", "c", "d", "item", "key", "value", "a.b", "c[]", 'say "x"'])
LEAVES = st.sampled_from([pa.int64(), pa.string(), pa.timestamp("us", tz="UTC"), pa.bool_()])
METADATA = st.sampled_from([None, {"unit": "byte"}, {"unit": "byte", "of": "file"}])
FRESH = pa.field("fresh", pa.int8())
LEAF = pa.date32()
OTHERS = [LEAF, pa.struct([FRESH]), pa.list_(LEAF), pa.map_(pa.string(), LEAF)]


@st.composite
def fields(draw: st.DrawFn, depth: int, name: str | None = None) -> pa.Field:
    """A named field; one that stands in a list or a map has no name and no metadata of its own."""
    type_ = draw(types(depth))
    field = pa.field("item" if name is None else name, type_, nullable=draw(st.booleans()))
    return field if name is None else field.with_metadata(draw(METADATA))


@st.composite
def named_fields(draw: st.DrawFn, depth: int) -> list[pa.Field]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return [draw(fields(depth, name)) for name in names]


@st.composite
def types(draw: st.DrawFn, depth: int) -> pa.DataType:
    match draw(st.sampled_from(["leaf", "struct", "struct", "list", "map"])) if depth else "leaf":
        case "struct":
            return pa.struct(draw(named_fields(depth - 1)))
        case "list":
            return pa.list_(draw(fields(depth - 1)))
        case "map":
            return pa.map_(pa.string(), draw(fields(depth - 1)).with_name("value"))
        case _:
            return draw(LEAVES)


SCHEMAS = named_fields(3)


def written(field: pa.Field) -> dict[str, Any]:
    """The field as a contract spells it out, so that every named node has metadata of its own."""
    text, children = outline(field.type)
    spelled: dict[str, Any] = {"name": field.name, "type": text, "nullable": field.nullable}
    if children:
        spelled["fields"] = [written(child) for child in children]
    if field.metadata:
        spelled["metadata"] = {k.decode(): v.decode() for k, v in field.metadata.items()}
    return spelled


def outline(type_: pa.DataType) -> tuple[str, list[pa.Field]]:
    """The type's text with a bare `struct`, and what `fields` has to spell out."""
    if pa.types.is_struct(type_):
        return "struct", list(type_)
    if pa.types.is_map(type_) or is_list(type_):
        *_, below = child_nodes("", type_)
        text, children = outline(below.field.type)
        certain = "" if below.field.nullable else " not null"
        kind = "map<string, " if pa.types.is_map(type_) else "list<"
        return f"{kind}{text}{certain}>", children
    return print_type(type_), []


def edited(
    fields: Iterable[pa.Field], parent: str, path: str, edit: Callable[[pa.Field], list[pa.Field]]
) -> list[pa.Field]:
    """The fields with the node at `path` in what `edit` makes of it, all else as it was."""
    after: list[pa.Field] = []
    for field in fields:
        here = child_path(parent, field.name)
        after += edit(field) if here == path else [edited_below(field, here, path, edit)]
    return after


def edited_below(
    field: pa.Field, here: str, path: str, edit: Callable[[pa.Field], list[pa.Field]]
) -> pa.Field:
    type_ = field.type
    if pa.types.is_struct(type_):
        return field.with_type(pa.struct(edited(type_, here, path, edit)))
    sides = [
        edit(node.field)[0]
        if node.path == path
        else edited_below(node.field, node.path, path, edit)
        for node in child_nodes(here, type_)
    ]
    if pa.types.is_map(type_):
        return field.with_type(pa.map_(*sides))
    return field.with_type(pa.list_(*sides)) if sides else field


@dataclass(frozen=True)
class Promise:
    """A promised schema, and its contract's text."""

    schema: pa.Schema
    text: str

    def node_paths(self) -> list[str]:
        return [node.path for node in walk_nodes(self.schema)]

    def named_paths(self) -> list[str]:
        return [path for path, parent in self.parents().items() if parent is not None]

    def parents(self) -> dict[str, str | None]:
        """Of every node: the struct above, empty for the table; None where a list or a map is above."""
        found: dict[str, str | None] = {child_path("", field.name): "" for field in self.schema}
        for node in walk_nodes(self.schema):
            is_struct = pa.types.is_struct(node.field.type)
            for child in child_nodes(node.path, node.field.type):
                found[child.path] = node.path if is_struct else None
        return found

    def field(self, path: str) -> pa.Field:
        node = find_node(self.schema, path)
        assert node is not None
        return node.field

    def below(self, path: str) -> set[str]:
        nodes = list(child_nodes(path, self.field(path).type))
        for node in nodes:  # grows as it goes
            nodes += child_nodes(node.path, node.field.type)
        return {node.path for node in nodes}

    def edited(self, path: str, edit: Callable[[pa.Field], list[pa.Field]]) -> pa.Schema:
        return pa.schema(edited(self.schema, "", path, edit))


def promise_of(fields: list[pa.Field], **clauses: str) -> Promise:
    text = json.dumps({"table": "t", "fields": [written(field) for field in fields], **clauses})
    return Promise(pa.schema(fields), text)


def verdicts(
    promise: Promise, observed: pa.Schema, stored: pa.Schema | None = None
) -> dict[str, Verdict]:
    """Of all that looks at the schema, and of the nulls, as if every node there held one value."""
    facts = TableFacts("t", "parquet", observed, stored_schema=stored)
    there = {node.path for node in walk_nodes(observed)}
    absent = CouldNotLook("no such field", "t", trouble=Trouble.FIELD)
    checks = {
        id_: check
        for id_, check in checks_of(promise.text).items()
        if isinstance(check, FieldKept | FieldsComplete | NoNulls)
    }
    known: dict[AnyNeed, object] = {SchemaNeed("t"): facts}
    for check in checks.values():
        if isinstance(check, NoNulls):
            path = check.field.path
            known[NullsNeed("t", path)] = NullCount(1, 0, rows=1) if path in there else absent
    return {id_: check.judge(Answered(known)) for id_, check in checks.items()}


def assert_red_exactly(
    found: Mapping[str, Verdict], broken: Set[str], undecided: Set[str] = frozenset()
) -> None:
    """`undecided` are paths whose subject is gone: their nulls are undecided, too."""
    assert {id_ for id_, each in found.items() if isinstance(each, Broken)} == broken
    gone = {f"field[{path}]" for path in undecided} | {f"nulls[{path}]" for path in undecided}
    told = {id_ for id_, each in found.items() if isinstance(each, Undecided)}
    assert told == gone & found.keys()
    assert_every_cause_is_red(found)


def assert_every_cause_is_red(found: Mapping[str, Verdict]) -> None:
    """Undecided verdicts lead, one cause after the other, to a broken one of the same table."""
    for id_ in found:
        chain = [id_]
        while isinstance(verdict := found[chain[-1]], Undecided):
            assert verdict.cause is not None
            assert verdict.cause.table == "t"
            assert verdict.cause.check not in chain
            chain.append(verdict.cause.check)
        assert chain == [id_] or isinstance(verdict, Broken)


def red_at(path: str | None) -> str:
    return f"field[{path}]" if path else "fields"


@unhurried
@given(SCHEMAS)
def test_a_schema_as_promised_is_kept_throughout(fields: list[pa.Field]) -> None:
    promise = promise_of(fields)
    found = verdicts(promise, promise.schema, promise.schema)
    assert {f"field[{path}]" for path in promise.node_paths()} < found.keys()
    assert_red_exactly(found, set())


@unhurried
@given(SCHEMAS, st.data())
def test_a_dropped_node_is_red_and_what_was_below_is_undecided(
    fields: list[pa.Field], data: st.DataObject
) -> None:
    promise = promise_of(fields)
    path = data.draw(st.sampled_from(promise.named_paths()))
    found = verdicts(promise, promise.edited(path, lambda _: []))
    gone = promise.below(path)
    nulls = {f"nulls[{path}]"} & found.keys()
    assert all(isinstance(found[id_], Undecided) for id_ in nulls)
    assert_red_exactly({i: v for i, v in found.items() if i not in nulls}, {red_at(path)}, gone)
    assert_every_cause_is_red(found)


@unhurried
@given(SCHEMAS, st.data())
def test_a_renamed_node_is_missed_and_its_new_name_is_unpromised(
    fields: list[pa.Field], data: st.DataObject
) -> None:
    promise = promise_of(fields)
    path = data.draw(st.sampled_from(promise.named_paths()))
    found = verdicts(promise, promise.edited(path, lambda field: [field.with_name("fresh")]))
    nulls = {f"nulls[{path}]"} & found.keys()
    assert all(isinstance(found[id_], Undecided) for id_ in nulls)
    expected = {red_at(path), red_at(promise.parents()[path])}
    rest = {id_: verdict for id_, verdict in found.items() if id_ not in nulls}
    assert_red_exactly(rest, expected, promise.below(path))


@unhurried
@given(SCHEMAS, st.data())
def test_another_type_is_red_at_its_own_path(fields: list[pa.Field], data: st.DataObject) -> None:
    promise = promise_of(fields)
    path = data.draw(st.sampled_from(promise.node_paths()))
    was = promise.field(path).type
    kinds = (pa.types.is_struct, is_list, pa.types.is_map)
    others = [other for other in OTHERS if not any(is_(was) and is_(other) for is_ in kinds)]
    other = data.draw(st.sampled_from(others))
    observed = promise.edited(path, lambda field: [field.with_type(other)])
    assert_red_exactly(verdicts(promise, observed), {red_at(path)}, promise.below(path))


@unhurried
@given(SCHEMAS, st.data(), st.booleans())
def test_a_lost_flag_is_red_at_its_own_path_declared_or_stored(
    fields: list[pa.Field],
    data: st.DataObject,
    declared: bool,  # noqa: FBT001 - drawn
) -> None:
    promise = promise_of(fields, nullability="strict")
    keys = {path for path in promise.node_paths() if path.endswith("{}.key")}
    certain = [p for p in promise.node_paths() if not promise.field(p).nullable and p not in keys]
    assume(certain)
    path = data.draw(st.sampled_from(certain))
    flipped = promise.edited(path, lambda field: [field.with_nullable(nullable=True)])
    sides = (flipped, promise.schema) if declared else (promise.schema, flipped)
    assert_red_exactly(verdicts(promise, *sides), {red_at(path)})
    by_values = promise_of(fields, nullability="values")
    assert_red_exactly(verdicts(by_values, *sides), set())


@unhurried
@given(SCHEMAS, st.data())
def test_a_flag_that_nobody_promised_is_fine(fields: list[pa.Field], data: st.DataObject) -> None:
    promise = promise_of(fields)
    path = data.draw(st.sampled_from(promise.node_paths()))
    stricter = promise.edited(path, lambda field: [field.with_nullable(nullable=False)])
    assert_red_exactly(verdicts(promise, stricter, stricter), set())


@unhurried
@given(SCHEMAS, st.data())
def test_lost_metadata_is_red_at_its_own_path(fields: list[pa.Field], data: st.DataObject) -> None:
    promise = promise_of(fields)
    carriers = [path for path in promise.named_paths() if promise.field(path).metadata]
    assume(carriers)
    path = data.draw(st.sampled_from(carriers))
    changed = data.draw(st.sampled_from([None, {"unit": "char"}, {"of": "file"}]))
    observed = promise.edited(path, lambda field: [field.with_metadata(changed)])
    assert_red_exactly(verdicts(promise, observed), {red_at(path)})


@unhurried
@given(SCHEMAS, st.data())
def test_an_extra_sibling_is_red_at_the_node_above_unless_extra_ones_are_allowed(
    fields: list[pa.Field], data: st.DataObject
) -> None:
    promise = promise_of(fields)
    path = data.draw(st.sampled_from(promise.named_paths()))
    before = data.draw(st.booleans())
    observed = promise.edited(path, lambda field: [FRESH, field] if before else [field, FRESH])
    assert_red_exactly(verdicts(promise, observed), {red_at(promise.parents()[path])})
    allowing = promise_of(fields, extra_fields="allow")
    assert_red_exactly(verdicts(allowing, observed), set())


@unhurried
@given(SCHEMAS, st.data())
def test_a_new_order_of_siblings_is_told_by_the_fewest_moves_unless_any_is_fine(
    fields: list[pa.Field], data: st.DataObject
) -> None:
    promise = promise_of(fields)
    parents = promise.parents()
    groups = {parent for parent in parents.values() if parent is not None}
    parent = data.draw(st.sampled_from(sorted(groups)))
    old = list(promise.field(parent).type if parent else promise.schema)
    new = data.draw(st.permutations(old))
    reordered = pa.struct(new)
    observed = (
        promise.edited(parent, lambda field: [field.with_type(reordered)])
        if parent
        else pa.schema(new)
    )
    found = verdicts(promise, observed)
    moved = {id_ for id_, each in found.items() if isinstance(each, Broken)} - {"fields"}
    ranks = [next(i for i, field in enumerate(new) if field.name == was.name) for was in old]
    assert len(moved) == len(ranks) - longest_rise(ranks)
    stayed = [
        ranks[i] for i, f in enumerate(old) if red_at(child_path(parent, f.name)) not in moved
    ]
    assert stayed == sorted(stayed)
    assert_red_exactly(found, moved | ({"fields"} if moved and not parent else set()))
    assert_red_exactly(verdicts(promise_of(fields, field_order="any"), observed), set())


def longest_rise(ranks: Iterable[int]) -> int:
    ends: list[int] = []
    for rank in ranks:
        length = bisect_left(ends, rank)
        ends[length : length + 1] = [rank]
    return len(ends)


@settings(deadline=None, max_examples=80)
@given(SCHEMAS, SCHEMAS)
def test_whatever_is_there_every_undecided_check_has_a_broken_cause_and_kept_means_same(
    promised: list[pa.Field], observed: list[pa.Field]
) -> None:
    promise = promise_of(promised)
    there = pa.schema(observed)
    found = verdicts(promise, there, there)
    assert_every_cause_is_red(found)
    same = [field.name for field in promised] == there.names and all(
        same_type(mine.type, theirs.type) for mine, theirs in zip(promised, observed, strict=True)
    )
    if not same:
        assert any(isinstance(verdict, Broken) for verdict in found.values())
    for path in promise.node_paths():
        if find_node(there, path) is None:
            assert not isinstance(found[f"field[{path}]"], Kept)
            assert not isinstance(found.get(f"nulls[{path}]"), Kept)
