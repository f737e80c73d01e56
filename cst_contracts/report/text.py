"""Findings to text for a person: the contract's line, promised and observed side by side, the way out."""

from collections.abc import Iterator, Sequence

from cst_contracts.checks.model import Finding
from cst_contracts.errors import Problem


def told_findings(findings: Sequence[Finding], source: Sequence[str]) -> str:
    """`source` are the lines of the contract file; the first line of the text says it all in short."""
    lines: list[str] = []
    for finding in findings:
        lines.extend(_finding(finding, source))
    return "\n".join(lines)


def _finding(finding: Finding, source: Sequence[str]) -> Iterator[str]:
    head = f"{finding.place}: {finding.subject} [{finding.code}]"
    yield f"{head} promised {finding.promised}, observed {finding.observed}"
    yield from quoted_line(finding.place.line, source)
    yield f"    promised: {finding.promised}"
    yield f"    observed: {finding.observed}"
    if finding.hint:
        yield f"    hint:     {finding.hint}"


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
