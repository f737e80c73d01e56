"""Promise records to the lines of a terminal summary."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cst_contracts.checks.codes import FindingCode
from cst_contracts.report.promise import Outcome, PromiseRecord

_COLUMNS = tuple(Outcome)
_NAMED = 10  # of the promises that are hidden


def summary_lines(records: Sequence[PromiseRecord]) -> Iterator[str]:
    """One line per contract's table or session, then the sum. Nothing for no records."""
    if not records:
        return
    by_subject: dict[str, list[PromiseRecord]] = {}
    for record in records:
        by_subject.setdefault(record.subject, []).append(record)
    width = max(len("table"), *(len(subject) for subject in by_subject))
    heads = "".join(f"{outcome:>11}" for outcome in _COLUMNS)
    yield f"{'table':<{width}}{'rows':>12}{heads}"
    for subject, own in by_subject.items():
        counts = _counts(own)
        rows = _rows(own)
        told = "-" if rows is None else f"{rows:,}"
        yield f"{subject:<{width}}{told:>12}" + "".join(
            f"{counts[each] or '.':>11}" for each in _COLUMNS
        )
    yield total_line(records)
    yield from _hidden(records)
    for record in records:
        if record.outcome == Outcome.KEPT and record.code == FindingCode.SHADOWED_FUNCTION:
            yield f"{record.subject}: {record.observed}"
    notes = Counter(
        str(record.code)
        for record in records
        if record.outcome == Outcome.KEPT
        and record.code not in (None, FindingCode.SHADOWED_FUNCTION)
    )
    if notes:
        told = ", ".join(f"{count} {code}" for code, count in sorted(notes.items()))
        yield f"kept, with a note in the manifest (--cst-manifest): {told}"
    allowed = Counter(
        "; ".join(filter(None, (record.observed, record.hint)))
        for record in records
        if record.outcome == Outcome.VACUOUS and not record.failed
    )
    for why, count in allowed.items():
        yield f"{count} vacuous, and allowed to be: {why}"


def _hidden(records: Sequence[PromiseRecord]) -> Iterator[str]:
    """A waiver says for how long, and by whom; a mark of the project says neither."""
    hidden = [record for record in records if record.hidden_by is not None]
    if not hidden:
        return
    yield f"{len(hidden)} hidden by marks or fixtures of the project, and not by waivers:"
    for record in hidden[:_NAMED]:
        yield f"  {record.outcome}: {record.contract}::{record.check} ({record.hidden_by})"
    if len(hidden) > _NAMED:
        yield f"  and {len(hidden) - _NAMED} more"


def total_line(records: Sequence[PromiseRecord]) -> str:
    counts = _counts(records)
    looked_at = len(records) - counts[Outcome.UNDECIDED]
    parts = ", ".join(f"{counts[each]} {each}" for each in _COLUMNS)
    warned = sum(
        1 for record in records if record.severity == "warn" and record.outcome == Outcome.BROKEN
    )
    warning = f" ({warned} of the broken only warn)" if warned else ""
    return f"{looked_at} of {len(records)} promises looked at: {parts}{warning}"


def looked_at_nothing(records: Sequence[PromiseRecord]) -> bool:
    return all(record.outcome == Outcome.UNDECIDED for record in records)


def red_for_nothing(records: Sequence[PromiseRecord]) -> bool:
    """Whether promises are undecided for a cause that is neither red nor waived: its item never ran."""
    undecided = any(
        record.outcome == Outcome.UNDECIDED and record.code != FindingCode.NOT_CHECKABLE
        for record in records
    )
    return undecided and not any(
        record.failed or record.outcome == Outcome.WAIVED for record in records
    )


def _counts(records: Iterable[PromiseRecord]) -> Counter[str]:
    return Counter(record.outcome for record in records)


def _rows(records: Sequence[PromiseRecord]) -> int | None:
    """The table's; where its `rows` was not selected, the most that any one promise looked at."""
    counted = [record for record in records if record.check == "rows"] or records
    return max((record.rows for record in counted if record.rows is not None), default=None)
