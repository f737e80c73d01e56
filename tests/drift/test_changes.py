"""Two snapshots to the changes between them."""

from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.drift.changes import (
    Change,
    ContractAdded,
    ContractRemoved,
    OrderingChanged,
    PartitioningChanged,
    SettingChanged,
    SettingDeparted,
    SettingRestored,
    TableRenamed,
    diff,
)
from cst_contracts.drift.fields import (
    ArrowTypeChanged,
    FieldAdded,
    FieldChange,
    FieldMoved,
    FieldRemoved,
    FieldRenamed,
    MetadataChanged,
    NullabilityChanged,
    TypeChanged,
)
from cst_contracts.drift.functions import (
    DeterminismChanged,
    FunctionAdded,
    FunctionChange,
    FunctionRemoved,
    FunctionShadowed,
    FunctionUnshadowed,
    KindChanged,
    ReturnsChanged,
    SignatureAdded,
    SignatureRemoved,
)
from cst_contracts.drift.promises import PromiseAdded, PromiseChanged, PromiseRemoved
from cst_contracts.drift.snapshot import (
    QuerySnapshot,
    ReaderSnapshot,
    SeenRelation,
    SessionSnapshot,
    TableSnapshot,
    ViewSnapshot,
    sorted_session,
    table_snapshot,
)
from cst_contracts.drift.views import (
    CallsChanged,
    DefinitionChanged,
    PlanChanged,
    ReadingChanged,
    ViewAdded,
    ViewChange,
    ViewFieldChanged,
    ViewRemoved,
)
from cst_contracts.errors import SnapshotError
from cst_contracts.facts import FunctionFacts, Signature, TableFacts

LEAVES = st.sampled_from([pa.int64(), pa.int32(), pa.string(), pa.timestamp("us", tz="UTC")])
NAMES = st.sampled_from(["a", "b", "c", "d", "a.b", "", "a[]", "order", "orders", "Order_"])


