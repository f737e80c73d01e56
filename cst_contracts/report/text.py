"""Tells what was found as text for a person: in short, then what was promised and where, and the way out."""

from collections.abc import Iterator, Sequence, Set
from itertools import groupby

from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict, Waived
from cst_contracts.contract.model import Contract
from cst_contracts.contract.wording import printable, visible
from cst_contracts.errors import Problem
from cst_contracts.facts import Sample
from cst_contracts.report.manifest_file import SampleEntry
from cst_contracts.report.promise import findings_of, sample_entry, samples_of

#: The first line stands in lists, among others: what is longer is told below it.
_SHORT = 120
#: Rows that are named where nobody asked to see any.
_NAMED_ROWS = 3
_LABEL = 10


def told_verdict(
    verdict: Verdict,
    source: Sequence[str],
    contract: Contract | None = None,
    samples: int = 0,
    explained: Set[FindingCode] = frozenset(),
) -> str:
    """Every finding, and the rows that break the promise, where they are known.

    The first line says it in short, and nothing is said twice. Findings that differ in what was observed
    only, as the changes since a snapshot do, are told together.

    `source` are the lines of the contract file; `samples` is the number of rows that somebody asked to
    see. Without that, rows are named by file and number, and no value of them is shown. Where a finding has
    no hint, the command that explains its code stands there, unless the code is among the `explained`.
    """
    lines = [*_told(findings_of(verdict), source, _owner(contract), explained)]
    lines.extend(_told_rows(verdict, samples))
    return visible("\n".join(lines))


def unhinted(verdict: Verdict) -> frozenset[FindingCode]:
    """The codes of the findings that say no way out themselves."""
    return frozenset(each.code for each in findings_of(verdict) if not each.hint)


def explaining(code: str) -> str:
    """The command that says what a code means and what to do."""
    return f"`cst-contracts explain {code}`"


def first_line(text: str) -> str:
    """What such a text says in short."""
    return text.partition("\n")[0]


def told_problems(problems: Sequence[Problem], source: Sequence[str]) -> str:
    """All that is wrong with a file that is no contract."""
    first, count = problems[0], len(problems)
    more = f", and {count - 1} more problem{'s' if count > 2 else ''}" if count > 1 else ""
    lines = [
        f"[invalid-contract] {_short(first.what)[0]}{more}",
        "none of this file's promises could be read",
    ]
    for problem in problems:
        lines.append(str(problem))
        lines.extend(quoted_line(problem.place.line, source))
    return visible("\n".join(lines))


def told_sample(sample: Sample) -> str:
    """A row with its place and values."""
    return told_row(sample_entry(sample))


def told_row(row: SampleEntry) -> str:
    """A row of the manifest with its place and values, as far as they are there."""
    values = ", ".join(f"{name}={value}" for name, value in row.values.items())
    return ": ".join(filter(None, (_told_place(row), values)))


def quoted_line(number: int, source: Sequence[str]) -> Iterator[str]:
    """A line of the contract with its number; nothing where the file has no such line any more."""
    if 0 < number <= len(source):
        yield f"    {number} | {source[number - 1].rstrip()}"


def _told(
    findings: Sequence[Finding], source: Sequence[str], owner: str, explained: Set[FindingCode]
) -> Iterator[str]:
    for first, alike in groupby(findings, key=lambda finding: replace(finding, observed="")):
        yield from _alike(tuple(alike), source, owner)
        if first.hint:
            yield from _labelled("hint", first.hint)
        elif first.code not in explained:
            yield from _labelled("hint", explaining(first.code))
            explained = explained | {first.code}


def _alike(findings: Sequence[Finding], source: Sequence[str], owner: str) -> Iterator[str]:
    first, others = findings[0], findings[1:]
    short, whole = _short(first.observed)
    more = f"; and {len(others)} more" if others else ""
    yield f"[{first.code}] {printable(first.subject)}: {short}{more}"
    for finding in others:
        yield from _labelled("and", finding.observed)
    if not whole:
        yield from _labelled("observed", first.observed)
    yield from _labelled("promised", first.promised)
    yield f"{first.place}{owner}"
    yield from quoted_line(first.place.line, source)


def _short(text: str) -> tuple[str, bool]:
    """As much of a text as one line holds, and whether that is all of it."""
    line = text.split("\n", 1)[0]
    if len(line) > _SHORT:
        line = f"{line[: _SHORT - 1].rstrip()}…"
    elif line != text:
        line = f"{line} …"
    return line, line == text


def _labelled(label: str, text: str) -> Iterator[str]:
    """The lines of a text stay below one another."""
    first, *others = text.split("\n")
    yield f"    {f'{label}:':<{_LABEL}}{first}".rstrip()
    for other in others:
        yield f"    {' ' * _LABEL}{other}".rstrip()


def _owner(contract: Contract | None) -> str:
    """Whose contract it is, and of which version, as far as it says so."""
    if contract is None:
        return ""
    version = f"version {contract.version}" if contract.version else ""
    owner = f"owner: {contract.owner}" if contract.owner else ""
    told = ", ".join(filter(None, (version, owner)))
    return f" ({told})" if told else ""


def _told_rows(verdict: Verdict, samples: int) -> Iterator[str]:
    known = samples_of(verdict)
    if samples:
        for sample in known:
            yield from _labelled("row", told_sample(sample))
        return
    for sample in known[:_NAMED_ROWS]:
        if sample.place is not None:
            yield from _labelled("row", _told_place(sample_entry(sample)))
    if _is_about_rows(verdict):
        yield from _labelled("rows", "`--cst-samples N` shows N of them, without sensitive fields")


def _is_about_rows(verdict: Verdict) -> bool:
    """Whether single rows break the promise, so that some can be shown."""
    match verdict:
        case (
            Broken(rows=int(), violations=int())
            | Waived(broken=Broken(rows=int(), violations=int()))
        ):
            return True
        case Broken() | Waived() | Kept() | Undecided() | Vacuous():
            return False


def _told_place(row: SampleEntry) -> str:
    if row.file is None:
        return ""
    return row.file if row.row is None else f"{row.file}, row {row.row}"
