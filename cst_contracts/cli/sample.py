"""`sample`: writes tables that keep a contract, or that break exactly one of its promises."""

from pathlib import Path

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.seconds import query_seconds_option

_OF_VIEWS = (
    "the contract calls {} a view; it is written as a table of its own, "
    "and a check of the view reads other tables"
)
_FORMATS = ("parquet", "delta", "csv", "json", "arrow")


@click.command("sample", short_help="Write tables that keep a contract, or break one promise.")
@click.argument(
    "contract", metavar="CONTRACT", type=click.Path(path_type=Path, dir_okay=False, exists=True)
)
@click.option(
    "--out",
    "folder",
    required=True,
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Lake root to write under, at the locations that contracts name.",
)
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Rows of the contract's own table.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, metavar="S", help="Equal seeds, equal rows."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Format to write the contract's own table in (default: its own).",
)
@click.option(
    "--break",
    "clause",
    metavar="CLAUSE",
    help="Break this promise, and no other: a check's id, such as nulls[path] or unique[a,b].",
)
@query_seconds_option
def command(
    *,
    contract: Path,
    folder: Path,
    rows: int,
    seed: int,
    form: str | None,
    clause: str | None,
    query_seconds: float | None,
) -> ExitCode:
    """Write a table that keeps a contract, and the tables that it refers to.

    With --break, the table breaks exactly that promise, which is looked at before it is written.

    \b
    Examples:
      cst-contracts sample contracts/orders.yaml --rows 1000 --out lake
      cst-contracts sample contracts/orders.yaml --out broken --break "unique[order_id]"
      cst-contracts sample contracts/orders.yaml --out lake --seed 7 --format delta
    """
    from cst_contracts.contract.model import SourceFormat
    from cst_contracts.proof.sampling import sample

    format_ = None if form is None else SourceFormat(form)
    written, what = sample(
        contract,
        folder,
        rows,
        seed=seed,
        format_=format_,
        clause=clause,
        query_seconds=query_seconds,
    )
    for table in written:
        place = table.place.as_posix()
        click.echo(f"{table.name}: {table.rows} rows as {table.format} in {place}")
        if table.view:
            click.echo(f"  note: {_OF_VIEWS.format(table.name)}")
    if what is not None:
        click.echo(f"{clause} is broken: {what}")
    return ExitCode.KEPT
