import pyarrow as pa
import pytest

from cst_contracts.datatypes import parse_type, print_type


@pytest.mark.parametrize(
    "type_",
    [
        pa.timestamp("us", "UTC"),
        pa.decimal128(10, 2),
        pa.list_(pa.field("element", pa.string(), nullable=False)),
        pa.large_list(pa.int8()),
        pa.list_view(pa.int8()),
        pa.large_list_view(pa.int8()),
        pa.list_(pa.int8(), 3),
        pa.struct([]),
        pa.struct([("a", pa.int8()), pa.field("b.c", pa.map_(pa.string(), pa.int8()))]),
        pa.map_(pa.field("kk", pa.string(), nullable=False), pa.field("größe", pa.int8())),
        pa.map_(pa.string(), pa.int8(), keys_sorted=True),
        pa.dictionary(pa.int8(), pa.string(), ordered=True),
        pa.run_end_encoded(pa.int32(), pa.string()),
        pa.dense_union([pa.field("a", pa.int8()), pa.field("b", pa.string(), nullable=False)]),
        pa.sparse_union([pa.field("a", pa.int8())], [5]),
    ],
    ids=str,
)
def test_it_prints_what_arrow_prints(type_: pa.DataType) -> None:
    assert print_type(type_) == str(type_)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (
            pa.map_(pa.string(), pa.field("value", pa.int64(), nullable=False)),
            "map<string, int64 not null>",
        ),
        (
            pa.struct([pa.field("a", pa.int64(), nullable=False, metadata={"semantic": "FileId"})]),
            'struct<a: int64 not null {"semantic": "FileId"}>',
        ),
        (
            pa.struct([pa.field("a", pa.int8(), metadata={"z": "", "é": "\n", "b": '"'})]),
            'struct<a: int8 {"b": "\\"", "z": "", "é": "\\n"}>',
        ),
        (
            pa.struct([("a: b", pa.int8()), ("", pa.int8()), ("\u2028", pa.int8())]),
            'struct<"a: b": int8, "": int8, "\\u2028": int8>',
        ),
        (
            pa.map_(pa.string(), pa.field("it's", pa.int8(), metadata={"a": "b"})),
            'map<string, int8 {"a": "b"} ("it\'s")>',
        ),
    ],
)
def test_it_prints_what_arrow_leaves_out(type_: pa.DataType, text: str) -> None:
    assert print_type(type_) == text
    assert parse_type(text).equals(type_, check_metadata=True)


def test_metadata_that_is_no_text_reads_back() -> None:
    binary = pa.struct([pa.field("a", pa.int8(), metadata={b"\xff\x00": b"\xfe"})])
    assert print_type(binary) == 'struct<a: int8 {"\\udcff\\u0000": "\\udcfe"}>'
    assert parse_type(print_type(binary)).equals(binary, check_metadata=True)


def test_an_extension_type_prints_as_its_storage_type() -> None:
    extended = pa.struct([("id", pa.uuid()), ("ids", pa.list_(pa.json_()))])
    assert print_type(pa.uuid()) == "fixed_size_binary[16]"
    assert print_type(extended) == "struct<id: fixed_size_binary[16], ids: list<item: string>>"
