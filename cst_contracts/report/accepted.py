"""Tells what an update of snapshots has accepted, so that nobody commits a change that nobody saw."""

from collections.abc import Iterator, Sequence

from cst_contracts.drift.changes import Change
from cst_contracts.drift.rule import Compatibility
from cst_contracts.drift.telling import by_severity, weigh
from cst_contracts.report.lines import Line, Style, line

_STYLES = {
    Compatibility.BREAKING: Style.BROKEN,
    Compatibility.COMPATIBLE: Style.PLAIN,
    Compatibility.COSMETIC: Style.QUIET,
}


def accepted_lines(file: str, changes: Sequence[Change]) -> Iterator[Line]:
    """The changes that a snapshot file has taken over, by class, what breaks first.

    No changes: its text was another spelling of the same.
    """
    told = by_severity(weigh(changes))
    if not told:
        yield line(f"{file}: written as this version writes it; nothing has changed")
        return
    counts = [
        f"{count} {each}"
        for each in Compatibility
        if (count := sum(1 for change in told if change.compatibility is each))
    ]
    yield line(f"{file}: accepted {', '.join(counts)}", Style.HEAD)
    for change in told:
        yield line(f"  {change.line}", _STYLES[change.compatibility])


def first_accepted_line(file: str) -> Line:
    """A contract that had no snapshot, or one that could not be read."""
    return line(f"{file}: accepted as it is, without one to compare with", Style.HEAD)
