"""`import`: writes contracts from the schemas of other tools."""

from collections.abc import Sequence
from pathlib import Path

import click

from cst_contracts.cli.exit_codes import ExitCode

_NAMES = ("odcs", "json-schema", "dbt", "pandera")


@click.command("import", short_help="Write contracts from the schemas of other tools.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(path_type=Path, dir_okay=False),
)
@click.option(
    "--from", "name", required=True, type=click.Choice(_NAMES), help="The format to read."
)
@click.option(
    "--out",
    "folder",
    metavar="FOLDER",
    default=Path("contracts"),
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that contracts are written into (default: contracts).",
)
def command(*, files: Sequence[Path], name: str, folder: Path) -> ExitCode:
    """Write a contract for each table that FILE describes, named after it.

    What a file says and a contract does not is told on standard error, by its place in the file. Contracts
    that are there stay as they are, and are an error. A file of pandera's is Python, and is run.

    \b
    Examples:
      cst-contracts import orders.odcs.yaml --from odcs
      cst-contracts import models/schema.yml --from dbt --out contracts
    """
    from cst_contracts.errors import CstContractsError
    from cst_contracts.files.contracts import read_contract, write_contract
    from cst_contracts.neighbours.formats import ImportFormat, importer
    from cst_contracts.neighbours.importing import contract_files

    for file in files:
        read = importer(ImportFormat(name))(read_contract(file), str(file))
        for path, text in contract_files(read, folder, file.name):
            if path.exists():
                raise CstContractsError(
                    f"{path} is there already: remove it, or name another folder"
                )
            folder.mkdir(parents=True, exist_ok=True)
            write_contract(path, text)
            click.echo(f"wrote {path}")
        for each in read.unmapped:
            click.echo(f"{file}: not mapped: {each}", err=True)
    return ExitCode.KEPT
