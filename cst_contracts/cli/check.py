"""`check`: looks at live data for every promise of the contracts."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.formats import Format, format_option
from cst_contracts.cli.lakes import lake_option, lake_root
from cst_contracts.cli.reports import Wanted
from cst_contracts.cli.seconds import query_seconds_option
from cst_contracts.cli.sessions import GivenSession
from cst_contracts.cli.sizes import memory_option

if TYPE_CHECKING:
    from datafusion import SessionContext

    from cst_contracts.gate.result import RunResult
    from cst_contracts.report.manifest_file import Manifest
    from cst_contracts.report.reports import WantedReport

_DEFAULT = Path("contracts")
_SNAPSHOTS = Path("snapshots")
_COLORS = {"broken": "red", "undecided": "yellow", "vacuous": "yellow"}


@click.command("check", short_help="Look at live data for every promise.")
@click.argument("paths", nargs=-1, metavar="[FILE|FOLDER]...", type=click.Path(path_type=Path))
@lake_option
@click.option(
    "--session",
    type=GivenSession(),
    metavar="MODULE:FUNCTION",
    help="Look at the tables of the session that a function returns; what it lacks is registered in it.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="ID",
    help="Look only at this check: an id, table::id, or a part of one. May be repeated.",
)
@click.option(
    "--manifest",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all that was promised and observed to FILE, as JSON.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=Wanted(),
    metavar="NAME=FILE",
    help="Write a report to FILE: github, gitlab, html, json, markdown, openlineage or sarif. May be "
    "repeated.",
)
@click.option(
    "--results",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a row a promise to FILE, as Parquet, to be asked in SQL over many runs.",
)
@click.option(
    "--against",
    multiple=True,
    metavar="OLD",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Manifest of an earlier run: say what moved since, here and in the reports html and markdown. "
    "May be repeated; the exit status is this run's alone.",
)
@memory_option
@click.option(
    "--samples",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Show the first N violating rows of each broken promise, without sensitive fields.",
)
@click.option(
    "--verify-data",
    is_flag=True,
    help="Believe no statistics: read the rows for every promise about values.",
)
@click.option(
    "--cluster",
    metavar="URL",
    help="Spark Connect server whose workers scan files instead of this machine, as sc://host:port.",
)
@click.option(
    "--cluster-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=3600,
    metavar="SECONDS",
    help="Time that one scan on the cluster may take (default: 3600).",
)
@query_seconds_option
@click.option(
    "--proofs",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep there what is measured of data files, and measure only what is new (see the manual).",
)
@click.option(
    "--snapshots",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of snapshots (default: snapshots, where there is one).",
)
@click.option(
    "--evolution",
    type=click.Choice(("backward", "forward", "full", "none", "freeze")),
    help="Which drift of snapshots is told and not red, where a contract says nothing of it "
    "(default: freeze).",
)
@click.option("--snapshot-update", is_flag=True, help="Accept what is observed as the snapshots.")
@format_option("Text for people, the manifest as JSON, or annotations of a GitHub workflow.")
@click.option("--quiet", "-q", is_flag=True, help="Tell only what is not as promised.")
@click.option(
    "--verbose", "-v", is_flag=True, help="Tell, too, why promises are about nothing and may be."
)
def command(
    *,
    paths: Sequence[Path],
    lake: str | None,
    session: "SessionContext | None",
    select: Sequence[str],
    manifest: Path | None,
    reports: Sequence["WantedReport"],
    results: Path | None,
    against: Sequence[Path],
    memory: int | None,
    samples: int,
    verify_data: bool,
    cluster: str | None,
    cluster_seconds: float,
    query_seconds: float | None,
    proofs: Path | None,
    snapshots: Path | None,
    evolution: str | None,
    snapshot_update: bool,
    form: Format,
    quiet: bool,
    verbose: bool,
) -> ExitCode:
    """Look at live data for every promise of the contracts, and tell which are kept.

    Contracts are files, or all files of a folder, `contracts` where none is named. The exit status is
    0 where all promises are kept, 1 where one is broken, 2 where nothing could be looked at, and 3
    where a contract file is ill-formed.

    \b
    Examples:
      cst-contracts check --lake data
      cst-contracts check contracts/cst_refs.yaml --select "nulls[ref_id]" --samples 3
      cst-contracts check --select cst_refs::rows --manifest manifest.json
      cst-contracts check --format github --quiet
      cst-contracts check --report markdown=report.md --against released.json
    """
    from cst_contracts.api import check
    from cst_contracts.cli.progress import terminal_progress
    from cst_contracts.files.results import write_results
    from cst_contracts.gate.manifests import load_manifest
    from cst_contracts.report.reports import WantedReport

    earlier = [load_manifest(each) for each in against]
    result = check(
        paths or (_DEFAULT,),
        lake=lake_root(lake),
        session=session,
        select=select,
        snapshots=snapshots or _kept_snapshots(begin=snapshot_update),
        update_snapshots=snapshot_update,
        memory=memory,
        samples=samples,
        verify_data=verify_data,
        evolution=evolution,
        progress=None if quiet else terminal_progress(sys.stderr),
        cluster=cluster,
        cluster_seconds=cluster_seconds,
        query_seconds=query_seconds,
        proofs=proofs,
    )
    files = reports if manifest is None else (*reports, WantedReport("json", str(manifest)))
    _write(files, result, earlier)
    if results is not None:
        write_results(results, result.results())
    _tell(result, form, quiet=quiet, verbose=verbose)
    _tell_moved(result, earlier, err=form is not Format.TEXT)
    return ExitCode(result.exit_code)


def _kept_snapshots(*, begin: bool) -> Path | None:
    """None where the project keeps no snapshots, and this run does not begin to: nothing is red for it."""
    return _SNAPSHOTS if begin or _SNAPSHOTS.is_dir() else None


def _write(
    reports: Sequence["WantedReport"], result: "RunResult", earlier: Sequence["Manifest"]
) -> None:
    from cst_contracts.files.manifests import write_manifest_text

    for report in reports:
        write_manifest_text(Path(report.file), report.text(result.manifest(), earlier))


def _tell(result: "RunResult", form: Format, *, quiet: bool, verbose: bool) -> None:
    match form:
        case Format.JSON:
            click.echo(result.manifest_json().rstrip("\n"))
            _tell_summary(result, quiet=True, verbose=False, err=True)
        case Format.GITHUB:
            _tell_annotations(result)
            _tell_summary(result, quiet=quiet, verbose=verbose, err=True)
        case Format.TEXT:
            _tell_bad_news(result)
            _tell_summary(result, quiet=quiet, verbose=verbose, err=False)


def _tell_annotations(result: "RunResult") -> None:
    from cst_contracts.report.promise_lines import promise_annotations

    for line in promise_annotations(result.promises):
        click.echo(line)


def _tell_bad_news(result: "RunResult") -> None:
    from cst_contracts.report.promise_lines import is_bad_news, promise_lines, unhinted_code

    explained: set[str | None] = set()
    for record in filter(is_bad_news, result.promises):
        code = unhinted_code(record)
        head, *sides = promise_lines(record, explain=code not in explained)
        explained.add(code)
        click.echo("\n".join([click.style(head, fg=_COLORS.get(record.outcome)), *sides]))


def _tell_summary(result: "RunResult", *, quiet: bool, verbose: bool, err: bool) -> None:
    """To standard error where standard output is for machines. What an update has accepted is told in any
    case: somebody has to review it."""
    from cst_contracts.report.lines import coloured

    for line in result.accepted:
        click.echo(coloured(line), err=err)
    if not quiet:
        for line in result.summary(shutil.get_terminal_size().columns, verbose=verbose):
            click.echo(coloured(line), err=err)
    for failure in result.failures:
        click.secho(failure, fg="red", bold=True, err=err)


def _tell_moved(result: "RunResult", earlier: Sequence["Manifest"], *, err: bool) -> None:
    """What moved since the newest of earlier runs, where some are named."""
    from cst_contracts.report.lines import coloured
    from cst_contracts.report.since import since, since_lines

    moved = since(result.manifest(), earlier)
    for line in () if moved is None else since_lines(moved):
        click.echo(coloured(line), err=err)
