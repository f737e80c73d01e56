"""`manifest-schema`: prints the JSON Schema of manifests."""

import json

import click

from cst_contracts.cli.exit_codes import ExitCode


@click.command("manifest-schema", short_help="Print the JSON Schema of manifests.")
def command() -> ExitCode:
    """Print the JSON Schema of the manifest that a run writes.

    \b
    Examples:
      cst-contracts manifest-schema > manifest.schema.json
    """
    from cst_contracts.report.manifest_file import manifest_schema

    click.echo(json.dumps(manifest_schema(), indent=2))
    return ExitCode.KEPT
