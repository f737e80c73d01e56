"""A run in Markdown, for the comment of a merge request or the summary of a job."""

from collections import Counter
from collections.abc import Iterator, Sequence

from cst_contracts.report.manifest_file import FindingEntry, Manifest, Outcome, PromiseRecord
from cst_contracts.report.markup import code as _code
from cst_contracts.report.markup import escaped as _text
from cst_contracts.report.markup import prose
from cst_contracts.report.since import since, since_markdown
from cst_contracts.report.summary import total_line
from cst_contracts.report.text import told_row

#: Of one report, which people read whole; the manifest has all of them.
_MOST_TOLD = 50


def markdown(manifest: Manifest, earlier: Sequence[Manifest] = ()) -> str:
    """The verdict first, then what is red with both sides, a line a table, and what moved since the newest of
    earlier runs."""
    moved = since(manifest, earlier)
    red = [record for record in manifest.promises if record.failed]
    lines = [
        f"## {_verdict(manifest.promises, red)}",
        "",
        _text(total_line(manifest.promises)) if manifest.promises else "No promise was selected.",
        "",
        *_findings(red),
        *_tables(manifest.promises),
        *(() if moved is None else ("", *since_markdown(moved))),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _verdict(records: Sequence[PromiseRecord], red: Sequence[PromiseRecord]) -> str:
    if not records:
        return "Contracts: nothing was looked at"
    if red:
        return f"Contracts: {len(red)} promise{'' if len(red) == 1 else 's'} failed"
    return "Contracts: kept"


def _findings(red: Sequence[PromiseRecord]) -> Iterator[str]:
    for record in red[:_MOST_TOLD]:
        code = f" `{record.code}`" if record.code else ""
        yield f"### {_text(record.subject)}: {_code(record.check)} {record.outcome}{code}"
        yield ""
        yield f"{_code(record.place)}"
        yield ""
        for each in record.findings or ():
            yield from _sides(each)
        for sample in record.samples:
            yield f"- row: {_code(told_row(sample))}"
        if record.consumers:
            yield f"- read by: {_text(', '.join(map(str, record.consumers)))}"
        yield ""
    if len(red) > _MOST_TOLD:
        yield f"… and {len(red) - _MOST_TOLD} more; the manifest has all of them."
        yield ""


def _sides(each: FindingEntry) -> Iterator[str]:
    yield f"- promised: {_text(each.promised)}"
    yield f"- observed: {_text(each.observed)}"
    if each.hint:
        yield f"- way out: {prose(each.hint)}"


def _tables(records: Sequence[PromiseRecord]) -> Iterator[str]:
    """Red tables first; outcomes that no promise had are left out."""
    by_subject: dict[str, list[PromiseRecord]] = {}
    for record in records:
        by_subject.setdefault(record.subject, []).append(record)
    outcomes = [each for each in Outcome if any(record.outcome is each for record in records)]
    if not outcomes:
        return
    yield f"| table | {' | '.join(outcomes)} |"
    yield f"| --- |{' ---: |' * len(outcomes)}"
    for subject, own in sorted(by_subject.items(), key=lambda each: -_red(each[1])):
        counts = Counter(record.outcome for record in own)
        name = f"**{_text(subject)}**" if _red(own) else _text(subject)
        yield f"| {name} | {' | '.join(str(counts[each] or '') for each in outcomes)} |"


def _red(records: Sequence[PromiseRecord]) -> int:
    return sum(record.failed for record in records)
