"""Keys as bytes: equal ones are equal, others are not, and they are in the order of the values."""

from datetime import date
from itertools import product

import pyarrow as pa
import pytest
from datafusion import SessionContext

from cst_contracts.engine.rows.written_keys import copied, is_writable, written_keys

TEXTS = ["", "a", "a\x00", "a\x00b", "a\x00\x00", "a\x01", "ab", "ä", "\x00", "\x00\xff", "🦀"]
NUMBERS = [-(2**63), -256, -1, 0, 1, 255, 256, 2**63 - 1]
COLUMNS = {
    "text": pa.array(TEXTS),
    "large text": pa.array(TEXTS, pa.large_string()),
    "view": pa.array(TEXTS, pa.string_view()),
    "bytes": pa.array([each.encode() for each in TEXTS]),
    "int64": pa.array(NUMBERS),
    "int8": pa.array([-128, -1, 0, 127], pa.int8()),
    "uint64": pa.array([0, 1, 2**63, 2**64 - 1], pa.uint64()),
    "bool": pa.array([False, True]),
    "date": pa.array([date(1, 1, 1), date(1970, 1, 1), date(2024, 2, 29)]),
    "date64": pa.array([-86_400_000, 0], pa.date64()),
    "time": pa.array([-1, 0, 1], pa.timestamp("ns", "UTC")),
    "dictionary": pa.array(TEXTS).dictionary_encode(),
    "dictionary of views": pa.DictionaryArray.from_arrays(
        pa.array(range(len(TEXTS)), pa.uint16()), pa.array(TEXTS, pa.string_view())
    ),
    "dictionary of numbers": pa.array(NUMBERS).dictionary_encode(),
}


def in_order(columns: list[pa.Array]) -> list[bytes]:
    """As the engine sorts them, with their bytes."""
    names = [f"c{number}" for number in range(len(columns))]
    keys = written_keys([copied(each) for each in columns])
    table = pa.table([*columns, keys], [*names, "key"])
    context = SessionContext()
    context.from_arrow(table, name="t")
    found = context.sql(f"SELECT key FROM t ORDER BY {', '.join(names)}").to_arrow_table()
    written: list[bytes] = found.column(0).to_pylist()
    return written


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_one_field(column: pa.Array) -> None:
    found = in_order([column])
    assert found == sorted(found)
    assert len(set(found)) == len(column)


@pytest.mark.parametrize("second", ["text", "int64"])
@pytest.mark.parametrize("first", ["text", "view", "bytes", "int64"])
def test_two_fields(first: str, second: str) -> None:
    """The end of one is not the beginning of the next."""
    pairs = list(product(range(len(COLUMNS[first])), range(len(COLUMNS[second]))))
    one = copied(COLUMNS[first]).take(pa.array([each for each, _ in pairs]))
    two = COLUMNS[second].take(pa.array([each for _, each in pairs]))

    found = in_order([one, two])

    assert found == sorted(found)
    assert len(set(found)) == len(pairs)


def test_whole_numbers_of_any_width_are_alike() -> None:
    written = [
        written_keys([pa.array([0, 7], type_)]) for type_ in (pa.int8(), pa.int64(), pa.uint64())
    ]
    assert written[0].equals(written[1])
    assert written[0].equals(written[2])


def test_no_rows_are_none() -> None:
    assert written_keys([pa.array([], pa.int64()), pa.array([], pa.string())]).to_pylist() == []


@pytest.mark.parametrize(
    "type_",
    [
        pa.float64(),
        pa.decimal128(9),
        pa.dictionary(pa.int8(), pa.float64()),
        pa.list_(pa.int8()),
    ],
)
def test_what_equal_values_need_not_write_alike_is_not_written(type_: pa.DataType) -> None:
    assert not is_writable(type_)
