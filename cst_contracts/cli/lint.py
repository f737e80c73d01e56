"""`lint`: tells every problem of contract files, without any data or engine."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.formats import Format, format_option

if TYPE_CHECKING:
    from cst_contracts.errors import Problem

_DEFAULT = Path("contracts")


@click.command("lint", short_help="Tell every problem of contract files, without data.")
@click.argument("paths", nargs=-1, metavar="[FILE|FOLDER]...", type=click.Path(path_type=Path))
@format_option("One line for each problem, one JSON object, or annotations of a GitHub workflow.")
def command(paths: Sequence[Path], form: Format) -> ExitCode:
    """Tell every problem of contract files, without looking at any data.

    Of a FOLDER, which is `contracts` where none is named, every .yaml and .yml file is read. The exit
    status is 3 where a file is ill-formed, and 2 where there is no contract file.

    \b
    Examples:
      cst-contracts lint
      cst-contracts lint contracts/cst_refs.yaml
      cst-contracts lint --format github
    """
    files = _contract_files(paths or (_DEFAULT,))
    by_file = _problems(files)
    problems = [problem for found in by_file.values() for problem in found]
    _write(problems, len(files), form)
    bad = sum(1 for found in by_file.values() if found)
    click.echo(_summary(len(problems), bad, len(files)), err=True)
    return ExitCode.ILL_FORMED if problems else ExitCode.KEPT


def _contract_files(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Each file once, in the order of the arguments. Raises UsageError where there is none."""
    from cst_contracts.files.contracts import SUFFIXES
    from cst_contracts.gate.selection import contract_paths

    for path in paths:
        if not path.exists():
            raise click.UsageError(f"there is no file or folder {path}")
    files = contract_paths(paths)
    if not files:
        looked = ", ".join(map(str, paths))
        kinds = " or ".join(f"*{suffix}" for suffix in SUFFIXES)
        raise click.UsageError(f"there is no contract file, {kinds}, in {looked}")
    return files


def _problems(files: Sequence[Path]) -> "Mapping[Path, tuple[Problem, ...]]":
    """Of each file, also of those that have none."""
    from cst_contracts.checks.plan import plan
    from cst_contracts.errors import InvalidContract
    from cst_contracts.gate.contracts import ContractFiles

    contracts = ContractFiles(Path.cwd())
    found: dict[Path, tuple[Problem, ...]] = {}
    for file in files:
        try:
            plan(contracts.load(file))
        except InvalidContract as error:
            found[file] = error.problems
        else:
            found[file] = ()
    return found


def _write(problems: "Sequence[Problem]", files: int, form: Format) -> None:
    from cst_contracts.report.problems import problem_annotations, problem_lines, problems_json

    match form:
        case Format.JSON:
            click.echo(json.dumps(problems_json(problems, files), indent=1, ensure_ascii=False))
        case Format.GITHUB:
            for line in problem_annotations(problems):
                click.echo(line)
        case Format.TEXT:
            for line in problem_lines(problems):
                click.echo(line)


def _summary(problems: int, bad: int, files: int) -> str:
    looked = f"{files} contract file{'' if files == 1 else 's'}"
    if not problems:
        return f"no problem in {looked}"
    return f"{problems} problem{'' if problems == 1 else 's'} in {bad} of {looked}"