def named_fields(types: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[list[pa.Field]]:
    metadata = st.none() | st.dictionaries(st.sampled_from("kl"), st.sampled_from("vw"), max_size=2)
    field = st.builds(pa.field, NAMES, types, nullable=st.booleans(), metadata=metadata)
    return st.lists(field, max_size=4, unique_by=lambda field: field.name)


def nested(types: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
    return st.one_of(
        named_fields(types).map(pa.struct),
        types.map(pa.list_),
        types.map(lambda type_: pa.list_(type_, 2)),
        types.map(lambda type_: pa.map_(pa.string(), type_)),
    )


FIELDS = named_fields(st.recursive(LEAVES, nested, max_leaves=6))
TERMS = st.lists(st.sampled_from("ab"), max_size=2).map(tuple)


def table(*fields: pa.Field) -> TableSnapshot:
    facts = TableFacts(name="t", format="parquet", schema=pa.schema(fields))
    snapshot = table_snapshot(SeenRelation(facts))
    assert isinstance(snapshot, TableSnapshot)
    return snapshot


QUERIES = st.builds(QuerySnapshot, functions=TERMS, plan=TERMS)
VIEWS = st.builds(
    ViewSnapshot,
    name=st.sampled_from("vw"),
    fields=FIELDS.map(lambda fields: table(*fields).fields),
    query=QUERIES,
)


READERS = st.builds(ReaderSnapshot, name=st.sampled_from("qr"), functions=TERMS, reads=TERMS)


def tables(names: st.SearchStrategy[str]) -> st.SearchStrategy[TableSnapshot]:
    return st.builds(
        TableSnapshot,
        table=names,
        fields=FIELDS.map(lambda fields: table(*fields).fields),
        partitioned_by=TERMS,
        ordered_by=TERMS,
        query=QUERIES,
        views=st.lists(VIEWS, max_size=2, unique_by=lambda view: view.name).map(
            lambda views: tuple(sorted(views, key=lambda view: view.name))
        ),
        queries=st.lists(READERS, max_size=2, unique_by=lambda query: query.name).map(
            lambda queries: tuple(sorted(queries, key=lambda query: query.name))
        ),
    )


TABLES = tables(st.sampled_from("tu"))
FUNCTIONS = st.builds(
    FunctionFacts,
    name=st.sampled_from("fgh"),
    kind=st.sampled_from(["scalar", "window"]),
    deterministic=st.booleans(),
    signatures=st.lists(
        st.builds(Signature, arguments=TERMS, returns=st.sampled_from([None, "a"])), max_size=3
    ).map(tuple),
)
SESSIONS = st.builds(
    sorted_session,
    functions=st.lists(FUNCTIONS, max_size=4),
    settings=st.dictionaries(st.sampled_from("xyz"), st.none() | st.sampled_from("12")).map(
        lambda settings: tuple(settings.items())
    ),
    shadowed=TERMS,
)


def mirrored(change: Change) -> Change:
    match change:
        case TableRenamed(before, after):
            return TableRenamed(after, before)
        case PartitioningChanged(old_names, new_names):
            return PartitioningChanged(new_names, old_names)
        case OrderingChanged(old_names, new_names):
            return OrderingChanged(new_names, old_names)
        case SettingDeparted(name, value):
            return SettingRestored(name, value)
        case SettingRestored(name, value):
            return SettingDeparted(name, value)
        case SettingChanged(name, old_value, new_value):
            return SettingChanged(name, new_value, old_value)
        case ViewAdded() | ViewRemoved() | ViewFieldChanged() | PlanChanged() | CallsChanged():
            return mirrored_view(change)
        case ReadingChanged():
            return mirrored_view(change)
        case FieldAdded() | FieldRemoved() | TypeChanged() | NullabilityChanged():
            return mirrored_field(change)
        case MetadataChanged() | FieldMoved() | FieldRenamed() | ArrowTypeChanged():
            return mirrored_field(change)
        case ContractAdded() | ContractRemoved() | DefinitionChanged():
            raise AssertionError(change)  # no snapshot holds such a thing
        case PromiseAdded() | PromiseRemoved() | PromiseChanged():
            raise AssertionError(change)
        case _:
            return mirrored_function(change)


def mirrored_field(change: FieldChange) -> FieldChange:
    match change:
        case FieldAdded(path, type_text, nullable):
            return FieldRemoved(path, type_text, nullable)
        case FieldRemoved(path, type_text, nullable):
            return FieldAdded(path, type_text, nullable)
        case FieldRenamed(path, renamed, type_text):
            return FieldRenamed(renamed, path, type_text)
        case ArrowTypeChanged(path, arrow_before, arrow_after):
            return ArrowTypeChanged(path, arrow_after, arrow_before)
        case TypeChanged(path, before, after):
            return TypeChanged(path, after, before)
        case NullabilityChanged(path, nullable):
            return NullabilityChanged(path, not nullable)
        case MetadataChanged(path, old, new):
            return MetadataChanged(path, new, old)
        case FieldMoved(path, old_anchor, new_anchor):
            return FieldMoved(path, new_anchor, old_anchor)


def mirrored_view(change: ViewChange) -> ViewChange:
    match change:
        case ViewAdded(name):
            return ViewRemoved(name)
        case ViewRemoved(name):
            return ViewAdded(name)
        case ViewFieldChanged(view, field_change):
            return ViewFieldChanged(view, mirrored_field(field_change))
        case DefinitionChanged(view, was, now):
            return DefinitionChanged(view, now, was)
        case PlanChanged(view, before, after):
            return PlanChanged(view, after, before)
        case CallsChanged(view, before, after):
            return CallsChanged(view, after, before)
        case ReadingChanged(query, was_read, now_read):
            return ReadingChanged(query, now_read, was_read)


def mirrored_function(change: FunctionChange) -> FunctionChange:
    match change:
        case FunctionAdded(name, kind):
            return FunctionRemoved(name, kind)
        case FunctionRemoved(name, kind):
            return FunctionAdded(name, kind)
        case KindChanged(name, before, after):
            return KindChanged(name, after, before)
        case DeterminismChanged(name, kind, deterministic):
            return DeterminismChanged(name, kind, not deterministic)
        case SignatureAdded(name, kind, signature):
            return SignatureRemoved(name, kind, signature)
        case SignatureRemoved(name, kind, signature):
            return SignatureAdded(name, kind, signature)
        case ReturnsChanged(name, kind, arguments, old, new):
            return ReturnsChanged(name, kind, arguments, new, old)
        case FunctionShadowed(name):
            return FunctionUnshadowed(name)
        case FunctionUnshadowed(name):
            return FunctionShadowed(name)


@given(TABLES, TABLES)
def test_tables_differ_exactly_where_a_change_is_told(
    before: TableSnapshot, after: TableSnapshot
) -> None:
    assert diff(before, before) == ()
    assert (diff(before, after) == ()) == (before == after)


@given(SESSIONS, SESSIONS)
def test_sessions_differ_exactly_where_a_change_is_told(
    before: SessionSnapshot, after: SessionSnapshot
) -> None:
    assert diff(before, before) == ()
    assert (diff(before, after) == ()) == (before == after)


@given(TABLES, TABLES)
def test_a_tables_changes_turn_around(before: TableSnapshot, after: TableSnapshot) -> None:
    assert set(map(mirrored, diff(before, after))) == set(diff(after, before))


@given(SESSIONS, SESSIONS)
def test_a_sessions_changes_turn_around(before: SessionSnapshot, after: SessionSnapshot) -> None:
    assert set(map(mirrored, diff(before, after))) == set(diff(after, before))


@given(TABLES, TABLES)
def test_nothing_is_told_twice(before: TableSnapshot, after: TableSnapshot) -> None:
    changes = diff(before, after)
    assert len(set(changes)) == len(changes)


@given(FIELDS.filter(bool), st.data())
def test_a_dropped_field_is_found_and_its_children_are_not_listed(
    fields: list[pa.Field], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(fields) - 1))
    gone = table(fields[index]).fields[0]
    assert diff(table(*fields), table(*fields[:index], *fields[index + 1 :])) == (
        FieldRemoved(gone.path, gone.type, gone.nullable),
    )


@given(FIELDS.filter(bool), st.data(), st.sampled_from([pa.list_, pa.struct]))
def test_a_dropped_child_is_found_at_its_own_path(
    fields: list[pa.Field], data: st.DataObject, wrap: Callable[[object], pa.DataType]
) -> None:
    index = data.draw(st.integers(0, len(fields) - 1))

    def table_of(children: list[pa.Field]) -> TableSnapshot:
        struct = pa.struct(children)
        return table(pa.field("top", struct if wrap is pa.struct else pa.list_(struct)))

    top = "top" if wrap is pa.struct else "top[]"
    gone = table(fields[index]).fields[0]
    assert diff(table_of(fields), table_of(fields[:index] + fields[index + 1 :])) == (
        FieldRemoved(f"{top}.{gone.path}", gone.type, gone.nullable),
    )


@given(st.permutations([f"f{index}" for index in range(6)]))
def test_a_new_order_is_told_by_the_fewest_moves(names: list[str]) -> None:
    before = [f"f{index}" for index in range(6)]
    changes = diff(
        table(*(pa.field(name, pa.int8()) for name in before)),
        table(*(pa.field(name, pa.int8()) for name in names)),
    )
    moved = {change.path for change in changes if isinstance(change, FieldMoved)}
    assert len(moved) == len(changes) == len(names) - longest_rise(names)
    stayed = [name for name in names if name not in moved]
    assert stayed == sorted(stayed)
    assert all(
        change.before != change.after for change in changes if isinstance(change, FieldMoved)
    )


def longest_rise(names: list[str]) -> int:
    lengths: list[int] = []
    for index, name in enumerate(names):
        lengths.append(1 + max((lengths[i] for i in range(index) if names[i] < name), default=0))
    return max(lengths)


def span(*children: pa.Field) -> TableSnapshot:
    return table(pa.field("refs", pa.list_(pa.struct(children))))


BSTART, BEND = pa.field("bstart", pa.int64()), pa.field("bend", pa.int64())
CERTAIN = pa.field("bstart", pa.int64(), nullable=False)
MOVED = FieldMoved("refs[].bstart", None, "refs[].bend")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (span(BSTART), span(BSTART, BEND), [FieldAdded("refs[].bend", "int64", nullable=True)]),
        (span(BSTART, BEND), span(BEND, BSTART), [MOVED]),
        (span(BSTART), span(CERTAIN), [
            NullabilityChanged("refs[].bstart", nullable=False)
        ]),
        (span(BSTART), span(BSTART.with_metadata({"unit": "byte"})), [
            MetadataChanged("refs[].bstart", (), (("unit", "byte"),))
        ]),
        (span(BSTART), span(BSTART.with_type(pa.int32())), [
            TypeChanged("refs[].bstart", "int64", "int32")
        ]),
        (span(BSTART), table(pa.field("refs", pa.list_(pa.int8()))), [
            TypeChanged("refs[]", "struct", "int8")
        ]),
        (span(BSTART), table(pa.field("refs", pa.map_(pa.string(), pa.int8()))), [
            TypeChanged("refs", "list", "map")
        ]),
        (
            table(pa.field("x", pa.list_(pa.int8()))),
            table(pa.field("x", pa.list_(pa.int16(), 2))),
            [TypeChanged("x", "list", "fixed_size_list[2]"), TypeChanged("x[]", "int8", "int16")],
        ),
        (
            table(BSTART, BEND),
            table(pa.field("new", pa.int8()), BSTART, BEND),
            [FieldAdded("new", "int8", nullable=True)],
        ),
    ],
    ids=["added", "moved", "not-null", "metadata", "leaf", "struct-gone", "kind", "sized", "first"],
)  # fmt: skip
def test_a_change_stands_at_its_own_path_only(
    before: TableSnapshot, after: TableSnapshot, changes: list[Change]
) -> None:
    assert diff(before, after) == tuple(changes)


