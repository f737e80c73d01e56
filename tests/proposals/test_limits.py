"""Which enumerations and ranges are proposed: of few or bounded values, and never of sensitive ones."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.starting import Starting, red

from cst_contracts.proposals.finding import given_tables
from cst_contracts.proposals.tables import Proposed

EIGHT = ["a", "b", "a", "b", "a", "b", "a", None] * 2


def fields_promised(starting: Starting, name: str) -> str:
    return starting.text(name).partition("\nfields:\n")[2]


def test_what_nobody_asks_for_is_not_proposed(starting: Starting) -> None:
    starting.write("t.parquet", {"kind": EIGHT, "n": list(range(16))})
    starting.start(Proposed.KEYS)

    assert "enum" not in starting.text("t")
    assert "minimum" not in starting.text("t")


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_few_values_and_bounds_flat_and_nested(starting: Starting, format_: str) -> None:
    items: list[list[Mapping[str, object]]] = [
        [{"unit": "kg", "n": number, "tags": ["new", "old"]}] for number in range(16)
    ]
    table = pa.table({"kind": EIGHT, "level": [7] * 16, "n": list(range(16)), "items": items})
    if format_ == "delta":
        write_deltalake(starting.lake / "t", table)
    else:
        starting.write("t.parquet", table)

    starting.start(Proposed.ENUMS, Proposed.RANGES)

    text = fields_promised(starting, "t")
    assert "    enum: [a, b]  # 2 values in 14 values (scan)\n" in text
    assert "    enum: [7]  # the only one in 16 values (scan)\n" in text
    assert "    minimum: 0  # 0 to 15 in 16 values (scan)\n    maximum: 15\n" in text
    assert "        enum: [kg]  # the only one in 16 values (scan)\n" in text
    assert "        minimum: 0  # 0 to 15 in 16 values (scan)\n        maximum: 15\n" in text
    assert "        elements: {enum: [new, old]}  # 2 values in 32 values (scan)\n" in text
    assert red(starting.checked()) == []


def test_rows_that_leave_what_was_proposed_are_red(starting: Starting) -> None:
    starting.write("t.parquet", {"kind": EIGHT, "n": list(range(16))})
    starting.start(Proposed.ENUMS, Proposed.RANGES)

    starting.write("t.parquet", {"kind": [*EIGHT[:15], "c"], "n": [*range(15), 99]})

    assert red(starting.checked()) == [
        ("t", "enum[kind]", "1 of 15 values: 'c' (1)"),
        ("t", "range[n]", "1 of 16 values: 99 (1)"),
    ]


def test_bounds_of_every_type_that_is_measured(starting: Starting) -> None:
    columns = {
        "half": pa.array([0.5, 1.5], pa.float16()),
        "single": pa.array([0.1, 0.2], pa.float32()),
        "money": pa.array([Decimal("-1.50"), Decimal("2.00")], pa.decimal128(10, 2)),
        "day": pa.array([date(2026, 1, 1), date(2026, 1, 31)]),
        "moment": pa.array(
            [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, 12, tzinfo=UTC)]
        ),
        "coded": pa.array([3, 4]).dictionary_encode(),
        "with_nan": pa.array([1.0, float("nan")]),
        "endless": pa.array([1.0, float("inf")]),
        "same": pa.array([5, 5]),
        "nothing": pa.array([None, None], pa.int64()),
        "order_id": pa.array([1, 2]),
        "flag": pa.array([True, False]),
    }
    starting.write("t.parquet", pa.table(columns))
    starting.start(Proposed.RANGES)

    text = fields_promised(starting, "t")
    assert [line.strip() for line in text.splitlines() if "imum" in line] == [
        *("minimum: 0.5  # 0.5 to 1.5 in 2 values (scan)", "maximum: 1.5"),
        *(
            "minimum: 0.10000000149011612  # 0.10000000149011612 to 0.20000000298023224 in 2 values (scan)",
            "maximum: 0.20000000298023224",
        ),
        *("minimum: -1.50  # -1.50 to 2.00 in 2 values (scan)", "maximum: 2.00"),
        *(
            'minimum: "2026-01-01"  # 2026-01-01 to 2026-01-31 in 2 values (scan)',
            'maximum: "2026-01-31"',
        ),
        *(
            'minimum: "2026-01-01 00:00:00.000000Z"  '
            "# 2026-01-01 00:00:00.000000Z to 2026-02-01 12:00:00.000000Z in 2 values (scan)",
            'maximum: "2026-02-01 12:00:00.000000Z"',
        ),
        *("minimum: 3  # 3 to 4 in 2 values (scan)", "maximum: 4"),
    ]
    assert red(starting.checked()) == []


def test_values_that_yaml_or_people_would_misread_are_quoted(starting: Starting) -> None:
    starting.write("t.parquet", {"x": ["no", "1", "a, b", ""] * 4, "map": [[("k", "v")]] * 16})
    starting.start(Proposed.ENUMS)

    assert '    enum: ["", "1", "a, b", "no"]  # 4 values in 16 values (scan)\n' in starting.text(
        "t"
    )
    assert red(starting.checked()) == []


@pytest.mark.parametrize(
    "values",
    [["a", "b", "c"], [f"v{n}" for n in range(13)] * 8, ["long" * 20] * 16, [None] * 8],
    ids=["each once", "too many", "long", "none"],
)
def test_no_enumeration_of(values: Sequence[str | None], starting: Starting) -> None:
    starting.write("t.parquet", pa.table({"x": pa.array(values, pa.string())}))
    starting.start(Proposed.ENUMS)

    assert "enum" not in starting.text("t")
    assert red(starting.checked()) == []


def test_partitions_get_new_values_all_the_time(starting: Starting) -> None:
    starting.write("t/day=2026-01-01/a.parquet", {"kind": EIGHT})
    starting.start(Proposed.ENUMS, Proposed.RANGES)

    assert "2026" not in starting.text("t")
    assert "enum: [a, b]" in starting.text("t")


def test_a_sensitive_value_is_never_written(starting: Starting) -> None:
    (starting.root / "contracts").mkdir()
    known = "table: known\nfields:\n  - {name: mood, type: string, sensitive: true}\n"
    (starting.root / "contracts/known.yaml").write_text(known)
    marked = pa.field("grade", pa.int64(), metadata={"pii": "true"})
    secret = ["hush", "psst"] * 8
    struct = [{"phone": each, "mood": each} for each in secret]
    columns = [secret, secret, secret, [41, 42] * 8, struct, EIGHT]
    schema = pa.schema(
        [
            *(pa.field(name, pa.string()) for name in ("homeAddress", "Mood", "user_name")),
            marked,
            pa.field("contact_details", pa.struct([("phone", pa.string()), ("mood", pa.string())])),
            pa.field("kind", pa.string()),
        ]
    )
    starting.write("t.parquet", pa.table(columns, schema=schema))

    starting.start(Proposed.ENUMS, Proposed.RANGES)

    text = starting.text("t")
    assert not any(each in text for each in ("hush", "psst", "41", "42"))
    assert "    enum: [a, b]  # " in text
    note = (
        "no values of homeAddress, Mood, user_name and 3 more are proposed, which may be sensitive"
    )
    assert text.startswith(f"# {note}\n")


def test_of_a_view_nothing_is_told_where_something_is_sensitive(starting: Starting) -> None:
    context = SessionContext()
    context.from_arrow(pa.table({"mood": ["hush"] * 16}), "base")
    context.sql("CREATE VIEW renamed AS SELECT mood AS kind FROM base").collect()
    starting.start(Proposed.ENUMS, session=context, found=given_tables(context, ["renamed"]))
    assert "enum: [hush]" in starting.text("renamed")

    (starting.root / "contracts/renamed.yaml").unlink()
    known = "table: known\nfields:\n  - {name: mood, type: string, sensitive: true}\n"
    (starting.root / "contracts/known.yaml").write_text(known)
    starting.start(Proposed.ENUMS, session=context, found=given_tables(context, ["renamed"]))

    assert "hush" not in starting.text("renamed")
    assert (
        "# no values are proposed of this view, since contracts here call fields sensitive\n"
        in (starting.text("renamed"))
    )
