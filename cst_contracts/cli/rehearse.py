"""`rehearse`: runs the gate under another environment, such as a newer engine, and says what differs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.lakes import lake_option, lake_root
from cst_contracts.cli.seconds import query_seconds_option
from cst_contracts.cli.sessions import session_of
from cst_contracts.cli.sizes import memory_option

if TYPE_CHECKING:
    from cst_contracts.gate.result import RunResult

_DEFAULT = Path("contracts")


@click.command("rehearse", short_help="Say what differs under another environment's engine.")
@click.argument(
    "paths", nargs=-1, metavar="[FILE|FOLDER]...", type=click.Path(path_type=Path, exists=True)
)
@click.option(
    "--python",
    required=True,
    metavar="PATH",
    help="Interpreter of the other environment, in which cst-contracts is installed.",
)
@lake_option
@click.option(
    "--session",
    metavar="MODULE:FUNCTION",
    help="Look, on both sides, at the tables of the session that a function returns.",
)
@memory_option
@query_seconds_option
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=3600,
    metavar="SECONDS",
    help="Time that the run of the other environment may take (default: 3600).",
)
def command(
    *,
    paths: Sequence[Path],
    python: str,
    lake: str | None,
    session: str | None,
    memory: int | None,
    query_seconds: float | None,
    seconds: float,
) -> ExitCode:
    """Run the gate under the interpreter PATH, then here, over the same contracts and data, and compare:
    functions and their signatures, settings, plans of views, names and types of fields, rows, verdicts.

    A line for the session and for each table and view says whether it is alike, and what is not. Accepted
    snapshots are not held against either side, and nothing of the project is written.

    The exit status is 0 where nothing is worse there, 1 where something is, 2 where one of the two could
    not look, and 3 where a contract file is ill-formed.

    \b
    Examples:
      cst-contracts rehearse --python ../newer/bin/python
      cst-contracts rehearse contracts/cst_refs.yaml --python .next/bin/python --lake data
      cst-contracts rehearse --python .next/bin/python --session my_project.tables:session
    """
    from cst_contracts.api import check
    from cst_contracts.gate.rehearsal import Rehearsing, rehearse
    from cst_contracts.report.lines import coloured
    from cst_contracts.report.rehearsal import rehearsal_lines

    root, given = lake_root(lake), session_of(session)

    def here(files: Sequence[Path], snapshots: Path) -> "RunResult":
        return check(
            files,
            lake=root,
            session=given,
            memory=memory,
            query_seconds=query_seconds,
            snapshots=snapshots,
            update_snapshots=True,
        )

    options = (
        *(() if session is None else ("--session", session)),
        *(() if root is None else ("--lake", root)),
        *(() if memory is None else ("--memory", str(memory))),
        *(() if query_seconds is None else ("--query-seconds", str(query_seconds))),
    )
    asked = Rehearsing(Path.cwd(), tuple(paths or (_DEFAULT,)), options, here, seconds)
    found = rehearse(python, asked)
    for told in rehearsal_lines(found):
        click.echo(coloured(told))
    if found.breaks:
        return ExitCode.BROKEN
    return ExitCode.NOT_RUN if found.unknown else ExitCode.KEPT
