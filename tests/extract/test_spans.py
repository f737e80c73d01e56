import codecs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.extract.file import extract_bytes
from cst_contracts.extract.offsets import Lines, Offsets, UnknownOffsetsError

SPANNED = {
    "refs": ("bstart", "bend", "ref_text"),
    "callsites": ("callee_bstart", "callee_bend", "callee_text"),
    "call_args": ("bstart", "bend", "arg_text"),
    "defs": ("name_bstart", "name_bend", "name"),
    "type_exprs": ("bstart", "bend", "expr_text"),
    "decorators": ("bstart", "bend", "decorator_text"),
}

SOURCE = '''\
# {cookie}
größe = "Länge: π"  ; ß = größe

@décor.ation(größe)
def señor(ñ: "größe" = größe, *, ü: list[int]) -> "π":
    """Schön."""
    return größe.strip(ñ, sep=ß)[0].löwe("ä" "ö", *ü)
'''

Row = dict[str, Any]


def source(cookie: str = "", newline: str = "\n") -> str:
    return SOURCE.replace("{cookie}", cookie).replace("\n", newline)


def rows(data: bytes, table: str) -> list[Row]:
    found: list[Row] = extract_bytes("repo", "m.py", data).column(table)[0].as_py()
    return found


def assert_spans_hold_their_text(data: bytes, encoding: str) -> None:
    assert rows(data, "parse_errors") == []
    for table, (start, end, text) in SPANNED.items():
        found = rows(data, table)
        assert found, table
        for row in found:
            assert data[row[start] : row[end]].decode(encoding) == row[text]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("encoding", "cookie"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-8-sig", "coding: utf-8"),
        ("latin-1", "-*- coding: latin-1 -*-"),
        ("cp1252", "vim: set fileencoding=cp1252"),
    ],
)
def test_a_span_cuts_its_text_out_of_the_stored_bytes(
    encoding: str, cookie: str, newline: str
) -> None:
    text = source(cookie, newline)
    # π is not in the western encodings.
    data = text.replace("π", "p").encode(encoding)

    assert_spans_hold_their_text(data, encoding)


def test_a_carriage_return_alone_ends_a_line() -> None:
    assert_spans_hold_their_text(source(newline="\r").encode(), "utf-8")


@pytest.mark.parametrize("encoding", ["gbk", "shift_jis", "euc_jp"])
def test_spans_hold_in_encodings_of_several_bytes_a_character(encoding: str) -> None:
    text = f"# coding: {encoding}\n変数 = 1; x = 変数.値(変数, '変')\n"
    data = text.encode(encoding)

    found = [data[row["bstart"] : row["bend"]].decode(encoding) for row in rows(data, "refs")]

    assert found == ["変数", "x", "変数", "値", "変数"]


@pytest.mark.parametrize(
    "text",
    ["\fx = 1\ny = x\n", "x = 1\n\n\fdef y(): pass\n", "x = 1\n\f\ny = 'a\\fb'\n", "\f\fx = y\n"],
)
def test_form_feeds_that_libcst_drops_do_not_move_spans(text: str) -> None:
    data = text.encode()

    names = [data[row["bstart"] : row["bend"]].decode() for row in rows(data, "refs")]

    assert names == [row["ref_text"] for row in rows(data, "refs")]
    assert {"x", "y"} == set(names)


def test_the_module_spans_the_file_without_its_byte_order_mark() -> None:
    data = codecs.BOM_UTF8 + b"ab = 1\n"

    module = rows(data, "nodes")[0]

    assert module["kind"] == "Module"
    assert module["span"]["byte_span"] == {"byte_start": 3, "byte_len": 7}
    assert module["span"]["start"] == {"line0": 0, "col": 0}


@given(st.text(alphabet="aé变😀\r\n"), st.data())
def test_a_point_and_its_offset_are_each_others_inverse(text: str, data: st.DataObject) -> None:
    lines = Lines.of(text)
    character = data.draw(st.integers(0, len(text)))
    offset = len(text[:character].encode())

    point = lines.point(offset)

    assert lines.offset(*point) == offset


@given(st.text(alphabet="aéß\n", max_size=30), st.sampled_from(["latin-1", "cp1252", "utf-16-le"]))
def test_every_character_is_found_where_it_is_stored(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    offsets = Offsets.of(data, encoding, text, text)

    starts = [offsets.in_file(len(text[:index].encode())) for index in range(len(text) + 1)]

    assert starts == [len(text[:index].encode(encoding)) for index in range(len(text) + 1)]


@given(st.text(alphabet="aé\f\n", max_size=30))
def test_offsets_survive_dropped_form_feeds(text: str) -> None:
    code = text.replace("\f", "")
    offsets = Offsets.of(text.encode(), "utf-8", text, code)

    for index, character in enumerate(code):
        at = offsets.in_text(len(code[:index].encode()))
        assert text.encode()[at:].decode()[0] == character


def test_code_that_differs_in_more_than_form_feeds_has_no_known_offsets() -> None:
    with pytest.raises(UnknownOffsetsError):
        Offsets.of(b"a b", "utf-8", "a b", "ab")
    with pytest.raises(UnknownOffsetsError):
        Offsets.of(b"ab", "utf-8", "ab", "a")
    with pytest.raises(UnknownOffsetsError):
        Offsets.of(b"ab", "utf-7", "a", "a")
