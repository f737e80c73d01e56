import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest
from datafusion import SessionContext

from cst_contracts.datatypes import has_open_struct, parse_type
from cst_contracts.errors import InvalidType

PRINTED_BY_ARROW = [
    pa.null(),
    pa.bool_(),
    pa.int8(),
    pa.int16(),
    pa.int32(),
    pa.int64(),
    pa.uint8(),
    pa.uint16(),
    pa.uint32(),
    pa.uint64(),
    pa.float16(),
    pa.float32(),
    pa.float64(),
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
    pa.binary(0),
    pa.binary(16),
    pa.decimal32(5, 2),
    pa.decimal64(10, -2),
    pa.decimal128(38, 0),
    pa.decimal256(76, 10),
    pa.date32(),
    pa.date64(),
    pa.time32("s"),
    pa.time32("ms"),
    pa.time64("us"),
    pa.time64("ns"),
    pa.timestamp("s"),
    pa.timestamp("ns", "UTC"),
    pa.timestamp("us", "+02:00"),
    pa.timestamp("ms", "Europe/Zurich"),
    pa.duration("ms"),
    pa.month_day_nano_interval(),
    pa.list_(pa.string()),
    pa.list_(pa.field("element", pa.string(), nullable=False)),
    pa.list_(pa.timestamp("us", "+02:00")),
    pa.large_list(pa.int8()),
    pa.list_view(pa.int8()),
    pa.large_list_view(pa.int8()),
    pa.list_(pa.int8(), 0),
    pa.list_(pa.field("axis", pa.float32(), nullable=False), 3),
    pa.struct([]),
    pa.struct([("a", pa.int8()), pa.field("b", pa.string(), nullable=False)]),
    pa.struct([("count(*)", pa.int64()), ("two words", pa.int8()), ("größe", pa.int8())]),
    pa.struct([("", pa.int8())]),
    pa.struct([pa.field("a", pa.null()).with_nullable(nullable=False)]),
    pa.struct([("struct", pa.int8()), ("list", pa.int8()), ("not null", pa.int8())]),
    pa.map_(pa.string(), pa.list_(pa.string())),
    pa.map_(pa.string(), pa.int8(), keys_sorted=True),
    pa.map_(pa.field("kk", pa.string(), nullable=False), pa.field("vv", pa.int8())),
    pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.uint8(), pa.list_(pa.string()), ordered=True),
    pa.run_end_encoded(pa.int16(), pa.list_(pa.string())),
    pa.dense_union([pa.field("a", pa.int8()), pa.field("b", pa.string(), nullable=False)]),
    pa.sparse_union([pa.field("a", pa.struct([("b", pa.int8())]))], [5]),
    pa.dense_union([]),
]


@pytest.mark.parametrize("printed", PRINTED_BY_ARROW, ids=str)
def test_what_arrow_prints_reads_back_as_the_same_type(printed: pa.DataType) -> None:
    assert parse_type(str(printed)).equals(printed, check_metadata=True)


@pytest.mark.parametrize(
    "expression",
    [
        "arrow_cast('1 year', 'Interval(YearMonth)')",
        "arrow_cast('1 day', 'Interval(DayTime)')",
        "interval '1 day'",
        "arrow_cast('a', 'Utf8View')",
        "arrow_cast('a', 'Dictionary(Int32, Utf8)')",
        "arrow_cast(1.5, 'Decimal256(50, 2)')",
        "arrow_cast([1], 'FixedSizeList(1, Int8)')",
        "arrow_cast(now(), 'Timestamp(Microsecond, Some(\"+02:00\"))')",
        "map {'a': [{b: 1, c: 'x'}]}",
        "named_struct('a b', [[1]])",
        "null",
    ],
)
def test_what_the_engine_holds_can_be_written(expression: str) -> None:
    held = SessionContext().sql(f"SELECT {expression} AS held").schema().field("held").type
    assert parse_type(str(held)) == held


