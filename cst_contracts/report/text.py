"""Findings to text for a person: the contract's line, promised and observed side by side, the way out."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec.structs import replace

from cst_contracts.checks.verdict import Finding, Verdict
from cst_contracts.errors import Problem
from cst_contracts.report.promise import findings_of, samples_of, told_sample


def told_verdict(verdict: Verdict, source: Sequence[str]) -> str:
    """With the violating rows, where some were asked for."""
    text = told_findings(findings_of(verdict), source)
    rows = "\n".join(f"    row:      {told_sample(each)}" for each in samples_of(verdict))
    return f"{text}\n{rows}" if rows else text


def told_findings(findings: Sequence[Finding], source: Sequence[str]) -> str:
    """`source` are the lines of the contract file; the first line of the text says it all in short.

    Findings that differ in what was observed only, as the changes since a snapshot do, are told together.
    """
    lines: list[str] = []
    for _, alike in groupby(findings, key=lambda finding: replace(finding, observed="")):
        lines.extend(_alike(tuple(alike), source))
    return "\n".join(lines)


def _alike(findings: Sequence[Finding], source: Sequence[str]) -> Iterator[str]:
    first = findings[0]
    for finding in findings:
        yield f"[{finding.code}] {finding.subject}: {finding.observed}"
    yield str(first.place)
    yield from quoted_line(first.place.line, source)
    yield f"    promised: {first.promised}"
    for finding in findings:
        yield f"    observed: {finding.observed}"
    if first.hint:
        yield f"    hint:     {first.hint}"


def quoted_line(number: int, source: Sequence[str]) -> Iterator[str]:
    if 0 < number <= len(source):
        yield f"    {number} | {source[number - 1].rstrip()}"


def told_problems(problems: Sequence[Problem], source: Sequence[str]) -> str:
    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    lines = [f"[invalid-contract] {count}; none of this file's promises could be read"]
    for problem in problems:
        lines.append(str(problem))
        lines.extend(quoted_line(problem.place.line, source))
    return "\n".join(lines)
