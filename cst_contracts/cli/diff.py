"""`diff`: says what changed in contracts between two states, and whom it breaks."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.formats import Format, format_option

if TYPE_CHECKING:
    from cst_contracts.drift.verdicts import Difference
    from cst_contracts.report.run_changes import RunDifference


@click.command(
    "diff", short_help="Say what changed in contracts between two states, and whom it breaks."
)
@click.argument("base", metavar="BASE")
@click.argument("head", metavar="[HEAD]", required=False)
@click.option(
    "--contracts",
    default="contracts",
    show_default=True,
    metavar="FOLDER",
    help="Folder of contracts in both states, relative to the working directory.",
)
@click.option(
    "--snapshots",
    default="snapshots",
    show_default=True,
    metavar="FOLDER",
    help="Folder of accepted snapshots in both states, where there is one.",
)
@click.option(
    "--lake",
    metavar="PATH_OR_URI",
    help="Lake root: run views that are defined otherwise by both definitions, and take those that give the "
    "same rows for another spelling.",
)
@format_option("Text for people, one JSON object, or annotations of a GitHub workflow.")
@click.option("--json", "as_json", is_flag=True, help="The same as `--format json`.")
@click.option(
    "--markdown",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the comparison to FILE, too, for the comment of a merge request.",
)
def command(
    *,
    base: str,
    head: str | None,
    contracts: str,
    snapshots: str,
    lake: str | None,
    form: Format,
    as_json: bool,
    markdown: Path | None,
) -> ExitCode:
    """Say what changed in contracts and accepted snapshots from BASE to HEAD, and whom it breaks.

    BASE and HEAD are git references (a branch, a tag, a commit), or folders of projects; a folder begins with
    `./`, `../` or `/`. Without HEAD, the working tree is compared. No data and no engine is needed, but for
    --lake.

    Where both are files, they are manifests of runs: what moved in tables and in the session is told, and
    what came of promises.

    The exit status is 1 where a change breaks readers and neither a major step of the contract's `version`
    nor a waiver allows it, where a waiver of a change has expired or is not needed, and where a version went
    back; 2 where a state cannot be read; 3 where a contract of one is ill-formed.

    \b
    Examples:
      cst-contracts diff origin/main
      cst-contracts diff v1.2.0 v2.0.0 --markdown changes.md
      cst-contracts diff ../released . --json
      cst-contracts diff origin/main --lake data
      cst-contracts diff released.json manifest.json
    """
    if _are_manifests(base, head):
        return _manifests(base, head, Format.JSON if as_json else form, markdown)
    from cst_contracts.api import diff
    from cst_contracts.files.manifests import write_manifest_text
    from cst_contracts.report.changes_file import difference_markdown

    difference = diff(base, head, contracts=contracts, snapshots=snapshots, lake=lake)
    if markdown is not None:
        write_manifest_text(markdown, difference_markdown(difference))
    _TOLD[Format.JSON if as_json else form](difference)
    return ExitCode.BROKEN if difference.is_red else ExitCode.KEPT


def _are_manifests(base: str, head: str | None) -> bool:
    """A branch may be called as a file is, though hardly as a manifest."""
    files = [each for each in (base, head or "") if Path(each).is_file()]
    return len(files) == 2 or any(each.endswith(".json") for each in files)


def _manifests(base: str, head: str | None, form: Format, markdown: Path | None) -> ExitCode:
    """Compares two runs by their manifests."""
    from cst_contracts.files.manifests import write_manifest_text
    from cst_contracts.gate.manifests import load_manifest
    from cst_contracts.report.run_changes import run_difference, run_difference_markdown

    if head is None or not (Path(base).is_file() and Path(head).is_file()):
        told = "a manifest is compared with another one: name two files"
        raise click.UsageError(told)
    before, after = load_manifest(Path(base)), load_manifest(Path(head))
    difference = run_difference(before, after, (base, head))
    if markdown is not None:
        write_manifest_text(markdown, run_difference_markdown(difference))
    _RUNS_TOLD[form](difference)
    return ExitCode.BROKEN if difference.is_red else ExitCode.KEPT


def _runs_text(difference: "RunDifference", *, err: bool = False) -> None:
    from cst_contracts.report.lines import coloured
    from cst_contracts.report.run_changes import run_difference_lines

    for spans in run_difference_lines(difference):
        click.echo(coloured(spans), err=err)


def _runs_json(difference: "RunDifference") -> None:
    from cst_contracts.report.run_changes import run_difference_json

    click.echo(run_difference_json(difference), nl=False)


def _runs_annotations(difference: "RunDifference") -> None:
    from cst_contracts.report.run_changes import run_difference_annotations

    for told in run_difference_annotations(difference):
        click.echo(told)
    _runs_text(difference, err=True)


_RUNS_TOLD: Mapping[Format, Callable[["RunDifference"], None]] = {
    Format.TEXT: _runs_text,
    Format.JSON: _runs_json,
    Format.GITHUB: _runs_annotations,
}


def _tell_text(difference: "Difference", *, err: bool = False) -> None:
    from cst_contracts.report.changes import difference_lines
    from cst_contracts.report.lines import coloured

    for spans in difference_lines(difference):
        click.echo(coloured(spans), err=err)


def _tell_json(difference: "Difference") -> None:
    from cst_contracts.report.changes_file import difference_json

    click.echo(difference_json(difference), nl=False)


def _tell_annotations(difference: "Difference") -> None:
    from cst_contracts.report.changes import difference_annotations

    for told in difference_annotations(difference):
        click.echo(told)
    _tell_text(difference, err=True)


_TOLD: Mapping[Format, Callable[["Difference"], None]] = {
    Format.TEXT: _tell_text,
    Format.JSON: _tell_json,
    Format.GITHUB: _tell_annotations,
}