def test_a_renamed_field_is_one_gone_and_one_new() -> None:
    assert diff(table(pa.field("a", pa.int8())), table(pa.field("b", pa.int8()))) == (
        FieldRemoved("a", "int8", nullable=True),
        FieldAdded("b", "int8", nullable=True),
    )


METADATA = (("owner", "us"),)


@pytest.mark.parametrize(
    ("after", "change"),
    [
        (TableSnapshot("u", ()), TableRenamed("t", "u")),
        (TableSnapshot("t", (), partitioned_by=("a",)), PartitioningChanged((), ("a",))),
        (TableSnapshot("t", (), ordered_by=("a",)), OrderingChanged((), ("a",))),
        (TableSnapshot("t", (), metadata=METADATA), MetadataChanged("", (), METADATA)),
    ],
    ids=["name", "partitions", "order", "metadata"],
)
def test_what_is_about_a_whole_table_is_one_change(after: TableSnapshot, change: Change) -> None:
    assert diff(TableSnapshot("t", ()), after) == (change,)
    assert diff(after, TableSnapshot("t", ())) == (mirrored(change),)


def test_functions_and_settings_that_moved_are_told() -> None:
    int8, utf8 = Signature(("Int8",), "Int8"), Signature(("Utf8",), "Utf8")
    before = sorted_session(
        [
            FunctionFacts("abs", "scalar", deterministic=True, signatures=(int8,)),
            FunctionFacts("gone", "scalar", deterministic=True),
        ],
        [("a", "1"), ("b", "1")],
    )
    after = sorted_session(
        [
            FunctionFacts("abs", "scalar", deterministic=False, signatures=(utf8,)),
            FunctionFacts("gone", "window", deterministic=True),
        ],
        [("b", None), ("c", "3")],
    )
    assert diff(before, after) == (
        DeterminismChanged("abs", "scalar", deterministic=False),
        SignatureRemoved("abs", "scalar", int8),
        SignatureAdded("abs", "scalar", utf8),
        KindChanged("gone", "scalar", "window"),
        SettingRestored("a", "1"),
        SettingChanged("b", "1", None),
        SettingDeparted("c", "3"),
    )


