"""What moved since earlier runs, and since when a promise came out as it does."""

import pyarrow as pa
from msgspec.structs import replace
from support.pages import faulty_run, run_of, sound_run
from support.promises import manifest, promise, red

from cst_contracts.datatypes import print_type
from cst_contracts.report.html.history import Moved, Shift, history
from cst_contracts.report.html.states import State
from cst_contracts.report.manifest_file import FieldEntry, Manifest, PromiseRecord, TableEntry

A = "contracts/t.yaml::nulls[a]"
KEPT = promise("contracts/t.yaml", "t", "nulls[a]")


def moved(*runs: Manifest) -> Moved:
    *earlier, now = runs
    return history(now, earlier).moved[A]


def day(number: int, *records: PromiseRecord) -> Manifest:
    return run_of(number, records, [])


def test_without_an_earlier_run_nothing_is_said() -> None:
    told = history(faulty_run(), [])
    assert (told.runs, dict(told.moved), told.gone, told.shifts) == ((), {}, (), ())


def test_what_came_out_otherwise_before_is_new_or_fixed() -> None:
    assert moved(day(1, KEPT), day(2, red("a"))) == Moved(was="kept")
    assert moved(day(1, red("a")), day(2, KEPT)) == Moved(was="broken")
    assert moved(day(1), day(2, red("a"))) == Moved(was="")
    assert moved(day(1, KEPT), day(2, KEPT)) == Moved()


def test_since_is_the_oldest_run_counted_back_without_a_gap() -> None:
    broken = red("a")
    assert moved(day(1, broken), day(2, KEPT), day(3, broken), day(4, broken)) == Moved(since=2)
    assert moved(day(1, broken), day(2, broken)) == Moved(since=0)


def test_runs_are_in_order_of_time_whichever_order_they_are_given_in() -> None:
    told = history(day(3, red("a")), [day(2, red("a")), day(1, KEPT)])
    assert [run.label for run in told.runs] == ["Tue 1 Jan", "Wed 2 Jan", "Thu 3 Jan"]
    assert [run.states for run in told.runs] == [
        {State.KEPT: 1},
        {State.BROKEN: 1},
        {State.BROKEN: 1},
    ]
    assert told.moved[A] == Moved(since=1)


def test_runs_of_one_day_have_times_and_runs_without_one_have_numbers() -> None:
    assert [run.label for run in history(day(1, KEPT), [day(1, KEPT)]).runs] == [
        "Tue 1 Jan 06:00",
        "Tue 1 Jan 06:00",
    ]
    assert history(day(1, KEPT), [manifest(KEPT)]).runs[0].label == "run 1"


def test_a_timeline_has_the_last_thirty_runs() -> None:
    told = history(day(31, KEPT), [day(number, KEPT) for number in range(1, 31)])
    assert len(told.runs) == 30
    assert told.runs[0].label == "Wed 2 Jan"


def test_promises_that_are_no_longer_made_are_named_with_what_came_of_them() -> None:
    assert history(day(2, KEPT), [day(1, KEPT, red("b"))]).gone == (
        ("contracts/t.yaml::nulls[b]", State.BROKEN),
    )


def test_what_moved_in_a_table_is_told_with_its_class_and_without_its_promises() -> None:
    def run(number: int, type_: pa.DataType) -> Manifest:
        field = FieldEntry(path="a", type=print_type(type_), nullable=True, metadata={})
        table = TableEntry(
            table="t",
            format="parquet",
            location=None,
            delta_version=None,
            rows=1,
            fields=(field,),
            partitioned_by=(),
            ordered_by=(),
            diagnostics=(),
        )
        return run_of(number, [KEPT if number == 1 else red("a")], [table])

    told = history(run(2, pa.string()), [run(1, pa.int32())])
    assert told.shifts == (Shift("t", "a: int32 → string", "breaking"),)


def test_versions_move_with_the_run_and_not_with_a_table() -> None:
    newer = replace(day(2, KEPT), versions={"cst_contracts": "0.1.0", "datafusion": "56.0.0"})
    (shift,) = history(newer, [day(1, KEPT)]).shifts
    assert (shift.table, shift.line) == ("", "version of datafusion: 55.0.0 → 56.0.0")


def test_a_faulty_run_after_a_sound_one_has_all_that_broke() -> None:
    told = history(faulty_run(), [sound_run()])
    assert sum(each.was == "kept" for each in told.moved.values()) == 7
