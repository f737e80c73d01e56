"""`compare`: tells what moved between two manifests."""

from collections import Counter
from pathlib import Path

import click

from cst_contracts.cli.exit_codes import ExitCode


@click.command("compare", short_help="Tell what moved between two manifests.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def command(old: Path, new: Path) -> ExitCode:
    """Tell what moved between the manifest of an earlier run, OLD, and that of a later one, NEW.

    The exit status is 1 where something moved that breaks readers.

    \b
    Examples:
      cst-contracts check --manifest new.json
      cst-contracts compare released.json new.json
    """
    from cst_contracts.drift.comparison import compare
    from cst_contracts.drift.rule import Compatibility
    from cst_contracts.gate.manifests import load_manifest
    from cst_contracts.report.comparable import comparable

    before, after = (comparable(load_manifest(file)) for file in (old, new))
    changes = compare(before, after)
    counts = Counter(change.compatibility for change in changes)
    for change in changes:
        click.echo(change.line)
    click.echo(", ".join(f"{counts[each]} {each}" for each in Compatibility))
    return ExitCode.BROKEN if counts[Compatibility.BREAKING] else ExitCode.KEPT
