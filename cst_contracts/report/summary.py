"""Sums up the promises of a run for a terminal: a line a table, the red ones first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import Severity
from cst_contracts.report.denominators import fewest_looked_at
from cst_contracts.report.lines import Line, Span, Style, line, wrapped
from cst_contracts.report.manifest_file import CauseEntry, Outcome, PromiseRecord

_NAMED = 10  # of the promises that are hidden
_GAP = "  "
#: What failed the run. It is no outcome: a broken promise may only warn, an undecided one may be red.
_RED = "red"
_WIDTH = 80


class _Row(Struct, frozen=True):
    """One table's or session's: how many of its promises came out how, and how many of them are red."""

    subject: str
    rows: int | None
    counts: Counter[str]

    @property
    def red(self) -> int:
        return self.counts[_RED]

    def cell(self, column: str) -> str:
        if column == "rows":
            return "-" if self.rows is None else f"{self.rows:,}"
        return str(self.counts[column] or ".")


def summary_lines(
    records: Sequence[PromiseRecord], width: int = _WIDTH, *, verbose: bool = False
) -> Iterator[Line]:
    """The table, the sum, and what else must be known of a run; nothing for no records.

    No line is wider than `width`, but for names that are. `verbose`: what is vacuous and allowed to be says
    why, which is the same at every run.
    """
    if not records:
        return
    yield from _table(list(_rows_of(records)), width)
    yield from _total(records, width)
    yield from _hidden(records)
    yield from wrapped(fewest_looked_at(records), width)
    allowed = _allowed(records) if verbose else ()
    for text in (*_shadowed(records), *_tolerated(records), *_noted(records), *allowed):
        yield from wrapped(text, width)


def total_line(records: Sequence[PromiseRecord]) -> str:
    """How many promises were looked at, and what came of them; outcomes that none had are left out."""
    counts = _counts(records)
    looked_at = len(records) - counts[Outcome.UNDECIDED]
    parts = ", ".join(_part(each, counts[each], records) for each in Outcome if counts[each])
    warned = sum(map(_only_warns, records))
    warning = f" ({warned} of the broken only warn)" if warned else ""
    return f"{looked_at} of {len(records)} promises looked at: {parts}{warning}"


def _part(outcome: Outcome, count: int, records: Iterable[PromiseRecord]) -> str:
    allowed = sum(map(_is_allowed, records)) if outcome is Outcome.VACUOUS else 0
    if not allowed:
        return f"{count} {outcome}"
    return f"{count} {outcome} ({'' if allowed == count else f'{allowed} '}allowed)"


def looked_at_nothing(records: Sequence[PromiseRecord]) -> bool:
    return all(record.outcome == Outcome.UNDECIDED for record in records)


def red_for_nothing(records: Sequence[PromiseRecord]) -> tuple[CauseEntry, ...]:
    """The causes for which promises are undecided, and that are neither red nor waived: a mark hides them, or
    their items never ran. What is red for another cause excuses nothing."""
    by_cause: dict[CauseEntry, list[PromiseRecord]] = {}
    for record in records:
        named = CauseEntry(subject=record.subject, check=record.check)
        by_cause.setdefault(named, []).append(record)
    causes = dict.fromkeys(each.cause for each in records if each.cause and not each.failed)
    return tuple(cause for cause in causes if not _is_red(cause, by_cause, frozenset()))


def _is_red(
    cause: CauseEntry,
    by_cause: Mapping[CauseEntry, Sequence[PromiseRecord]],
    above: frozenset[CauseEntry],
) -> bool:
    """Itself, or what it is undecided for."""
    return any(
        record.failed
        or record.outcome == Outcome.WAIVED
        or (
            record.cause is not None
            and record.cause not in above
            and _is_red(record.cause, by_cause, above | {cause})
        )
        for record in by_cause.get(cause, ())
    )


def _rows_of(records: Iterable[PromiseRecord]) -> Iterator[_Row]:
    by_subject: dict[str, list[PromiseRecord]] = {}
    for record in records:
        by_subject.setdefault(record.subject, []).append(record)
    for subject, own in by_subject.items():
        yield _Row(subject, _rows(own), _counts(own))


def _table(rows: Sequence[_Row], width: int) -> Iterator[Line]:
    """Red tables first, those with most red promises before others; columns that are zero everywhere are
    left out. A name that leaves no room for the numbers has a line of its own."""
    columns = [
        "rows",
        *(each for each in (*Outcome, _RED) if any(row.counts[each] for row in rows)),
    ]
    widths = [
        len(_GAP) + max(len(column), *(len(row.cell(column)) for row in rows)) for column in columns
    ]
    names = max(len("table"), *(len(row.subject) for row in rows))
    room = min(names, max(width - sum(widths), len("table")))
    heads = zip(columns, widths, strict=True)
    yield line(
        f"{'table':<{room}}" + "".join(f"{head:>{wide}}" for head, wide in heads), Style.HEAD
    )
    for row in sorted(rows, key=lambda row: -row.red):
        cells = [
            Span(f"{row.cell(column):>{wide}}", _style(row, column))
            for column, wide in zip(columns, widths, strict=True)
        ]
        name = Span(f"{row.subject:<{room}}", Style.BROKEN if row.red else Style.PLAIN)
        if len(row.subject) > room:
            yield (name,)
            name = Span(" " * room)
        yield (name, *cells)


def _style(row: _Row, column: str) -> Style:
    if column != "rows" and not row.counts[column]:
        return Style.QUIET
    if column == _RED or (column == Outcome.BROKEN and row.red):
        return Style.BROKEN
    return Style.WARNED if column in (Outcome.BROKEN, Outcome.UNDECIDED) else Style.PLAIN


def _total(records: Sequence[PromiseRecord], width: int) -> Iterator[Line]:
    red = any(record.failed for record in records)
    kept = all(record.outcome == Outcome.KEPT for record in records)
    style = Style.BROKEN if red else Style.KEPT if kept else Style.PLAIN
    yield from wrapped(total_line(records), width, style)


def _is_allowed(record: PromiseRecord) -> bool:
    """Whether it was about nothing, and may be; what a mark hides has not been allowed."""
    return record.outcome == Outcome.VACUOUS and not record.failed and record.hidden_by is None


def _only_warns(record: PromiseRecord) -> bool:
    return record.severity == Severity.WARN and record.outcome == Outcome.BROKEN


def _hidden(records: Sequence[PromiseRecord]) -> Iterator[Line]:
    """A waiver says for how long, and by whom; a mark of the project says neither."""
    hidden = [record for record in records if record.hidden_by is not None]
    if not hidden:
        return
    head = f"{len(hidden)} hidden by marks or fixtures of the project, and not by waivers:"
    yield line(head, Style.WARNED)
    for record in hidden[:_NAMED]:
        yield line(f"  {record.outcome}: {record.contract}::{record.check} ({record.hidden_by})")
    if len(hidden) > _NAMED:
        yield line(f"  and {len(hidden) - _NAMED} more")


def _shadowed(records: Iterable[PromiseRecord]) -> Iterator[str]:
    for record in records:
        if record.outcome == Outcome.KEPT and record.code == FindingCode.SHADOWED_FUNCTION:
            yield f"{record.subject}: {record.observed}"


def _tolerated(records: Iterable[PromiseRecord]) -> Iterator[str]:
    told = [
        f"{record.subject}: {record.check} is kept, though {record.observed}"
        for record in records
        if record.outcome == Outcome.KEPT and record.code == FindingCode.VIOLATIONS_TOLERATED
    ]
    yield from told[:_NAMED]
    if len(told) > _NAMED:
        yield f"and {len(told) - _NAMED} more are kept by what is tolerated"


def _noted(records: Iterable[PromiseRecord]) -> Iterator[str]:
    notes = Counter(
        record.code.value
        for record in records
        if record.outcome == Outcome.KEPT
        and record.code is not None
        and record.code not in (FindingCode.SHADOWED_FUNCTION, FindingCode.VIOLATIONS_TOLERATED)
    )
    if notes:
        codes = ", ".join(f"{count} {code}" for code, count in sorted(notes.items()))
        yield f"kept, with a note in the manifest: {codes}"


def _allowed(records: Iterable[PromiseRecord]) -> Iterator[str]:
    allowed = Counter(
        "; ".join(filter(None, (record.observed, record.hint)))
        for record in filter(_is_allowed, records)
    )
    for why, count in allowed.items():
        yield f"{count} vacuous, and allowed to be: {why}"


def _counts(records: Iterable[PromiseRecord]) -> Counter[str]:
    """By outcome, and of those that are red."""
    counts: Counter[str] = Counter()
    for record in records:
        counts[record.outcome] += 1
        counts[_RED] += record.failed
    return counts


def _rows(records: Sequence[PromiseRecord]) -> int | None:
    """The table's; where its `rows` was not selected, the most that any one promise looked at."""
    counted = [record for record in records if record.check == "rows"] or records
    return max((record.rows for record in counted if record.rows is not None), default=None)
