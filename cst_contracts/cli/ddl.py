"""`ddl`: prints the CREATE EXTERNAL TABLE of table contracts."""

from collections.abc import Sequence
from pathlib import Path

import click

from cst_contracts.cli.exit_codes import ExitCode


@click.command("ddl", short_help="Print the CREATE EXTERNAL TABLE of contracts.")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "--lake",
    metavar="PATH_OR_URI",
    help="Lake root that locations are relative to (default: locations as the contract has them).",
)
def command(files: Sequence[Path], lake: str | None) -> ExitCode:
    """Print the CREATE EXTERNAL TABLE of table contracts, as DataFusion understands it.

    What a contract promises and SQL cannot say stands in comments.

    \b
    Examples:
      cst-contracts ddl contracts/cst_refs.yaml
      cst-contracts ddl contracts/*.yaml --lake s3://bucket/lake > tables.sql
    """
    from cst_contracts.errors import CstContractsError

    errors: list[CstContractsError] = []
    for number, file in enumerate(files):
        try:
            click.echo(f"{chr(10) if number else ''}{_statement(file, lake)}", nl=False)
        except CstContractsError as error:
            errors.append(error)
    for each in errors[:-1]:
        click.echo(f"cst-contracts: {each}", err=True)
    if errors:
        raise errors[-1]
    return ExitCode.KEPT


def _statement(file: Path, lake: str | None) -> str:
    from cst_contracts.contract.model import TableContract
    from cst_contracts.contract.parse import parse_contract
    from cst_contracts.contract.urls import without_credentials
    from cst_contracts.engine.storage.urls import Lake
    from cst_contracts.errors import CstContractsError
    from cst_contracts.files.contracts import read_contract
    from cst_contracts.sql.declaration import table_ddl

    contract = parse_contract(read_contract(file), str(file))
    if not isinstance(contract, TableContract):
        raise CstContractsError(f"{file}: a session contract has no table to declare")
    location = None if contract.source is None else contract.source.location
    located = Lake(lake).locate(location) if lake and location else location
    return table_ddl(contract, located and without_credentials(located))
