"""Whoever watches is told how far the reading of a relation has come, and an interrupt ends it."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.observing import MEMORY, answered, observer_over, refused, registry_of

from cst_contracts.api import check
from cst_contracts.contract.model import RuleContract, SourceContract, SourceFormat
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.rows.threads import read_streams
from cst_contracts.location import Location
from cst_contracts.needs import KeyNeed, NullsNeed, RuleNeed, StreamNeed

AT = Location("contracts/t.yaml", 1, 1)
ROWS = 200_000

Build = Callable[..., DataFusionObserver]


class Recorder:
    """What a run has told, in order."""

    def __init__(self, *, interrupt: bool = False) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.bytes_read = self.rows = 0
        self._interrupt = interrupt
        self._arrived = threading.Event()
        self._busy = Lock()

    def started(self, relation: str, bytes_total: int | None) -> None:
        self.calls.append(("started", relation, bytes_total))

    def advanced(self, bytes_read: int, rows: int) -> None:
        assert self._busy.acquire(blocking=False), "calls come one at a time"
        self.bytes_read += bytes_read
        self.rows += rows
        self._busy.release()
        if self._arrived.is_set():
            time.sleep(0.05)  # the main thread needs its turn before all is read
        if self._interrupt:
            self._interrupt = False
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            assert self._arrived.wait(60), "the main thread has not heard of it"

    def arrive(self, *_: object) -> None:
        """The main thread hears of the interrupt."""
        self._arrived.set()
        raise KeyboardInterrupt

    def finished(self, relation: str) -> None:
        self.calls.append(("finished", relation))


def write(folder: Path, files: int = 2) -> int:
    """A table `t`; its size in bytes."""
    (folder / "t").mkdir()
    table = pa.table({"n": pa.array(range(ROWS)), "k": pa.array([7] * ROWS)})
    for number in range(files):
        pq.write_table(table, folder / "t" / f"{number}.parquet", row_group_size=20_000)
    return sum(file.stat().st_size for file in (folder / "t").iterdir())


def watched(recorder: Recorder) -> MeasuringOptions:
    return MeasuringOptions(MEMORY, verify_data=True, progress=recorder)


def test_a_scan_tells_all_bytes_and_rows_of_its_files(tmp_path: Path, observer: Build) -> None:
    size = write(tmp_path)
    recorder = Recorder()
    answered(observer(how=watched(recorder)), NullsNeed("t", "n"))
    assert recorder.calls == [("started", "t", size), ("finished", "t")]
    assert (recorder.bytes_read, recorder.rows) == (size, 2 * ROWS)


def test_a_program_may_watch_a_check(tmp_path: Path) -> None:
    size = write(tmp_path)
    fields = "[{name: n, type: int64, nullable: false}, {name: k, type: int64}]"
    contract = tmp_path / "t.yaml"
    contract.write_text(f"table: t\nsource: {{format: parquet, location: t}}\nfields: {fields}\n")
    recorder = Recorder()
    result = check(contract, lake=tmp_path, select=["nulls["], verify_data=True, progress=recorder)
    assert [promise.outcome for promise in result.promises] == ["kept"]
    assert recorder.calls == [("started", "t", size), ("finished", "t")]


def test_a_reading_that_fails_is_finished(tmp_path: Path, observer: Build) -> None:
    size = write(tmp_path)
    recorder = Recorder()
    broken = RuleNeed("t", RuleContract("r", "1 / (n - 190000) > 0", AT))
    assert "Divide by zero" in refused(observer(how=watched(recorder)), broken).reason
    assert recorder.calls == [("started", "t", size), ("finished", "t")]


def test_of_queries_and_streams_nobody_knows_the_size(tmp_path: Path) -> None:
    for name in ("s", "q"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"n": 1}) + "\n")
    sources = {
        "s": SourceContract(SourceFormat.JSON, AT, "s.json", unbounded=True),
        "q": SourceContract(SourceFormat.JSON, AT, "q.json"),
    }
    fields = pa.schema([("n", pa.int64())])
    recorder = Recorder()
    relations = Relations(sources, {}, {}, promised={"s": fields, "q": fields})
    live = observer_over(registry_of(relations, tmp_path), watched(recorder))
    answered(live, StreamNeed("s"))
    answered(live, KeyNeed("q", ("n",)))
    assert recorder.calls == [
        *(("started", "s", None), ("finished", "s")),
        *(("started", "q", None), ("finished", "q")),
    ]


def test_an_interrupt_stops_the_reading_and_nothing_is_read_again(
    tmp_path: Path, observer: Build
) -> None:
    """It arrives in the main thread, while others read."""
    size = write(tmp_path, files=4)
    recorder = Recorder(interrupt=True)
    live = observer(how=watched(recorder))
    before = signal.signal(signal.SIGINT, recorder.arrive)
    try:
        with pytest.raises(KeyboardInterrupt):
            live.answer(NullsNeed("t", "n"))
    finally:
        signal.signal(signal.SIGINT, before)
    assert recorder.calls == [("started", "t", size), ("finished", "t")]
    assert recorder.rows < 4 * ROWS
    assert live.seen() == {}
    # One that the interrupt has kept from starting is still enumerated, and not alive.
    readers = [each for each in threading.enumerate() if "ThreadPool" in each.name]
    assert [each for each in readers if each.is_alive()] == []


def test_when_one_stream_fails_the_others_stop_at_their_next_batch() -> None:
    batch = pa.record_batch({"n": [1]})
    counting, failed, read = threading.Event(), threading.Event(), 0

    def endless() -> Iterator[pa.RecordBatch]:
        while True:
            yield batch

    def fail(_: pa.RecordBatch) -> None:
        counting.wait()
        failed.set()
        raise ValueError("broken")

    def count(_: pa.RecordBatch) -> None:
        nonlocal read
        read += 1
        counting.set()
        failed.wait()

    with pytest.raises(ValueError, match="broken"):
        read_streams([endless(), [batch]], [count, fail])
    assert read >= 1
