# ruff: noqa: T201 - a program prints
"""What a user of `cst_contracts.api` writes: type-checked as it stands, and run, by `test_api_usage.py`."""

import sys
from pathlib import Path

from cst_contracts.api import (
    Contract,
    CstContractsError,
    Difference,
    ExitCode,
    InvalidContract,
    Problem,
    RunResult,
    check,
    compare,
    diff,
    load,
)


def problems(file: Path) -> list[str]:
    try:
        contract: Contract = load(file)
    except InvalidContract as error:
        found: tuple[Problem, ...] = tuple(error.problems)
        return [f"{each.place.line}: {each.what}; {each.instead}" for each in found]
    return [contract.name]


def main(project: Path) -> None:
    result: RunResult = check(
        [project / "contracts"],
        lake=project / "lake",
        select=["t::nulls", "t::rows"],
        memory=256 * 1024**2,
        samples=1,
        verify_data=True,
    )
    code: ExitCode = result.exit_code
    print(code.name, result.ok, *(line for plan in result.plans for line in plan.splitlines()))
    for promise in result.failed:
        rows: list[int | None] = [each.row for each in promise.samples]
        print(promise.place, promise.check, promise.code, promise.observed, rows)
    try:
        result.raise_for_broken()
    except CstContractsError as error:
        print(error)
    for name in ("old.json", "new.json"):
        (project / name).write_text(result.manifest_json(), encoding="utf-8")
    print([told.line for told in compare(project / "old.json", project / "new.json")])
    changes: Difference = diff(project, project)
    print(changes.is_red, changes.looked_at, [entry.line for entry in changes.breaks])
    print(problems(project / "contracts" / "t.yaml"), problems(project / "bad.yaml"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
