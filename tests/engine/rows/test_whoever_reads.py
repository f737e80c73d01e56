"""What is asked of rows has one answer, whoever reads them: a scan of files, a query, or a Delta log."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from msgspec.structs import replace
from support.delta_logs import with_deleted_rows
from support.observing import MEMORY, answered, refused

from cst_contracts.contract.model import (
    AggregateContract,
    OneOf,
    ReferenceContract,
    RuleContract,
    SourceFormat,
    Sql,
    ViewContract,
    Within,
)
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.facts import (
    AggregateCount,
    CouldNotLook,
    KeyCount,
    NewestValue,
    NullCount,
    Others,
    ReferenceCount,
    RowGroup,
    RowPlace,
    RuleCount,
    Sample,
    ShownField,
    ShownRows,
    Trouble,
    ValueCount,
    ValueSpread,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AggregateNeed,
    AnyRowNeed,
    KeyNeed,
    NewestNeed,
    NullsNeed,
    ReferenceNeed,
    RuleNeed,
    SpreadNeed,
    ValuesNeed,
)

AT = Location("contracts/t.yaml", 1, 1)
OLD, NEW = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
REFS = pa.list_(pa.struct([("id", pa.int64())]))
ROWS = pa.table(
    {
        "n": [0, 1, 2, 3],
        "id": [1, 2, 2, None],
        "real": [0.5, -1.5, 0.5, None],
        "word": ["a", "b", "a", None],
        "refs": pa.array([[{"id": 1}], [{"id": 1}, {"id": 3}], None, []], REFS),
        "at": pa.array([OLD, None, NEW, None], pa.timestamp("us", "UTC")),
    }
)


def rule(sql: str) -> RuleNeed:
    return RuleNeed("t", RuleContract(sql, sql, AT))


def reference(*fields: str, to: str = "u") -> ReferenceNeed:
    return ReferenceNeed("t", ReferenceContract(fields, to, ("of",), AT))


def aggregate(sql: str, *per: str) -> AggregateNeed:
    return AggregateNeed("t", AggregateContract(sql, sql, AT, per))


KEY, FLOATS, DEEP = (KeyNeed("t", (path,)) for path in ("id", "real", "refs[].id"))
NULLS, VALUES = NullsNeed("t", "refs[].id"), ValuesNeed("t", "refs[].id", Within(None, "2"))
WORDS = ValuesNeed("t", "word", OneOf(("a",)))
RULE, DANGLING, DANGLING_DEEP = rule("id < 2"), reference("id"), reference("refs[].id")
FEW = aggregate("count(*) < 2", "word")
FACTS: dict[AnyRowNeed, Any] = {
    NULLS: NullCount(3, 0, rows=4),
    VALUES: ValueCount(3, 1, (("3", 1),), 0, rows=4),
    WORDS: ValueCount(3, 1, (("'b'", 1),), 0, rows=4),
    SpreadNeed("t", "real"): ValueSpread(3, 0, "-1.5", "0.5", ("-1.5", "0.5"), rows=4),
    SpreadNeed("t", "refs[].id", 1): ValueSpread(3, 0, "1", "3", None, rows=4),
    RULE: RuleCount(4, 2),
    KEY: KeyCount(3, 1, 1),
    FLOATS: KeyCount(3, 1, 1),
    DEEP: KeyCount(3, 1, 0),
    DANGLING: ReferenceCount(3, 2),
    DANGLING_DEEP: ReferenceCount(3, 1),
    FEW: AggregateCount(4, 3, 1, 0, (RowGroup((("word", "'a'"),), 2),), fields=("word",)),
    aggregate("max(id) = 1"): AggregateCount(
        4, 1, 1, 0, computed=(("max(id)", "2"),), fields=("id",)
    ),
}
#: Text that JSON holds is no time.
OF_TIMES: dict[AnyRowNeed, Any] = {NewestNeed("t", "at"): NewestValue(2, NEW)}
ABSENT: dict[AnyRowNeed, str] = {
    NullsNeed("t", "z"): "it has no field z to count in",
    ValuesNeed("t", "z", Within("1")): "it has no field z to look at",
    SpreadNeed("t", "z"): "it has no field z to look at",
    NewestNeed("t", "z"): "it has no field z to look at",
}
Build = Callable[..., DataFusionObserver]


class Way:
    """A way to lay the rows out as the table `t`, and the references' `u`."""

    def __init__(self, name: str, folder: Path, observer: Build) -> None:
        self.name, self._folder, self._observer = name, folder, observer

    def live(self, **how: Any) -> DataFusionObserver:
        folder, options = self._folder, MeasuringOptions(MEMORY, **how)
        other = pa.table({"of": [1]})
        pq.write_table(other, folder / "u")
        match self.name:
            case "session":
                session = SessionContext()
                session.register_record_batches("t", [ROWS.to_batches(max_chunksize=1)])
                session.register_record_batches("u", [other.to_batches()])
                return self._observer("nowhere", SourceFormat.VIEW, supplied=session, how=options)
            case "files":
                pq.write_table(ROWS, folder / "t", row_group_size=1)
                return self._observer("t", others=["u"], how=options)
            case "view":
                pq.write_table(ROWS, folder / "v")
                view = ViewContract("t", Sql("SELECT * FROM v"), "v", AT)
                return self._observer("v", name="v", views=[view], others=["u"], how=options)
            case "json":
                rows = (json.dumps(row, default=str) for row in ROWS.to_pylist())
                (folder / "t.json").write_text("\n".join(rows) + "\n")
                (folder / "u").write_text('{"of": 1}\n')
                return self._observer("t.json", SourceFormat.JSON, others=["u"], how=options)
            case _:
                rows = pa.concat_tables([ROWS, ROWS.slice(1, 1)]).combine_chunks()
                write_deltalake(folder / "t", rows)
                with_deleted_rows(folder / "t", [4])
                (folder / "u").unlink()
                write_deltalake(folder / "u", other)
                return self._observer(format_=SourceFormat.DELTA, others=["u"], how=options)


