"""JSON lines of runs to Markdown: one table of ratios, one of what was to be reached."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from benchmarks.finding import told
from benchmarks.measuring import Run
from benchmarks.tools import Places
from benchmarks.work import KeptBound, MemoryBound, TimeBound, Work, work_named

_QUIET = 0.3  # cores that others kept busy
_ENOUGH = 3
_HEADER = (
    "work",
    "tool",
    "runs",
    "wall s",
    "CPU s",
    "peak MB",
    "read MB",
    "ours ÷ it, wall",
    "ours ÷ it, CPU",
    "ours ÷ it, peak",
    "faults found",
)
_RUN_KEYS = {field.name for field in fields(Run)}


@dataclass(frozen=True)
class Pair:
    """`ours` is the work's main command."""

    ours: Run
    other: Run


Faults: TypeAlias = dict[str, str]
Pairs: TypeAlias = dict[str, list[Pair]]


def markdown(file: Path, places: Places) -> str:
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    faults: Faults = {
        record["tool"]: told(record["counts"]) for record in records if record["record"] == "found"
    }
    runs = [_run(record) for record in records if record["record"] == "run"]
    works = [work_named(name, places) for name in dict.fromkeys(run.work for run in runs)]
    pairs = {work.name: _pairs(work, runs) for work in works}
    rows = [row for work in works for row in _rows(work, pairs[work.name], faults)]
    reached = [row for work in works for row in _reached(work, pairs[work.name])]
    about = [record for record in records if record["record"] == "machine"]
    return "\n".join(
        [
            _table(_HEADER, rows),
            _table(("work", "to reach", "allowed", "measured", "reached"), reached),
            *_failures(runs),
            *(_about(record) for record in about[-1:]),
        ]
    )


def _run(record: dict[str, Any]) -> Run:
    return Run(**{key: value for key, value in record.items() if key in _RUN_KEYS})


def _pairs(work: Work, runs: Iterable[Run]) -> Pairs:
    """Warm-ups left out, and pairs that others disturbed, where enough are left."""
    pairs: Pairs = {other.name: [] for other in work.others}
    waiting: dict[str, Run] = {}
    for run in runs:
        if run.work != work.name or run.round < 0:
            continue
        before = waiting.pop(run.other, None)
        if before is None:
            waiting[run.other] = run
        else:
            ours, other = (run, before) if run.tool == work.main.name else (before, run)
            pairs[run.other].append(Pair(ours, other))
    return {name: _quiet(found) for name, found in pairs.items() if found}


def _quiet(pairs: list[Pair]) -> list[Pair]:
    quiet = [pair for pair in pairs if max(pair.ours.elsewhere, pair.other.elsewhere) <= _QUIET]
    return quiet if len(quiet) >= _ENOUGH else pairs


def _rows(work: Work, pairs: Pairs, faults: Faults) -> Iterator[Sequence[str]]:
    checks_all = work.name.startswith("flat-")
    ours = [pair.ours for each in pairs.values() for pair in each]
    told_ours = faults.get(work.main.name, "") if checks_all else ""
    yield (work.name, f"**{work.main.name}**", *_medians(ours), "1", "1", "1", told_ours)
    for name, found in pairs.items():
        yield (
            work.name,
            name,
            *_medians([pair.other for pair in found]),
            _ratio(found, lambda run: run.wall),
            _ratio(found, lambda run: run.cpu),
            _ratio(found, lambda run: run.peak_mb),
            faults.get(name, "") if checks_all else "",
        )


def _medians(runs: Sequence[Run]) -> Iterator[str]:
    yield str(len(runs))
    yield f"{median(run.wall for run in runs):.2f}"
    yield f"{median(run.cpu for run in runs):.2f}"
    yield f"{median(run.peak_mb for run in runs):.0f}"
    read = [run.read_mb for run in runs if run.read_mb is not None]
    yield f"{median(read):.0f}" if read else ""


def _ratio(pairs: Sequence[Pair], measure: Callable[[Run], float]) -> str:
    return f"{median(measure(pair.ours) / measure(pair.other) for pair in pairs):.2f}"


def _reached(work: Work, pairs: Pairs) -> Iterator[Sequence[str]]:
    """Only of bounds whose commands ran."""
    for bound in work.bounds:
        match bound:
            case TimeBound(factors, _, subject):
                named = {*factors, subject} - {work.main.name}
                if named <= set(pairs):
                    yield work.name, *_time_reached(work, bound, pairs)
            case MemoryBound(megabytes):
                ours = [pair.ours for each in pairs.values() for pair in each]
                peak = median(run.peak_mb for run in ours)
                told_peak = (f"{megabytes:.0f} MB", f"{peak:.0f} MB")
                yield work.name, "peak memory", *told_peak, _answer(peak <= megabytes, ours)
            case KeptBound(megabytes):
                ours = [pair.ours for each in pairs.values() for pair in each]
                size = median(run.kept_mb or 0 for run in ours)
                told_size = (f"{megabytes:g} MB", f"{size:.1f} MB")
                yield work.name, "kept on disk", *told_size, _answer(size <= megabytes, ours)


def _time_reached(work: Work, bound: TimeBound, pairs: Pairs) -> Sequence[str]:
    """Beside one other it is the median of the pairs' ratios that counts: both met the same weather."""
    others = [pair for name in bound.factors for pair in pairs[name]]
    if len(bound.factors) == 1 and not bound.seconds:
        (factor,) = bound.factors.values()
        ratio = median(pair.ours.wall / pair.other.wall for pair in others)
        runs = [run for pair in others for run in (pair.ours, pair.other)]
        return _text(bound), _times(factor), _times(ratio), _answer(ratio <= factor, runs)
    allowed = bound.seconds + sum(
        factor * median(pair.other.wall for pair in pairs[name])
        for name, factor in bound.factors.items()
    )
    ours = bound.subject == work.main.name
    subject = (
        [pair.ours for pair in others] if ours else [pair.other for pair in pairs[bound.subject]]
    )
    measured = median(run.wall for run in subject)
    answer = _answer(measured <= allowed, [*subject, *(pair.other for pair in others)])
    return _text(bound), f"{allowed:.2f} s", f"{measured:.2f} s", answer


def _text(bound: TimeBound) -> str:
    terms = [f"{_times(factor)} {name}" for name, factor in bound.factors.items()]
    seconds = [f"{bound.seconds:g} s"] if bound.seconds else []
    return f"{bound.subject} ≤ {' + '.join([*terms, *seconds])}"


def _times(factor: float) -> str:
    return f"{factor:.2f} ×"  # noqa: RUF001 - it multiplies


def _answer(reached: bool, runs: Iterable[Run]) -> str:  # noqa: FBT001
    """A run that ended otherwise than it should is no measurement of the work."""
    if not all(run.as_expected for run in runs):
        return "**failed**"
    return "yes" if reached else "**no**"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _failures(runs: Iterable[Run]) -> list[str]:
    failed = {(run.work, run.tool, run.exit_code) for run in runs if not run.as_expected}
    return [f"**{tool} on {work} exited with {code}**\n" for work, tool, code in sorted(failed)]


def _about(record: dict[str, Any]) -> str:
    about = record["machine"]
    lines = [
        f"{about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, "
        f"{about['system']}, Python {about['python']}.",
        *(
            f"{name}: {', '.join(f'{key} {value}' for key, value in found.items())}."
            for name, found in record["versions"].items()
        ),
    ]
    return "\n".join(lines) + "\n"
