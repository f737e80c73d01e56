"""The problems of contract files as text, as JSON and as annotations of a GitHub workflow."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cst_contracts.errors import Problem
from cst_contracts.report.annotations import Level, annotation


def problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """`file:line:column: what; instead`, which editors know how to jump to."""
    return map(str, problems)


def problems_json(problems: Sequence[Problem], files: int) -> dict[str, Any]:
    """`files` counts all that were read, so that an empty list of problems says what it rests on."""
    return {
        "files": files,
        "problems": [
            {
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "what": problem.what,
                "instead": problem.instead,
            }
            for problem in problems
        ],
    }


def problem_annotations(problems: Iterable[Problem]) -> Iterator[str]:
    for problem in problems:
        message = f"{problem.what}; {problem.instead}"
        yield annotation(Level.ERROR, problem.place, "ill-formed contract", message)
