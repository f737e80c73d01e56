"""`export`: writes contracts in the words of other tools."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from cst_contracts.contract.model import TableContract
    from cst_contracts.neighbours.formats import ExportFormat
    from cst_contracts.neighbours.parts import Unsaid

_NAMES = (
    "pyarrow", "arrow-ipc", "json-schema", "datafusion", "duckdb", "spark",
    "pandera-polars", "pandera-pandas", "dataframely", "dbt", "delta", "odcs", "odcs-3.2", "openlineage",
)  # fmt: skip


@click.command("export", short_help="Write contracts in the words of other tools.")
@click.argument(
    "files", nargs=-1, required=True, metavar="CONTRACT...", type=click.Path(path_type=Path)
)
@click.option("--to", "name", required=True, type=click.Choice(_NAMES), help="The format to write.")
@click.option(
    "--out",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a file for each contract into FOLDER, named after the table "
    "(default: one contract, to standard output).",
)
def command(*, files: Sequence[Path], name: str, folder: Path | None) -> ExitCode:
    """Write table contracts as schemas of other tools.

    What a contract says and the format does not hold is told on standard error, by the contract's lines.
    Files that are there are replaced; a table that is there is left as it is, and is an error.

    \b
    Examples:
      cst-contracts export contracts/orders.yaml --to pyarrow > orders.py
      cst-contracts export contracts/*.yaml --to duckdb --out ddl
    """
    from cst_contracts.neighbours.formats import ExportFormat

    if folder is None and len(files) > 1:
        raise click.UsageError("name one CONTRACT, or a folder for several with --out FOLDER")
    for contract, text in list(_contracts(files)):
        for each in _export(contract, text, ExportFormat(name), folder):
            click.echo(each, err=True)
    return ExitCode.KEPT


def _contracts(files: Sequence[Path]) -> Iterator[tuple["TableContract", bytes]]:
    from cst_contracts.contract.model import TableContract
    from cst_contracts.contract.parse import parse_contract
    from cst_contracts.errors import CstContractsError
    from cst_contracts.files.contracts import read_contract

    for file in files:
        text = read_contract(file)
        contract = parse_contract(text, str(file))
        if not isinstance(contract, TableContract):
            raise CstContractsError(f"{file}: a session contract has no table to export")
        yield contract, text


def _export(
    contract: "TableContract", text: bytes, format_: "ExportFormat", folder: Path | None
) -> tuple["Unsaid", ...]:
    from cst_contracts.neighbours.exported import FileExport, TableExport, TextExport
    from cst_contracts.neighbours.formats import exporter

    match exporter(format_):
        case FileExport(suffix=suffix, make=make):
            made = make(contract)
            _write(made.content, None if folder is None else folder / f"{contract.name}{suffix}")
            return made.unsaid
        case TextExport(suffix=suffix, make=make_of_text):
            made = make_of_text(contract, text)
            _write(made.content, None if folder is None else folder / f"{contract.name}{suffix}")
            return made.unsaid
        case TableExport(make=make_table):
            if folder is None:
                raise click.UsageError(f"`--to {format_}` makes tables: name a folder with --out")
            return make_table(contract, folder)


def _write(content: bytes, file: Path | None) -> None:
    from cst_contracts.files.manifests import write_output

    if file is None:
        click.echo(content, nl=False)
    else:
        write_output(file, content)
