"""`schema`: prints the JSON Schema of contract files."""

import click

from cst_contracts.cli.exit_codes import ExitCode


@click.command("schema", short_help="Print the JSON Schema of contract files.")
def command() -> ExitCode:
    """Print the JSON Schema of contract files, with which editors complete and check them.

    \b
    Examples:
      cst-contracts schema > contract.schema.json
    and on top of a contract:
      # yaml-language-server: $schema=../contract.schema.json
    """
    from cst_contracts.contract.json_schema import json_schema_text

    click.echo(json_schema_text(), nl=False)
    return ExitCode.KEPT
