"""What a change means for a reader, and the line that tells it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.drift.changes import (
    Change,
    OrderingChanged,
    PartitioningChanged,
    SettingChanged,
    SettingDeparted,
    SettingRestored,
    TableRenamed,
)
from cst_contracts.drift.compatibility import classify
from cst_contracts.drift.fields import (
    ArrowTypeChanged,
    FieldAdded,
    FieldMoved,
    FieldRemoved,
    MetadataChanged,
    NullabilityChanged,
    TypeChanged,
)
from cst_contracts.drift.functions import (
    DeterminismChanged,
    FunctionAdded,
    FunctionRemoved,
    FunctionShadowed,
    FunctionUnshadowed,
    KindChanged,
    ReturnsChanged,
    SignatureAdded,
    SignatureRemoved,
)
from cst_contracts.drift.rule import Compatibility
from cst_contracts.drift.snapshot import ReaderSnapshot
from cst_contracts.drift.telling import describe, plan_difference, tell
from cst_contracts.drift.views import (
    CallsChanged,
    PlanChanged,
    ReadingChanged,
    ViewAdded,
    ViewFieldChanged,
    ViewRemoved,
)
from cst_contracts.facts import Signature

SIGNATURE = Signature(("Int64", "..."), "Int64")
UNTOLD = Signature((), None)
UUID = (("ARROW:extension:name", "arrow.uuid"),)
DIALECT = "datafusion.sql_parser.dialect"
PUSHDOWN = "datafusion.execution.parquet.pushdown_filters"

TOLD: list[tuple[Change, str]] = [
    (TableRenamed("a", "b"), "table: a → b (breaking)"),
    (FieldAdded("x", "int64", nullable=True), "x: absent → int64 (compatible)"),
    (FieldAdded("x", "int64", nullable=False), "x: absent → int64 not null (compatible)"),
    (FieldRemoved("x[]", "struct", nullable=False), "x[]: struct not null → absent (breaking)"),
    (
        TypeChanged("refs[].span.bstart", "int64", "int32"),
        "refs[].span.bstart: int64 → int32 (breaking)",
    ),
    (TypeChanged("x", "int32", "int64"), "x: int32 → int64 (breaking)"),
    (NullabilityChanged("x", nullable=True), "x: not null → nullable (breaking)"),
    (NullabilityChanged("x", nullable=False), "x: nullable → not null (compatible)"),
    (
        MetadataChanged("x", (("a", "1"), ("b", "1")), (("b", "2"), ("c", "3"))),
        'x: metadata a: "1" → absent, b: "1" → "2", c: absent → "3" (cosmetic)',
    ),
    (
        MetadataChanged("x", UUID, ()),
        'x: metadata ARROW:extension:name: "arrow.uuid" → absent (breaking)',
    ),
    (MetadataChanged("", (), (("k", "v"),)), 'the schema: metadata k: absent → "v" (cosmetic)'),
    (
        ArrowTypeChanged("x", "Utf8", "Dictionary(Int32, Utf8)"),
        "x: as the engine calls it Utf8 → Dictionary(Int32, Utf8) (cosmetic)",
    ),
    (ArrowTypeChanged("x", "Utf8", None), "x: as the engine calls it Utf8 → untold (cosmetic)"),
    (FieldMoved("x", None, "y"), "x: moved, first → after y (breaking)"),
    (PartitioningChanged((), ("repo", "day")), "partitioned by: nothing → repo, day (breaking)"),
    (OrderingChanged(("a",), ("b",)), "ordered by: a → b (breaking)"),
    (OrderingChanged(("a", "b"), ("a",)), "ordered by: a, b → a (breaking)"),
    (OrderingChanged(("a",), ("a", "b")), "ordered by: a → a, b (compatible)"),
    (OrderingChanged((), ("a",)), "ordered by: nothing → a (compatible)"),
    (FunctionAdded("f", "scalar"), "scalar function f: absent → present (compatible)"),
    (FunctionRemoved("f", "window"), "window function f: present → absent (breaking)"),
    (
        DeterminismChanged("f", "scalar", deterministic=True),
        "scalar function f: volatile → deterministic (compatible)",
    ),
    (
        DeterminismChanged("f", "scalar", deterministic=False),
        "scalar function f: deterministic → volatile (breaking)",
    ),
    (
        SignatureAdded("f", "scalar", SIGNATURE),
        "scalar function f: gained (Int64, ...) → Int64 (compatible)",
    ),
    (
        SignatureRemoved("f", "scalar", UNTOLD),
        "scalar function f: lost () → unknown (breaking)",
    ),
    (KindChanged("f", "scalar", "window"), "function f: scalar → window (breaking)"),
    (
        ReturnsChanged("f", "scalar", ("Int64",), "Int64", None),
        "scalar function f: (Int64) returns Int64 → unknown (breaking)",
    ),
    (FunctionShadowed("f"), "function f: the engine's own → another in its place (breaking)"),
    (FunctionUnshadowed("f"), "function f: another in its place → the engine's own (breaking)"),
    (ViewAdded("v"), "view v: absent → present (compatible)"),
    (ViewRemoved("v"), "view v: present → absent (breaking)"),
    (
        ViewFieldChanged("v", TypeChanged("x", "int32", "int64")),
        "view v: x: int32 → int64 (breaking)",
    ),
    (
        ViewFieldChanged("v", FieldAdded("x", "int64", nullable=True)),
        "view v: x: absent → int64 (compatible)",
    ),
    (CallsChanged("v", ("abs",), ()), "view v: calls abs → nothing (compatible)"),
    (
        ReadingChanged("q", ReaderSnapshot("q", (), ("a",)), ReaderSnapshot("q", ("abs",), ())),
        "query q: reads a → reads nothing, calls abs (compatible)",
    ),
    (
        ReadingChanged("q", None, ReaderSnapshot("q", (), ("a", "u.b"))),
        "query q: absent → reads a, u.b (compatible)",
    ),
    (
        PlanChanged("v", ("Filter: a > 1", "  TableScan: t"), ("Filter: a > 2", "  TableScan: t")),
        'view v: plan "Filter: a > 1" → "Filter: a > 2" (breaking)',
    ),
    (PlanChanged(None, ("TableScan: t",), ()), "plan present → absent (compatible)"),
    (
        SettingChanged(DIALECT, "generic", None),
        f'setting {DIALECT}: "generic" → null (breaking)',
    ),
    (
        SettingDeparted(PUSHDOWN, "true"),
        f'setting {PUSHDOWN}: the engine\'s default → "true" (compatible)',
    ),
    (
        SettingRestored("datafusion.format.null", ""),
        "setting datafusion.format.null: \"\" → the engine's default (cosmetic)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "line"), TOLD, ids=lambda case: str(case)[:60])
def test_a_change_is_told_with_what_it_means(change: Change, line: str) -> None:
    assert describe(change) == line


def test_a_plan_is_told_from_where_it_differs() -> None:
    shared = "Projection: " + ", ".join(f"t.f{index}" for index in range(40))
    before, after = (f"{shared}, t.old", "  TableScan: t"), (f"{shared}, t.new", "  Limit", "  x")

    told = plan_difference(before, after)

    assert told == '"…37, t.f38, t.f39, t.old" → "…37, t.f38, t.f39, t.new", and 2 more lines'
    assert plan_difference(("a", "b"), ("a",)) == '"b" → nothing'
    assert plan_difference(("a", "b"), ("c", "d")) == '"a" → "c", and 1 more line'


def test_what_an_upgrade_adds_in_numbers_is_one_line_and_what_breaks_comes_first() -> None:
    """A hundred new functions and overloads; some gone and changed, each of those with a line of its own."""
    new = [FunctionAdded(f"new_{index:03}", "scalar") for index in range(100)]
    gained = [SignatureAdded(f"f{index % 7}", "scalar", SIGNATURE) for index in range(50)]
    gone = [FunctionRemoved(name, "scalar") for name in ("gone", "lost")]
    changed: list[Change] = [
        DeterminismChanged("f1", "scalar", deterministic=True),
        KindChanged("k", "a", "b"),
    ]

    told = tell([*new, *gained, *changed, *gone])

    assert told == (
        "function k: a → b (breaking)",
        "scalar function gone: present → absent (breaking)",
        "scalar function lost: present → absent (breaking)",
        "scalar function f1: volatile → deterministic (compatible)",
        "100 functions added: new_000, new_001, new_002, new_003, new_004 and 95 more (compatible)",
        "50 overloads added, of: f0, f1, f2, f3, f4 and 2 more (compatible)",
    )
    assert tell(new[:5]) == tuple(map(describe, new[:5]))
    assert tell([]) == ()
    listed = "new_000, new_001, new_002, new_003, new_004"
    twice = [*new[:5], *new[:5]]
    assert tell(twice) == (f"10 functions added: {listed} (compatible)",), "no more names"


@given(st.text(), st.text(), st.text(), st.text(min_size=1))
def test_a_change_is_told_in_one_printable_line(name: str, old: str, new: str, key: str) -> None:
    changes: list[Change] = [
        TypeChanged(name, old, new),
        FieldMoved(name, old, new),
        MetadataChanged(name, ((key, old),), ((key, new + "x"),)),
        OrderingChanged((old,), (new,)),
        FunctionAdded(name, old),
        SignatureAdded(name, old, Signature((old,), new)),
        SettingChanged(name, old, new),
        KindChanged(name, old, new),
        ReturnsChanged(name, old, (old,), new, None),
        FunctionShadowed(name),
        PlanChanged(name, (old, key), (old, new)),
        CallsChanged(name, (old,), (new,)),
        ViewFieldChanged(name, TypeChanged(old, old, new)),
    ]
    for change in changes:
        assert describe(change).isprintable()


@given(st.lists(st.sampled_from("abc"), max_size=3), st.lists(st.sampled_from("abc"), max_size=3))
def test_an_order_that_goes_on_is_kept(before: list[str], after: list[str]) -> None:
    whole = OrderingChanged(tuple(before), tuple(before + after))
    assert classify(whole) is Compatibility.COMPATIBLE