@pytest.mark.parametrize(
    ("short", "arrow"),
    [
        ("boolean", pa.bool_()),
        ("float16", pa.float16()),
        ("float32", pa.float32()),
        ("float64", pa.float64()),
        ("utf8", pa.string()),
        ("large_utf8", pa.large_string()),
        ("utf8_view", pa.string_view()),
        ("date32", pa.date32()),
        ("date64", pa.date64()),
        ("timestamp[us, UTC]", pa.timestamp("us", "UTC")),
        ("timestamp [ us , tz = UTC ]", pa.timestamp("us", "UTC")),
        ("decimal(10, 2)", pa.decimal128(10, 2)),
        ("decimal256(10)", pa.decimal256(10, 0)),
        ("dictionary<values=string, indices=int32>", pa.dictionary(pa.int32(), pa.string())),
        ("list<string>", pa.list_(pa.string())),
        ("list<string not null>", pa.list_(pa.field("item", pa.string(), nullable=False))),
        ("list<x: string>", pa.list_(pa.field("x", pa.string()))),
        ("fixed_size_list<float>[2]", pa.list_(pa.float32(), 2)),
        ("map<string not null, string>", pa.map_(pa.string(), pa.string())),
        (
            "map<string, int64 not null>",
            pa.map_(pa.string(), pa.field("value", pa.int64(), nullable=False)),
        ),
        ("map<string, int8, keys_sorted ('x')>", pa.map_(pa.string(), pa.int8(), keys_sorted=True)),
        (
            "\n struct<\n  a :int8 not\n null ,b:list<list<bool>>> ",
            pa.struct(
                [
                    pa.field("a", pa.int8(), nullable=False),
                    ("b", pa.list_(pa.list_(pa.bool_()))),
                ]
            ),
        ),
        (
            r'struct<"a: <b>": int8 {"unit": "\"s\"", "é": ""}, c: null {}>',
            pa.struct(
                [
                    pa.field("a: <b>", pa.int8(), metadata={"unit": '"s"', "é": ""}),
                    pa.field("c", pa.null()),
                ]
            ),
        ),
    ],
)
def test_short_spellings_and_free_white_space(short: str, arrow: pa.DataType) -> None:
    assert parse_type(short).equals(arrow, check_metadata=True)


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("strng", 0, "`strng` is no Arrow type; write `string`"),
        ("list<struct<a: Strin>>", 15, "`Strin` is no Arrow type; write `string`"),
        ("Int64", 0, "`Int64` is no Arrow type; write `int64`"),
        ("int", 0, "`int` is no Arrow type; write `int32` or `int64`"),
        ("varchar(10)", 0, "`varchar` is no Arrow type; write `string`"),
        ("extension<arrow.uuid>", 0, "`extension` is no Arrow type; write the type it is stored"),
        (
            "qqqqqq",
            0,
            "`qqqqqq` is no Arrow type; write a type as Arrow prints it, such as `int64`",
        ),
        ("", 0, "the end of the text where a type belongs; write one as Arrow prints it"),
        ("list<>", 5, "`>` where a type belongs"),
        ("list<int8", 9, "the end of the text where `>` belongs; write `>`"),
        ("list(int8)", 4, "`(int8)` where `<` belongs; write `<`"),
        ("int64 int8", 6, "`int8` after the end of the type; remove it"),
        ("int64 not null", 14, "`not null` is no part of a type; write `nullable: false` beside"),
        ('int64 {"a": "b"}', 6, "metadata is no part of a type; write `metadata:` beside the type"),
        ("struct", 0, "a bare `struct` has no children; write `struct<name: type>`"),
        ("list<struct>", 5, "a bare `struct` has no children; write `struct<name: type>`"),
        ("struct<int8>", 7, "a child without a name; write `name: type`"),
        ("struct<a: int8 b: int8>", 15, "`b:` where `,` or `>` belongs; write `,` or `>`"),
        ("struct<a: int8, a: int8>", 16, "the name `a` is used twice; give each child its own"),
        (r'struct<"\ud800": int8>', 7, r'`"\ud800"` is no JSON string; escape what JSON wants'),
        ('struct<a: int8 {"a": 1}>', 21, "`1}>` where a string belongs; write it in double quotes"),
        ('struct<a: int8 {"a": "", "a": ""}>', 25, "a metadata key is written twice; keep one"),
        (r'struct<a: int8 {"a": "\ud800"}>', 21, r'`"\ud800"` is no JSON string'),
        ("\ud800", 0, "a lone surrogate is no character; write the character itself"),
        ("timestamp", 9, "timestamp without a unit; write `timestamp[s]`, `timestamp[ms]`"),
        ("time32[us]", 7, "`us` is no unit of time32; write `time32[s]` or `time32[ms]`"),
        ("duration[7]", 9, "`7]` where a unit belongs; write `duration[s]`"),
        ("timestamp[us, ]", 14, "`]` where a time zone belongs; write `tz=UTC`"),
        ("date32[ms]", 7, "`ms]` where `day` belongs; write `day`"),
        (
            "decimal(50, 2)",
            8,
            "50 cannot be the precision of decimal; write an integer from 1 to 38",
        ),
        ("decimal128(9, x)", 14, "`x)` where the scale of decimal128 belongs; write an integer"),
        ("decimal128(9 2)", 13, "`2)` where `)` belongs; write `)`"),
        ("fixed_size_binary[9999999999]", 18, "9999999999 cannot be the size; write an integer"),
        ("fixed_size_list<int8>", 21, "the end of the text where `[` belongs; write `[`"),
        ("map<string>", 10, "`>` where `,` belongs; write `,`"),
        ("map<string, int8, sorted>", 18, "`sorted>` where `keys_sorted` belongs"),
        ("dictionary<string>", 11, "`string>` where `values=` belongs; write `values=`"),
        (
            "dictionary<values=string, indices=float>",
            34,
            "`float` cannot be the indices of a dictionary; write an integer type",
        ),
        (
            "run_end_encoded<run_ends: int8, values: int8>",
            26,
            "`int8` cannot be the type of run ends; write `int16`, `int32` or `int64`",
        ),
        ("dense_union<a: int8>", 19, "`>` where `=` belongs; write `=`"),
        ("dense_union<a: int8=128>", 20, "128 cannot be the type code; write an integer from 0"),
        ("dense_union<a: int8=1, b: int8=1>", 31, "the type code 1 is used twice; give each child"),
    ],
)
def test_text_that_names_no_type_tells_where_and_what_instead(
    text: str, offset: int, message: str
) -> None:
    with pytest.raises(InvalidType) as caught:
        parse_type(text)
    assert str(caught.value).startswith(message)
    assert caught.value.offset == offset


