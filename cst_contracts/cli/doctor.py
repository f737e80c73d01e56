"""`doctor`: says what a project has, and what is to be done next."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from cst_contracts.proposals.surroundings import Line

_WIDTH = 11  # of the longest subject, and a space


@click.command("doctor", short_help="Say what is there: engines, lake, tables, contracts.")
@click.option(
    "--lake",
    metavar="PATH_OR_URI",
    help="Lake root to look into (default: as pytest's configuration says, else the working directory).",
)
@click.option(
    "--contracts",
    default=None,
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of contracts (default: as pytest's configuration says, else contracts).",
)
def command(*, lake: str | None, contracts: Path | None) -> ExitCode:
    """Say what is there, and what to do next: versions of the engines, the lake and its tables, contracts,
    the session, stores and snapshots.

    No row is read, and nothing of the project's own code is run. The exit status is 0 where nothing stands
    in the way of a check, 2 where something does: engines that do not fit, or a lake without a table; and 3
    where a contract file is ill-formed.

    \b
    Examples:
      cst-contracts doctor
      cst-contracts doctor --lake data
    """
    from cst_contracts.proposals.surroundings import contracts_folder, surroundings

    root = Path.cwd()
    lines = surroundings(root, lake, root / (contracts or contracts_folder(root)))
    for line in lines:
        _tell(line)
    return _status(lines)


def _tell(line: "Line") -> None:
    from cst_contracts.contract.wording import visible
    from cst_contracts.proposals.surroundings import Worth

    bad = line.worth in (Worth.ILL_FORMED, Worth.IN_THE_WAY)
    subject = click.style(f"{line.subject:<{_WIDTH}}", fg="red" if bad else None, bold=True)
    click.echo(f"{subject}{visible(line.seen)}")
    if line.next:
        click.echo(f"{'':<{_WIDTH}}next: {visible(line.next)}")


def _status(lines: Sequence["Line"]) -> ExitCode:
    from cst_contracts.proposals.surroundings import Worth

    match max(line.worth for line in lines):
        case Worth.FINE | Worth.UNUSED:
            return ExitCode.KEPT
        case Worth.ILL_FORMED:
            return ExitCode.ILL_FORMED
        case Worth.IN_THE_WAY:
            return ExitCode.NOT_RUN
