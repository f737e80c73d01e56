"""Unbounded tables: what the plan says, and what the rows that come keep and break."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from datafusion import SessionContext

from cst_contracts.checks.verdict import Cause, Undecided
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.report.manifest_file import Outcome
from cst_contracts.report.promise import findings_of

Judge = Callable[..., Any]
CONTRACT = """\
table: events
source: {{format: {format}, location: events, unbounded: true, ordered_by: [n]{more}}}
fields:
  - {{name: n, type: int64, nullable: false}}
  - {{name: kind, type: string, nullable: false}}
  - {{name: size, type: int32}}
keys: [[n]]
references: [{{fields: [kind], table: kinds, to: [kind]}}]
rules: [{{name: small, sql: size < 1000}}]
"""
KINDS = """\
table: kinds
source: {format: csv, location: kinds.csv}
fields: [{name: kind, type: string}]
"""
FORMATS = ["csv", "json"]
Row = dict[str, Any]


def rows(count: int, start: int = 0) -> Iterator[Row]:
    return ({"n": n, "kind": "ab"[n % 2], "size": n % 7} for n in range(start, start + count))


def lines(format_: str, records: Iterable[Row]) -> Iterator[str]:
    for index, record in enumerate(records):
        if format_ == "json":
            yield json.dumps(record) + "\n"
            continue
        if index == 0:
            yield ",".join(record) + "\n"
        yield ",".join("" if value is None else str(value) for value in record.values()) + "\n"


def contract(format_: str, more: str = "") -> str:
    return CONTRACT.format(format=format_, more=more)


@pytest.fixture(autouse=True)
def _kinds(tmp_path: Path) -> None:
    (tmp_path / "kinds.csv").write_text("kind\na\nb\n")


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Callable[[Iterable[str]], Path]]:
    """Lays a named pipe and writes lines into it; a writer that nobody reads any more gives up."""
    threads: list[threading.Thread] = []
    path = tmp_path / "events"

    def write(texts: Iterable[str]) -> None:
        try:
            with path.open("w", buffering=1) as file:
                for text in texts:
                    file.write(text)
        except BrokenPipeError:
            pass

    def lay(texts: Iterable[str]) -> Path:
        os.mkfifo(path)
        threads.append(threading.Thread(target=write, args=(texts,), daemon=True))
        threads[-1].start()
        return path

    yield lay
    for thread in threads:
        thread.join(timeout=10)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_pipe_that_ends_keeps_every_promise_of_all_its_rows(
    pipe: Callable[..., Path], judge: Judge, format_: str
) -> None:
    pipe(lines(format_, rows(20_000)))

    judged = judge(contract(format_, ", fifo: true"), KINDS)

    assert judged.red == {}
    assert set(judged.outcomes) == {
        *("table", "rows", "fields", "field[n]", "field[kind]", "field[size]", "unbounded"),
        *("order[declared]", "order[measured]", "order[plan]", "nulls[n]", "nulls[kind]"),
        *("unique[n]", "reference[kind→kinds.kind]", "rule[small]"),
    }
    for check in ("rows", "nulls[n]", "unique[n]", "rule[small]", "order[measured]"):
        assert judged[check].rows == 20_000
        assert findings_of(judged[check]) == ()
    assert judged["unbounded"].basis == "plan"


@pytest.mark.parametrize("format_", FORMATS)
def test_what_the_rows_of_a_pipe_break_is_counted(
    pipe: Callable[..., Path], judge: Judge, format_: str
) -> None:
    records = list(rows(20_000))
    records[10]["kind"] = records[11]["kind"] = None
    records[9_000]["n"] = 8_999  # twice
    records[12_000]["kind"] = "gone"
    records[15_000]["size"] = records[15_001]["size"] = 5_000
    records[16_000]["n"], records[16_001]["n"] = 16_001, 16_000
    pipe(lines(format_, records))

    judged = judge(contract(format_), KINDS)

    assert judged.red == {
        "nulls[kind]": ("null-values",),
        "unique[n]": ("duplicate-keys",),
        "reference[kind→kinds.kind]": ("dangling-references",),
        "rule[small]": ("rule-violated",),
        "order[measured]": ("rows-out-of-order",),
    }
    counts = {check: judged[check].violations for check in judged.red}
    assert counts == {
        "nulls[kind]": 2,
        "unique[n]": 1,
        "reference[kind→kinds.kind]": 1,
        "rule[small]": 2,
        "order[measured]": 1,
    }
    assert "row 16001" in judged.finding("order[measured]").observed


@pytest.mark.parametrize("format_", FORMATS)
def test_a_pipe_without_an_end_is_looked_at_up_to_the_bound(
    pipe: Callable[..., Path], judge: Judge, format_: str
) -> None:
    pipe(lines(format_, rows(10**9)))

    judged = judge(contract(format_), KINDS, stream_rows=9_000, stream_seconds=30)

    assert judged.red == {}
    assert judged["unique[n]"].rows == 9_000
    (note,) = judged["unique[n]"].notes
    assert note.code.value == "stream-cut"
    assert note.observed == (
        "only the first 9,000 rows; what comes later may repeat, or point at what is not there"
    )
    (note,) = judged["nulls[n]"].notes
    assert note.observed == "only the first 9,000 rows"


def test_a_duplicate_within_the_bound_is_broken(pipe: Callable[..., Path], judge: Judge) -> None:
    pipe(lines("json", [*rows(5), *rows(10**6)]))
    judged = judge(contract("json"), KINDS, stream_rows=100, stream_seconds=30)
    assert judged.red == {
        "unique[n]": ("duplicate-keys",),
        "order[measured]": ("rows-out-of-order",),
    }


def test_a_pipe_that_nobody_writes_to_is_not_waited_for_without_end(
    tmp_path: Path, judge: Judge
) -> None:
    os.mkfifo(tmp_path / "events")
    start = time.monotonic()

    judged = judge(contract("json"), KINDS, stream_seconds=0.3)

    assert time.monotonic() - start < 20
    assert judged.red["rows"] == ("table-unreadable",)
    assert judged.finding("rows").observed == "no row came: what came within 0.3 seconds"
    kept = {check for check, outcome in judged.outcomes.items() if outcome is Outcome.KEPT}
    assert kept == {"table", "unbounded", "order[declared]", "order[plan]"}
    undecided = judged["nulls[n]"]
    assert isinstance(undecided, Undecided)
    assert undecided.cause == Cause("events", "rows")


def test_what_came_in_time_is_looked_at(pipe: Callable[..., Path], judge: Judge) -> None:
    def slowly() -> Iterator[str]:
        yield from lines("json", rows(3))
        time.sleep(1.5)

    pipe(slowly())
    judged = judge(contract("json"), KINDS, stream_seconds=0.5)
    assert judged.red == {}
    assert judged["rows"].rows == 3
    assert judged.finding("rows").observed == "only what came within 0.5 seconds"


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_is_read_without_end_too_and_told_to_have_one(
    tmp_path: Path, judge: Judge, format_: str
) -> None:
    (tmp_path / "events").write_text("".join(lines(format_, rows(10))))

    judged = judge(contract(format_), KINDS)

    assert judged.red == {}
    (note,) = judged["unbounded"].notes
    assert (note.code.value, note.observed) == ("not-a-pipe", "a file, which ends")


def test_a_file_where_a_pipe_is_promised_is_red(tmp_path: Path, judge: Judge) -> None:
    (tmp_path / "events").write_text("".join(lines("csv", rows(10))))

    judged = judge(contract("csv", ", fifo: true"), KINDS)

    assert judged.red == {"unbounded": ("not-a-pipe",)}
    assert str(judged.finding("unbounded").place) == "contracts/0.yaml:2:1"
    assert judged.finding("unbounded").observed == "a file, which ends"


def test_a_pipe_where_a_file_is_promised_is_no_table(
    pipe: Callable[..., Path], judge: Judge
) -> None:
    path = pipe([])
    text = contract("csv").replace(", unbounded: true", "")
    judged = judge(text, KINDS)
    assert judged.red["table"] == ("table-unreadable",)
    assert "it is a named pipe; write `unbounded: true`" in judged.finding("table").observed
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


@pytest.mark.parametrize(
    ("format_", "text", "red"),
    [
        ("csv", "kind,n,size\na,1,2\n", {"fields", "field[n]"}),
        ("csv", "n,kind\n1,a\n", {"field[size]"}),
        ("csv", "n,kind,size,more\n1,a,2,3\n", {"fields"}),
        ("csv", "n,kind,size\n1,a,2\n2,b,many\n", {"field[size]"}),
        ("json", '{"n": 1, "kind": "a", "size": 1.5}\n', {"field[size]"}),
        ("json", '{"n": 1, "kind": "a", "size": 1, "more": 1}\n', {"fields"}),
        ("json", '{"n": 1, "kind": 7, "size": 1}\n', {"field[kind]"}),
    ],
)
def test_fields_are_what_the_rows_have(
    tmp_path: Path, judge: Judge, format_: str, text: str, red: set[str]
) -> None:
    (tmp_path / "events").write_text(text)
    judged = judge(contract(format_), KINDS)
    failed = {check for check, outcome in judged.outcomes.items() if outcome is Outcome.BROKEN}
    assert failed == red
    # What needs a field that is not there, or is of another type, is undecided; a rule is asked of the rows
    # as they are.
    missing = {"field[size]", "field[kind]"} & failed
    undecided = "field[size]" in missing and "1.5" not in text
    assert (judged.outcomes["rule[small]"] is Outcome.UNDECIDED) == undecided
    assert (judged.outcomes["nulls[kind]"] is Outcome.UNDECIDED) == ("field[kind]" in missing)


def test_rows_that_are_no_rows_are_red(tmp_path: Path, judge: Judge) -> None:
    (tmp_path / "events").write_text('{"n": 1, "kind": "a", "size": 1}\nnonsense\n')
    judged = judge(contract("json"), KINDS)
    assert judged.red["rows"] == ("table-unreadable",)


@pytest.mark.parametrize("there", ["nothing", "folder"])
def test_only_a_file_or_a_pipe_can_be_unbounded(tmp_path: Path, judge: Judge, there: str) -> None:
    if there == "folder":
        (tmp_path / "events").mkdir()
    code = "table-unreadable" if there == "folder" else "table-missing"
    assert judge(contract("csv"), KINDS).red["table"] == (code,)


@pytest.mark.parametrize("unbounded", [True, False])
def test_the_plan_of_the_projects_own_registration_counts(
    tmp_path: Path, judge: Judge, *, unbounded: bool
) -> None:
    path = tmp_path / "events"
    path.write_text("".join(lines("csv", rows(10))))
    context: SessionContext = open_session({})
    kind = "UNBOUNDED " if unbounded else ""
    context.sql(
        f"CREATE {kind}EXTERNAL TABLE events (n BIGINT, kind VARCHAR, size INT) STORED AS CSV "
        f"WITH ORDER (n) LOCATION '{path}' OPTIONS ('format.has_header' 'true')"
    )
    judged = judge(contract("csv"), KINDS, supplied=context)
    assert judged.red == ({} if unbounded else {"unbounded": ("not-unbounded",)})


def test_a_view_of_a_pipe_is_not_tried(pipe: Callable[..., Path], judge: Judge) -> None:
    pipe(lines("json", rows(10)))
    text = contract("json") + "views: [{name: v, pack: {s: [n]}}]\n"
    judged = judge(text, KINDS)
    assert judged.red == {"view[v]": ("view-unusable",)}
    assert judged["rows"].rows == 10


def test_nobody_can_look_up_in_a_pipe(tmp_path: Path, judge: Judge) -> None:
    os.mkfifo(tmp_path / "events")
    text = KINDS + "references: [{fields: [kind], table: events, to: [kind]}]\n"
    judged = judge(text, contract("json"), stream_seconds=0.1)
    (check,) = judged.red
    assert check == "reference[kind→events.kind]"
    assert "events is unbounded" in judged.finding(check).observed