def test_a_function_that_returns_another_type_is_one_change() -> None:
    def session(returns: str, *more: Signature) -> SessionSnapshot:
        signatures = (Signature(("Int8",), returns), *more)
        return sorted_session(
            [FunctionFacts("f", "scalar", deterministic=True, signatures=signatures)], []
        )

    assert diff(session("Int8"), session("Utf8")) == (
        ReturnsChanged("f", "scalar", ("Int8",), "Int8", "Utf8"),
    )
    twice = Signature(("Int8",), None)
    assert diff(session("Int8"), session("Utf8", twice)) == (
        SignatureRemoved("f", "scalar", Signature(("Int8",), "Int8")),
        SignatureAdded("f", "scalar", twice),
        SignatureAdded("f", "scalar", Signature(("Int8",), "Utf8")),
    )


def test_a_view_that_asks_for_something_else_is_told_with_what_it_now_gives() -> None:
    def of(plan: str, *functions: str, field: str = "a") -> TableSnapshot:
        fields = table(pa.field(field, pa.int8())).fields
        view = ViewSnapshot("v", fields, QuerySnapshot(functions, (plan,)))
        return TableSnapshot("t", (), views=(view,))

    before, after = of("Filter: abs(x) > 1", "abs"), of("Filter: x > 1", field="b")

    assert diff(before, after) == (
        ViewFieldChanged("v", FieldRemoved("a", "int8", nullable=True)),
        ViewFieldChanged("v", FieldAdded("b", "int8", nullable=True)),
        CallsChanged("v", ("abs",), ()),
        PlanChanged("v", ("Filter: abs(x) > 1",), ("Filter: x > 1",)),
    )
    assert diff(TableSnapshot("t", ()), after) == (ViewAdded("v"),)


def test_a_table_and_a_session_cannot_be_compared() -> None:
    with pytest.raises(SnapshotError, match=r"table and one of a session .*--snapshot-update"):
        diff(table(), sorted_session([], []))