WAYS = ["session", "files", "view", "json", "log"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path, observer: Build) -> Way:
    return Way(request.param, tmp_path, observer)


def test_whoever_reads_the_rows_the_answer_is_one(way: Way) -> None:
    facts = FACTS if way.name == "json" else FACTS | OF_TIMES
    live = way.live()
    live.prepare(facts)
    assert {str(need): answered(live, need) for need in facts} == {
        str(need): fact for need, fact in facts.items()
    }


def test_a_field_that_is_not_there_is_told_by_each_question(way: Way) -> None:
    live = way.live()
    live.prepare([*ABSENT, NULLS])
    for need, told in ABSENT.items():
        assert refused(live, need) == CouldNotLook(told, "t", trouble=Trouble.FIELD)
    assert answered(live, NULLS) == FACTS[NULLS]


SHOWN = ShownRows((ShownField("n", sensitive=False), ShownField("word", sensitive=True)))
#: The first two rows that break each promise.
BROKEN: dict[Any, list[int]] = {
    NULLS: [],
    VALUES: [1],
    WORDS: [1],
    RULE: [1, 2],
    KEY: [1, 2],
    FLOATS: [0, 2],
    DEEP: [0, 1],
    DANGLING: [1, 2],
    DANGLING_DEEP: [1],
    FEW: [],
}


UNFOUND = (
    "EnsureCooperative caused by Error during planning: DeltaScanExec rejects node CooperativeExec during "
    "sequential deletion vector scans"
)


