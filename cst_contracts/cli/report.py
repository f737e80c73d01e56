"""`report`: makes reports from manifests that runs have written."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.reports import Wanted

if TYPE_CHECKING:
    from cst_contracts.report.reports import WantedReport


@click.command("report", short_help="Make reports from the manifest of a run.")
@click.argument("manifest", type=click.Path(path_type=Path))
@click.option(
    "--against",
    multiple=True,
    metavar="OLD",
    type=click.Path(path_type=Path),
    help="Manifest of an earlier run: the page and Markdown say what moved since. May be repeated, up to 29 "
    "times.",
)
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the page to FILE; the same as --report html=FILE.",
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
    help="Write a row a promise to FILE, as Parquet.",
)
def command(
    *,
    manifest: Path,
    against: Sequence[Path],
    html: Path | None,
    reports: Sequence["WantedReport"],
    results: Path | None,
) -> ExitCode:
    """Make reports from MANIFEST, which a run has written, and say what moved since earlier ones.

    Nothing is looked at: what the run saw is in its manifest. The exit status is 0 where all files are
    written, whatever the run found.

    \b
    Examples:
      cst-contracts report manifest.json --html report.html
      cst-contracts report manifest.json --against released.json --html report.html
      cst-contracts report manifest.json --report sarif=contracts.sarif --results runs/42.parquet
    """
    from cst_contracts.files.manifests import write_manifest_text
    from cst_contracts.files.results import write_results
    from cst_contracts.gate.manifests import load_manifest
    from cst_contracts.report.results import results as rows_of

    wanted = [*reports, *_page(html)]
    if not wanted and results is None:
        raise click.UsageError(
            "name what to make: --html FILE, --report NAME=FILE or --results FILE"
        )
    told, earlier = load_manifest(manifest), [load_manifest(each) for each in against]
    for each in wanted:
        write_manifest_text(Path(each.file), each.text(told, earlier))
    if results is not None:
        write_results(results, rows_of(told))
    return ExitCode.KEPT


def _page(file: Path | None) -> Sequence["WantedReport"]:
    from cst_contracts.report.reports import wanted_report

    try:
        return [] if file is None else [wanted_report(f"html={file}")]
    except ValueError as error:
        raise click.UsageError(str(error)) from None
