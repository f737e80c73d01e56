"""Values that are not as promised, whatever their type, depth and encoding, and whoever reads them."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from support.observing import MEMORY, answered

import cst_contracts.engine.rows.frequent
import cst_contracts.engine.rows.value_tally
from cst_contracts.contract.model import (
    Limit,
    Matching,
    OfLength,
    OneOf,
    SourceFormat,
    Sql,
    ViewContract,
    Within,
)
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.frequent import Frequent
from cst_contracts.engine.rows.offences import Offends, offends
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.rows.stretches import Stretch
from cst_contracts.engine.rows.value_tally import ValuePart
from cst_contracts.facts import Others, RowPlace, Sample, ShownRows, ValueCount
from cst_contracts.location import Location
from cst_contracts.needs import ValuesNeed, ViewRunNeed

AT = Location("contracts/t.yaml", 1, 1)
NAN = math.nan
BERLIN = timezone(timedelta(hours=1))
D = Decimal


def tallied(array: pa.Array, limit: Limit, path: str = "x", samples: int = 0) -> ValueCount:
    batch = pa.record_batch({"x": array})
    need = ValuesNeed("t", path, limit)
    (tally,) = ValuePart(batch.schema, (need,), samples).tallies(1)
    tally.add(Stretch(batch, "f", 100))
    found = tally.answers()[need]
    assert isinstance(found, ValueCount)
    return found


def offending(array: pa.Array, limit: Limit) -> list[str]:
    """As text, each once."""
    return sorted(text for text, _ in tallied(array, limit).frequent or ())


@pytest.mark.parametrize("type_", [pa.float64(), pa.float32(), pa.float16()])
def test_nan_lies_in_no_range_and_zero_has_one_value(type_: pa.DataType) -> None:
    array = pa.array([NAN, -0.0, 0.0, -1.0, math.inf, None], type_)
    assert offending(array, Within("0")) == ["-1.0", "nan"]
    assert offending(array, Within("-0.0", lower_open=True)) == ["-0.0", "-1.0", "0.0", "nan"]
    assert offending(array, Within(None, ".inf")) == ["nan"]
    assert offending(array, OneOf(("-0.0", "nan"))) == ["-1.0", "inf"]


@pytest.mark.parametrize("type_", [pa.float32(), pa.float16()])
def test_a_number_is_the_nearest_that_the_type_has(type_: pa.DataType) -> None:
    array = pa.array([0.1], pa.float32()) if type_ == pa.float32() else pa.array([0.1], type_)
    assert offending(array, OneOf(("0.1",))) == []
    assert offending(array, Within("0.1", "0.1")) == []


@pytest.mark.parametrize(
    "type_",
    [pa.decimal32(5, 2), pa.decimal64(5, 2), pa.decimal128(5, 2), pa.decimal256(50, 2)],
)
def test_decimals_are_compared_whatever_scale_they_are_written_in(type_: pa.DataType) -> None:
    array = pa.array([D("0.50"), D("-0.01"), None], type_)
    assert offending(array, OneOf(("0.5",))) == ["-0.01"]
    assert offending(array, Within("-0.01", "0.500", upper_open=True)) == ["0.50"]


def test_times_are_compared_as_instants_whatever_zone_they_are_written_in() -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    array = pa.array([noon, noon - timedelta(hours=1)], pa.timestamp("ns", "Europe/Berlin"))
    earlier = [str((noon - timedelta(hours=1)).astimezone(BERLIN))]
    assert offending(array, Within("2026-01-31T13:00:00+01:00")) == earlier
    assert offending(array, OneOf(("2026-01-31T12:00:00Z",))) == earlier


@pytest.mark.parametrize(
    ("values", "type_", "limit", "found"),
    [
        (["é", "e\u0301", "🦀", ""], pa.string(), OfLength(1, 1), ["''", "'e\u0301'"]),
        (["é", "a"], pa.string_view(), Within("a", "z"), ["'é'"]),
        (["a\n", "a"], pa.large_string(), Matching("^a$"), ["'a\\n'"]),
        (["xay", "b"], pa.string_view(), Matching("a"), ["'b'"]),
        ([b"\xff", b""], pa.binary_view(), OneOf(("0x",)), ["b'\\xff'"]),
        ([b"\xff\x00", b""], pa.large_binary(), OfLength(None, 1), ["b'\\xff\\x00'"]),
        ([b"ab", b"ac"], pa.binary(2), Within("0x6163"), ["b'ab'"]),
        ([True, False, None], pa.bool_(), OneOf(("true",)), ["False"]),
        ([2**64 - 1, 0], pa.uint64(), Within(None, str(2**64 - 2)), [str(2**64 - 1)]),
    ],
)
def test_text_and_bytes_are_compared_as_arrow_compares_them(
    values: list[Any], type_: pa.DataType, limit: Limit, found: list[str]
) -> None:
    assert offending(pa.array(values, type_), limit) == found


def test_null_is_no_value() -> None:
    for limit in (OneOf(("a",)), Within("a"), Matching("a"), OfLength(1)):
        assert tallied(pa.array([None, None], pa.string()), limit) == ValueCount(
            0, 0, (), 0, rows=2
        )


ENCODED = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1, 2]), pa.array(["a", "b", None]))


@pytest.mark.parametrize(
    "array",
    [
        ENCODED,
        pa.chunked_array([ENCODED]).combine_chunks().slice(0),
        pa.RunEndEncodedArray.from_arrays([1, 2, 3, 4, 5], pa.array(["a", "b", None, "b", None])),
        pa.array(["a", "b", None, "b", None], pa.string_view()),
    ],
    ids=["dictionary", "copied", "runs", "view"],
)
@pytest.mark.parametrize("limit", [OneOf(("a", "z")), Matching("a"), Within(None, "a")])
def test_encodings_make_no_difference(array: pa.Array, limit: Limit) -> None:
    found = tallied(array, limit, samples=1)
    expected = (Sample(RowPlace("f", 101), ()),)
    assert found == ValueCount(3, 2, (("'b'", 2),), 0, samples=expected, rows=5)


def test_of_a_dictionary_each_entry_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []

    def counting(*arguments: Any) -> Offends:
        found = offends(*arguments)

        def counted(array: pa.Array) -> pa.Array:
            judged.append(len(array))
            return found(array)

        return counted

    monkeypatch.setattr(cst_contracts.engine.rows.value_tally, "offends", counting)
    texts = pa.array(["a", "b"] * 500)
    assert tallied(texts, Matching("^[ab]$")).violations == 0
    assert tallied(texts.dictionary_encode(), OneOf(("a",))).violations == 500
    assert judged == [2, 2]


def test_texts_of_which_nearly_each_is_another_are_judged_as_they_are() -> None:
    batch = pa.record_batch({"x": [str(number) for number in range(100)]})
    need = ValuesNeed("t", "x", Matching("^[0-8]"))
    (tally,) = ValuePart(batch.schema, (need,), 0).tallies(1)
    for _ in range(2):
        tally.add(Stretch(batch, "f", 0))
    assert tally.answers()[need] == ValueCount(
        200, 22, tuple((f"'{text}'", 2) for text in ("9", "90", "91", "92", "93")), 6, rows=200
    )


LISTS = pa.array(
    [
        [{"a": [("k", 1), ("", -1)]}, None],
        None,
        [{"a": None}],
        [],
        [{"a": [("k", -2)]}, {"a": [("k", None)]}],
    ],
    pa.list_(pa.struct([("a", pa.map_(pa.string(), pa.int8()))])),
)


@pytest.mark.parametrize(
    ("path", "limit", "values", "found", "rows"),
    [
        ("x[].a{}.key", OfLength(1), 4, (("''", 1),), [100]),
        ("x[].a{}.value", Within("0"), 3, (("-1", 1), ("-2", 1)), [100, 104]),
    ],
)
def test_deep_down_values_are_counted_and_their_rows_found(
    path: str, limit: Limit, values: int, found: tuple[tuple[str, int], ...], rows: list[int]
) -> None:
    counted = tallied(LISTS, limit, path, samples=5)
    places = tuple(Sample(RowPlace("f", row), ()) for row in rows)
    assert counted == ValueCount(values, len(found), found, 0, samples=places, rows=5)


def test_the_most_frequent_come_first_and_long_ones_stay_two() -> None:
    long = "x" * 70
    frequent = Frequent()
    frequent.add(pa.array([f"{long}1", f"{long}2", f"{long}1", "b", "a", *"cdefg"]))
    told = f"'{'x' * 59}…"
    assert frequent.first() == ((told, 2), ("'a'", 1), ("'b'", 1), ("'c'", 1), ("'d'", 1))
    assert frequent.others == 4


def test_too_many_different_ones_are_forgotten_whoever_met_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cst_contracts.engine.rows.frequent, "_MOST", 3)
    one, two = Frequent(), Frequent()
    one.add(pa.array([1, 2]))
    two.add(pa.array([2, 3, 4]))
    assert (one.many, two.many, two.others) == (False, False, 0)
    one.merge(two)
    one.add(pa.array([1]))
    assert (one.many, one.first(), one.others) == (True, (), None)


def test_what_may_not_be_told_is_not_held() -> None:
    batch = pa.record_batch({"x": ["secret"]})
    need = ValuesNeed("t", "x", OneOf(("a",)), told=False)
    part = ValuePart(batch.schema, (need,), 0)
    (tally,) = part.tallies(1)
    tally.add(Stretch(batch, "f", 0))
    assert b"secret" not in tally.to_bytes()
    assert part.restored(tally.to_bytes()).answers() == {need: ValueCount(1, 1, rows=1)}


ROWS = pa.table({"n": [2, 0, -1, None], "t": ["a", "b", None, "b"]})
NEGATIVE, LETTER = Within("0"), OneOf(("a",))


def test_no_more_rows_are_shown_than_are_wanted_however_they_come(
    observer: Callable[..., DataFusionObserver],
) -> None:
    session = SessionContext()
    batches = [pa.record_batch({"n": numbers}) for numbers in ([-1, 1], [], [-2, -3, -4], [-5])]
    batches[1] = batches[0].slice(0, 0)
    session.register_record_batches("t", [batches])
    how = MeasuringOptions(MEMORY, samples=2, shown={"t": ShownRows(others=Others.SHOWN)})
    live = observer("nowhere", SourceFormat.VIEW, supplied=session, how=how)
    found = answered(live, ValuesNeed("t", "n", NEGATIVE))
    assert found.samples == tuple(Sample(None, (("n", text),)) for text in ("-1", "-2"))


def test_a_view_that_is_run_answers_in_passing(
    tmp_path: Path, observer: Callable[..., DataFusionObserver]
) -> None:
    pq.write_table(ROWS, tmp_path / "u")
    view = ViewContract("t", Sql("SELECT n FROM u"), "u", AT)
    live = observer("u", name="u", views=[view])
    need, run = ValuesNeed("t", "n", NEGATIVE), ViewRunNeed("t", view)
    live.prepare([need, run])
    assert answered(live, run).rows.rows == 4
    assert answered(live, need) == ValueCount(3, 1, (("-1", 1),), 0, rows=4)
    assert live.plans() == []


@pytest.mark.parametrize("format_", [SourceFormat.PARQUET, SourceFormat.CSV])
def test_a_folder_that_is_named_for_no_value_has_none(
    tmp_path: Path, observer: Callable[..., DataFusionObserver], format_: SourceFormat
) -> None:
    for folder in ("p=a", "p=__HIVE_DEFAULT_PARTITION__"):
        (tmp_path / "t" / folder).mkdir(parents=True)
        if format_ is SourceFormat.PARQUET:
            pq.write_table(ROWS.select(["n"]), tmp_path / "t" / folder / "0.parquet")
        else:
            (tmp_path / "t" / folder / "0.csv").write_text("n\n2\n0\n-1\n3\n")
    live = observer(format_=format_)
    need = ValuesNeed("t", "p", LETTER)
    assert answered(live, need) == ValueCount(4, 0, (), 0, rows=8)
