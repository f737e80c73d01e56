"""What a change means for a reader, and the line that tells it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.drift.changes import (
    Change,
    DeterminismChanged,
    FieldAdded,
    FieldMoved,
    FieldRemoved,
    FunctionAdded,
    FunctionRemoved,
    MetadataChanged,
    NullabilityChanged,
    OrderingChanged,
    PartitioningChanged,
    SettingChanged,
    SettingDeparted,
    SettingRestored,
    SignatureAdded,
    SignatureRemoved,
    TableRenamed,
    TypeChanged,
)
from cst_contracts.drift.compatibility import Compatibility, classify, describe
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
    ]
    for change in changes:
        assert describe(change).isprintable()


@given(st.lists(st.sampled_from("abc"), max_size=3), st.lists(st.sampled_from("abc"), max_size=3))
def test_an_order_that_goes_on_is_kept(before: list[str], after: list[str]) -> None:
    whole = OrderingChanged(tuple(before), tuple(before + after))
    assert classify(whole) is Compatibility.COMPATIBLE