def sample(way: Way, need: AnyRowNeed, row: int) -> Sample:
    """Of a Delta table with deletion vectors nobody can find the rows of values again, and says so."""
    if way.name == "log" and isinstance(need, ValuesNeed):
        return Sample(None, (("not found again", UNFOUND),))
    places: dict[str, RowPlace | str] = {"files": RowPlace("t", row), "json": "t.json"}
    return Sample(places.get(way.name), (("n", str(row)), ("word", "<redacted>")))


def test_rows_that_break_a_promise_are_shown_with_their_place_as_far_as_it_is_known(
    way: Way,
) -> None:
    live = way.live(samples=2, shown={"t": SHOWN})
    live.prepare(BROKEN)
    for need, rows in BROKEN.items():
        found = sorted(answered(live, need).samples, key=lambda each: each.values)
        assert found == [sample(way, need, row) for row in rows]


HIDDEN = "<redacted>"
REFS_TEXT = ("refs", "[{'id': 1}, {'id': 3}]")
WORD = ShownField("word", sensitive=False)


@pytest.mark.parametrize(
    ("shown", "values"),
    [
        (ShownRows((WORD,)), [("word", "'b'")]),
        (ShownRows((WORD,), Others.SHOWN), [("n", "1"), ("id", "2"), ("word", "'b'"), REFS_TEXT]),
        (
            ShownRows((WORD,), Others.REDACTED),
            [("n", HIDDEN), ("id", HIDDEN), ("word", "'b'"), ("refs", HIDDEN)],
        ),
        (
            ShownRows(others=Others.REDACTED),
            [("n", HIDDEN), ("id", HIDDEN), ("word", HIDDEN), ("refs", HIDDEN)],
        ),
        (ShownRows(), []),
    ],
)
@pytest.mark.parametrize("need", [RULE, DANGLING, VALUES], ids=str)
def test_of_a_row_without_a_place_only_that_is_shown_that_may_be(
    observer: Build, shown: ShownRows, values: list[tuple[str, str]], need: Any
) -> None:
    """One of which nothing may be shown is none that is worth telling."""
    session = SessionContext()
    rows = ROWS.select(["n", "id", "word", "refs"]).slice(0, 2)
    session.register_record_batches("t", [rows.to_batches()])
    session.from_pydict({"of": [1]}, name="u")
    how = MeasuringOptions(MEMORY, samples=1, shown={"t": shown})
    live = observer("nowhere", SourceFormat.VIEW, supplied=session, how=how)
    assert answered(live, need).samples == ((Sample(None, tuple(values)),) if values else ())


def spoil(file: Path) -> None:
    """The pages of a Parquet file, under an intact footer."""
    data = file.read_bytes()
    end = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    file.write_bytes(data[:4] + b"\xff" * (end - 4) + data[end:])


#: What no scan of files answers.
BY_QUERY = {FLOATS, DANGLING, DANGLING_DEEP, *(each for each in FACTS if "aggregate" in str(each))}


@pytest.mark.parametrize("name", ["files", "view"])
def test_pages_that_cannot_be_read_are_told_by_each_question(
    tmp_path: Path, observer: Build, name: str
) -> None:
    """A scan tells the files, too."""
    live = Way(name, tmp_path, observer).live()
    spoil(tmp_path / ("t" if name == "files" else "v"))
    facts = FACTS | OF_TIMES
    live.prepare(facts)
    for need in facts:
        error = refused(live, need)
        location = (tmp_path / "t").as_uri() if name == "files" and need not in BY_QUERY else None
        assert (error.relation, error.location, error.trouble) == ("t", location, Trouble.ENGINE)
        assert "Parquet error" in error.reason


class Spoiling:
    """Spoils a file when all of its rows have been read."""

    def __init__(self, file: Path) -> None:
        self._file, self._rows = file, ROWS.num_rows

    def started(self, relation: str, bytes_total: int | None) -> None:
        pass

    def advanced(self, bytes_read: int, rows: int) -> None:  # noqa: ARG002
        self._rows -= rows
        if not self._rows:
            spoil(self._file)

    def finished(self, relation: str) -> None:
        pass