def test_a_name_far_too_long_is_cut_in_the_message() -> None:
    with pytest.raises(InvalidType) as caught:
        parse_type("x" * 500_000)
    assert caught.value.what == f"`{'x' * 40}…` is no Arrow type"


def test_a_bare_struct_gets_the_children_that_are_spelled_out_elsewhere() -> None:
    children = (pa.field("bstart", pa.int64(), nullable=False), pa.field("bend", pa.int64()))
    span = pa.struct(children)
    assert parse_type("struct", children) == span
    assert parse_type("list<item: struct not null>", children) == pa.list_(
        pa.field("item", span, nullable=False)
    )
    assert parse_type("map<string, struct>", children) == pa.map_(pa.string(), span)
    assert parse_type("struct<a: int8, b: struct>", children).field("b").type == span


@pytest.mark.parametrize(
    ("text", "offset", "what"),
    [
        ("list<string>", 0, "`list<string>` has no bare `struct` for these children"),
        ("map<struct, struct>", 12, "a second bare `struct`, and children for one"),
    ],
)
def test_children_without_exactly_one_bare_struct_are_an_error(
    text: str, offset: int, what: str
) -> None:
    with pytest.raises(InvalidType) as caught:
        parse_type(text, (pa.field("a", pa.int8()),))
    assert (caught.value.what, caught.value.offset) == (what, offset)


@pytest.mark.parametrize(
    ("text", "open_struct"),
    [
        ("struct", True),
        (" list< struct > ", True),
        ("list<item: struct not null>", True),
        ("map<string, struct>", True),
        ("fixed_size_list<struct>[2]", True),
        ("struct<a: struct>", True),
        ('struct<a: struct {"k": "v"}>', True),
        ("dictionary<values=struct, indices=int8>", True),
        ("struct<a: int8>", False),
        ("struct <a: int8>", False),
        ("struct<struct: int8>", False),
        ('struct<", struct, ": int8 {"a": ": struct,"}>', False),
        ("my_struct", False),
        ("list<string>", False),
    ],
)
def test_a_bare_struct_is_found_in_text(text: str, open_struct: bool) -> None:  # noqa: FBT001
    assert has_open_struct(text) is open_struct


def test_sixty_four_levels_are_read_and_more_are_refused() -> None:
    assert parse_type("list<" * 64 + "int8" + ">" * 64).value_type.num_fields == 1
    for levels in (65, 100_000):
        with pytest.raises(InvalidType) as caught:
            parse_type("list<" * levels + "int8" + ">" * levels)
        assert caught.value.what == "a type nested deeper than 64 levels"
        assert caught.value.offset == 65 * len("list<")


def test_text_without_end_is_refused_at_once() -> None:
    with pytest.raises(InvalidType, match="1000001 characters are too many for a type"):
        parse_type(" " * 1_000_001)


@pytest.mark.parametrize("text", ["struct<" + '"\\"' * 100_000, "struct<" + " " * 300_000 + "a"])
def test_hostile_text_takes_no_more_steps_than_it_has_characters(text: str) -> None:
    """What takes steps for each pair of characters would not end in a day."""
    with counted_calls() as calls, pytest.raises(InvalidType):
        parse_type(text)
    assert not has_open_struct(text)
    assert calls.total() < 10 * len(text)


@contextmanager
def counted_calls() -> Iterator[Counter[str]]:
    """Calls of functions, of Python's own, too."""
    calls: Counter[str] = Counter()
    before = sys.getprofile()
    sys.setprofile(lambda _frame, event, _argument: calls.update((event,)))
    try:
        yield calls
    finally:
        sys.setprofile(before)
