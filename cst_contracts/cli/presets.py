"""`presets`: prints the named policies of session settings."""

import json
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from cst_contracts.cli.exit_codes import ExitCode


def _complete(
    context: click.Context,  # noqa: ARG001 — click's signature
    parameter: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    from cst_contracts.contract.presets import PRESETS

    return [CompletionItem(name) for name in PRESETS if name.startswith(incomplete)]


@click.command("presets", short_help="Print the presets of session settings.")
@click.argument("names", nargs=-1, metavar="[PRESET]...", shell_complete=_complete)
def command(names: Sequence[str]) -> ExitCode:
    """Print the presets of session settings: all of them as JSON, or some as a contract has them.

    A PRESET that is named is printed with the reason of each setting.

    \b
    Examples:
      cst-contracts presets
      cst-contracts presets cst
    """
    from cst_contracts.contract.presets import PRESETS, preset_text
    from cst_contracts.errors import CstContractsError

    if not names:
        values = {name: preset.values for name, preset in PRESETS.items()}
        click.echo(json.dumps(values, indent=2))
        return ExitCode.KEPT
    unknown = [name for name in names if name not in PRESETS]
    if unknown:
        known = ", ".join(PRESETS)
        raise CstContractsError(f"no such preset: {', '.join(unknown)}; known are {known}")
    click.echo("---\n".join(preset_text(PRESETS[name]) for name in names), nl=False)
    return ExitCode.KEPT