def live_until_read(folder: Path, observer: Build, samples: int) -> DataFusionObserver:
    how = {"samples": samples, "shown": {"t": SHOWN}, "progress": Spoiling(folder / "t")}
    return Way("files", folder, observer).live(**how)


def test_rows_of_equal_hashes_that_cannot_be_read_again_are_no_answer(
    tmp_path: Path, observer: Build
) -> None:
    error = refused(live_until_read(tmp_path, observer, samples=0), KEY)
    location = (tmp_path / "t").as_uri()
    assert (error.relation, error.location, error.trouble) == ("t", location, Trouble.ENGINE)


@pytest.mark.parametrize("need", [RULE, VALUES], ids=str)
def test_rows_that_were_counted_and_cannot_be_read_again_are_told_in_their_place(
    tmp_path: Path, observer: Build, need: Any
) -> None:
    found = answered(live_until_read(tmp_path, observer, samples=1), need)
    ((place, ((name, reason),)),) = [(each.place, each.values) for each in found.samples]
    assert (place, name) == (None, "not found again")
    assert "Parquet error" in reason
    assert replace(found, samples=()) == FACTS[need]


def test_pages_of_the_other_table_that_cannot_be_read_are_told_of_it(
    tmp_path: Path, observer: Build
) -> None:
    live = Way("files", tmp_path, observer).live()
    spoil(tmp_path / "u")
    live.prepare([DANGLING, KEY])
    assert answered(live, KEY) == FACTS[KEY]
    error = refused(live, DANGLING)
    assert (error.relation, error.trouble) == ("t", Trouble.ENGINE)


@pytest.mark.parametrize(
    ("need", "told"),
    [
        (
            reference("word"),
            CouldNotLook(
                "word is string_view, and u.of is int64", "t", trouble=Trouble.REFERENCE_TYPES
            ),
        ),
        (
            ReferenceNeed("t", ReferenceContract(("id", "n"), "u", ("x", "y"), AT)),
            CouldNotLook("u has no field x, y; there are of", "u", trouble=Trouble.FIELD),
        ),
    ],
    ids=["types", "fields"],
)
def test_a_reference_to_what_it_cannot_mean_is_told(
    tmp_path: Path, observer: Build, need: ReferenceNeed, told: CouldNotLook
) -> None:
    assert refused(Way("files", tmp_path, observer).live(), need) == told


@pytest.mark.parametrize("type_", [pa.int8(), pa.uint16(), pa.int32(), pa.uint64()])
def test_whole_numbers_of_any_width_refer_to_each_other(
    tmp_path: Path, observer: Build, type_: pa.DataType
) -> None:
    live = Way("files", tmp_path, observer).live()
    pq.write_table(pa.table({"of": pa.array([2, 9], type_)}), tmp_path / "u")
    assert answered(live, DANGLING) == ReferenceCount(3, 1)


class Recorder:
    """Which readings were told, and of how many rows."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.rows = 0

    def started(self, relation: str, bytes_total: int | None) -> None:
        self.told.append((relation, bytes_total))

    def advanced(self, bytes_read: int, rows: int) -> None:  # noqa: ARG002
        self.rows += rows

    def finished(self, relation: str) -> None:
        self.told.append(relation)


@pytest.mark.parametrize(
    ("name", "need"),
    [
        *((name, need) for name in ("session", "json", "log") for need in (NULLS, VALUES)),
        ("json", RULE),
        ("log", NewestNeed("t", "at")),
    ],
    ids=str,
)
def test_whoever_watches_is_told_of_the_rows_that_a_query_reads(
    tmp_path: Path, observer: Build, name: str, need: AnyRowNeed
) -> None:
    recorder = Recorder()
    Way(name, tmp_path, observer).live(progress=recorder).answer(need)
    assert recorder.told == [("t", None), "t"]
    assert recorder.rows == 4
