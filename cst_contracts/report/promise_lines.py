"""The promises of a run as lines of text and as annotations of a GitHub workflow."""

from collections.abc import Iterable, Iterator

from cst_contracts.contract.wording import visible
from cst_contracts.location import Location
from cst_contracts.report.annotations import Level, annotation
from cst_contracts.report.manifest_file import Outcome, PromiseRecord
from cst_contracts.report.text import explaining, told_row


def is_bad_news(record: PromiseRecord) -> bool:
    """Whether somebody has to read it: it failed, or it is broken and only warns."""
    return record.failed or record.outcome == Outcome.BROKEN


def unhinted_code(record: PromiseRecord) -> str | None:
    """The code of a promise of which no finding says a way out itself."""
    hinted = record.hint or any(each.hint for each in record.findings)
    return None if hinted else record.code


def promise_lines(record: PromiseRecord, *, explain: bool = False) -> Iterator[str]:
    """The place, the check and the code on one line; both sides and the way out below it.

    `explain`: where there is no way out, the command that explains the code."""
    return map(visible, _lines(record, explain=explain))


def _lines(record: PromiseRecord, *, explain: bool) -> Iterator[str]:
    code = f" [{record.code}]" if record.code else ""
    yield f"{record.place}: {record.subject} {record.check}: {record.outcome}{code}"
    for title, text in _sides(record):
        yield from _indented(title, text)
    if explain and (unhinted := unhinted_code(record)):
        yield from _indented("hint", explaining(unhinted))
    for sample in record.samples:
        yield from _indented("row", told_row(sample))


def promise_annotations(records: Iterable[PromiseRecord]) -> Iterator[str]:
    """Of the bad news only."""
    for record in filter(is_bad_news, records):
        level = Level.ERROR if record.failed else Level.WARNING
        title = f"{record.subject} {record.check} {record.outcome}"
        code = f"[{record.code}] " if record.code else ""
        message = "\n".join(f"{name}: {text}" for name, text in _sides(record))
        yield annotation(level, place_of(record), title, visible(f"{code}{message}"))


def place_of(record: PromiseRecord) -> Location:
    """The record's place, which crosses processes as text."""
    return Location.of(record.place)


def _sides(record: PromiseRecord) -> Iterator[tuple[str, str]]:
    sides = {"promised": record.promised, "observed": record.observed, "hint": record.hint}
    return ((title, text) for title, text in sides.items() if text)


def _indented(title: str, text: str) -> Iterator[str]:
    first, *more = text.splitlines() or [""]
    yield f"    {title + ':':<9} {first}"
    for line in more:
        yield f"{'':14}{line}"
