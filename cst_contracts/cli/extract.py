"""`extract`: turns Python source into a lake of LibCST tables."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import click

from cst_contracts.cli.exit_codes import ExitCode


@click.command("extract", short_help="Turn Python source into a lake of LibCST tables.")
@click.argument(
    "sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path(path_type=Path)
)
@click.option(
    "--to",
    "lake",
    required=True,
    metavar="LAKE",
    type=click.Path(path_type=Path),
    help="Lake root to write under.",
)
@click.option("--repo", help="Name of the repository (default: the folder's name).")
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "delta"]),
    default="parquet",
    show_default=True,
)
@click.option("--partition-by-repo", is_flag=True, help="Write one folder for each repository.")
@click.option("--workers", type=int, metavar="N", help="Processes (default: one for each CPU).")
@click.option(
    "--rows-per-file",
    type=int,
    default=1000,
    show_default=True,
    metavar="N",
    help="Rows of a data file, at most.",
)
@click.option("--overwrite", is_flag=True, help="Replace the table that is there.")
def command(
    *,
    sources: Sequence[Path],
    lake: Path,
    repo: str | None,
    form: Literal["parquet", "delta"],
    partition_by_repo: bool,
    workers: int | None,
    rows_per_file: int,
    overwrite: bool,
) -> ExitCode:
    """Turn Python source, folders or files, into a lake of LibCST tables.

    \b
    Examples:
      cst-contracts extract src --to lake
      cst-contracts extract src --to lake --repo mine --format delta --partition-by-repo
    """
    _require_extra()
    from cst_contracts.extract.lake import write_lake
    from cst_contracts.extract.sources import SourceRoot

    report = write_lake(
        [SourceRoot(folder, repo or "") for folder in sources],
        lake,
        format=form,
        partition_by_repo=partition_by_repo,
        workers=workers,
        rows_per_file=rows_per_file,
        overwrite=overwrite,
    )
    click.echo(
        f"{report.files:,} files, {report.parsed:,} parsed, {report.failed:,} not: {report.table}"
    )
    for table, count in report.rows.items():
        click.echo(f"  {table}: {count:,}")
    return ExitCode.KEPT


def _require_extra() -> None:
    """Raises UsageError where the packages that only this verb needs are not installed."""
    missing = [name for name in ("libcst", "tqdm") if find_spec(name) is None]
    if missing:
        raise click.UsageError(
            f"extract needs {' and '.join(missing)}: pip install 'cst-contracts[extract]'"
        )
