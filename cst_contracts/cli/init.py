"""`init`: writes first contracts for tables that are there."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.seconds import query_seconds_option
from cst_contracts.cli.sessions import GivenSession
from cst_contracts.cli.sizes import memory_option

if TYPE_CHECKING:
    from datafusion import SessionContext

    from cst_contracts.proposals.tables import Proposed
    from cst_contracts.proposals.writing import Started

_FOLDER = Path("contracts")


class Kinds(click.ParamType["frozenset[Proposed]"]):
    """Kinds of promises, with commas between them."""

    name = "kinds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "frozenset[Proposed]":
        from cst_contracts.proposals.tables import Proposed

        known = {each.value: each for each in Proposed}
        named = [each.strip() for each in str(value).split(",")]
        unknown = [each for each in named if each not in known]
        if unknown:
            self.fail(
                f"{unknown[0]!r} cannot be proposed; known are {', '.join(known)}", param, ctx
            )
        return frozenset(known[each] for each in named)


@click.command("init", short_help="Write first contracts for tables that are there.")
@click.argument("places", nargs=-1, metavar="[TABLE|FOLDER|FILE]...")
@click.option(
    "--lake",
    metavar="PATH_OR_URI",
    help="Lake root that the contracts' locations are relative to (default: `cst_lake` of pytest's "
    "configuration, else the one FOLDER that holds the tables, else the working directory).",
)
@click.option(
    "--session",
    type=GivenSession(),
    metavar="MODULE:FUNCTION",
    help="Write contracts for the tables, all or the named ones, of the session that a function returns.",
)
@click.option(
    "--output",
    default=_FOLDER,
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that contracts are written into (default: contracts).",
)
@click.option(
    "--propose",
    "wanted",
    type=Kinds(),
    metavar="KINDS",
    help="Promise also what today's rows bear out: keys, enums, ranges, references, or several with commas "
    "between. With --update, of contracts that are there, too.",
)
@memory_option
@query_seconds_option
@click.option(
    "--update",
    is_flag=True,
    help="Edit contracts that are there, too, where they no longer say what is there.",
)
@click.option(
    "--check",
    "dry",
    is_flag=True,
    help="Write nothing: only say what would be written, and end with 1 if anything would be.",
)
def command(
    *,
    places: Sequence[str],
    lake: str | None,
    session: "SessionContext | None",
    output: Path,
    wanted: "frozenset[Proposed] | None",
    memory: int | None,
    query_seconds: float | None,
    update: bool,
    dry: bool,
) -> ExitCode:
    """Write a contract for each table that is there, which the table keeps as it is now.

    FOLDER is a folder of tables, or one table; FILE is a table by itself. Without any, the lake is looked
    through. Files are Parquet, CSV, JSON or Arrow, folders also Delta. What a contract says of nulls are the
    flags; where rows or statistics say more, the line says so in a comment. Contracts that are there stay as
    they are. With --update, they are edited where fields are new, gone, moved or of another type, or may be
    null, and where --propose finds what they do not say yet, and nowhere besides.

    The exit status is 0 where every table has a contract now, 1 where one is not kept all the same, or
    --check finds something to write, and 2 where a table cannot be looked at, not within --query-seconds for
    one, or there is none.

    \b
    Examples:
      cst-contracts init lake
      cst-contracts init lake/orders lake/items.csv --propose keys,references
      cst-contracts init --session my_project.tables:session orders
      cst-contracts init lake --update --check
      cst-contracts init lake --update --propose keys,enums
      cst-contracts init lake --propose keys --query-seconds 300
    """
    from cst_contracts.cli.progress import terminal_progress
    from cst_contracts.engine.session.versions import require_fitting

    require_fitting()
    from cst_contracts.cli.lakes import lake_root
    from cst_contracts.gate.opening import make_ready
    from cst_contracts.proposals.finding import given_tables, stored_tables
    from cst_contracts.proposals.writing import Asked, start

    make_ready(query_seconds)
    found = (
        stored_tables(places, lake_root(lake, places))
        if session is None
        else given_tables(session, places)
    )
    asked = Asked(
        found=found,
        root=Path.cwd(),
        folder=Path.cwd() / output,
        wanted=wanted or frozenset(),
        session=session,
        memory=memory,
        query_seconds=query_seconds,
        progress=terminal_progress(sys.stderr),
        update=update,
        dry=dry,
    )
    started = start(asked)
    tell(started, dry=dry)
    if not dry and (started.written or started.left or started.updates):
        _tell_next(output, None if session else found.lake)
    return status_of(started, dry=dry)


def tell(started: "Started", *, dry: bool) -> None:
    for file, proposal in started.written:
        rows = f"{proposal.rows:,} row{'' if proposal.rows == 1 else 's'}"
        fields = f"{proposal.fields} field{'' if proposal.fields == 1 else 's'}"
        click.echo(f"{'would write' if dry else 'wrote'} {file}: {fields}, {rows}")
        for note in proposal.notes:
            _say(f"  note: {note}")
        for red in proposal.red:
            _say(f"  not kept: {red}", fg="red")
    _tell_updates(started, dry=dry)
    for file, table in started.left:
        click.echo(f"left {file} as it is: the contract of {table}")
    if started.schema is not None:
        click.echo(f"wrote {started.schema}: what editors complete and check contracts by")
    for each in started.unwritten:
        _say(f"no contract for {each.source.told}: {each.reason}", fg="red", err=True)


def _say(text: str, *, fg: str | None = None, err: bool = False) -> None:
    """What names of tables and fields are a part of, which may hold anything."""
    from cst_contracts.contract.wording import visible

    click.secho(visible(text), fg=fg, err=err)


def _tell_updates(started: "Started", *, dry: bool) -> None:
    from cst_contracts.proposals.updating import Due

    for each in started.updates:
        if not isinstance(each, Due):
            _say(f"cannot update {each.file}: {each.reason}", fg="red", err=True)
        elif each.changes:
            click.echo(f"{'would update' if dry else 'updated'} {each.file}:")
            for change in each.changes:
                _say(f"  {change}")
        else:
            click.echo(f"{each.file} says what is there")
        for note in each.notes if isinstance(each, Due) else ():
            _say(f"  note: {note}")
        for red in each.red if isinstance(each, Due) else ():
            _say(f"  not kept: {red}", fg="red")


def _tell_next(output: Path, lake: str | None) -> None:
    """`lake` is None where a session gives the tables."""
    folder = shlex.quote(str(output))
    checked = "" if output == _FOLDER else f" {folder}"
    if lake is None:
        hook = "pytest_cst_contracts_session"
        click.echo(f"next: pytest {folder}, with the session from the hook {hook}", err=True)
    elif (root := _root_to_name(lake)) is None:
        click.echo(f"next: cst-contracts check{checked}", err=True)
    else:
        collected = f"{folder} -o cst_contracts={folder}" if checked else folder
        click.echo(f"next: cst-contracts check{checked} --lake {root}", err=True)
        click.echo(f"  or: pytest {collected} --cst-lake={root}", err=True)


def _root_to_name(lake: str) -> str | None:
    """As a shell takes it; None where both doors find the lake without being told."""
    from cst_contracts.cli.lakes import configured_lake, same_lake

    if same_lake(lake, configured_lake() or "."):
        return None
    here, shown = Path.cwd(), Path(lake)
    return shlex.quote(str(shown.relative_to(here)) if shown.is_relative_to(here) else lake)


def status_of(started: "Started", *, dry: bool) -> ExitCode:
    from cst_contracts.proposals.updating import Due

    due = [each for each in started.updates if isinstance(each, Due)]
    if started.unwritten or len(due) < len(started.updates):
        return ExitCode.NOT_RUN
    proposals = [proposal for _, proposal in started.written]
    if any(each.red for each in proposals) or any(each.red for each in due):
        return ExitCode.BROKEN
    if dry and (proposals or any(each.changes for each in due)):
        return ExitCode.BROKEN
    return ExitCode.KEPT
