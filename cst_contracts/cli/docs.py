"""`docs`: writes a data dictionary from contracts, and from the manifest of a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from cst_contracts.contract.model import Contract
    from cst_contracts.report.dictionary.outcomes import Outcomes

_CONTRACTS = Path("contracts")
_OUTPUT = Path("dictionary")


@click.command("docs", short_help="Write a data dictionary from contracts.")
@click.argument("paths", nargs=-1, metavar="[FILE|FOLDER]...", type=click.Path(path_type=Path))
@click.option(
    "--output",
    default=_OUTPUT,
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that pages are written into (default: dictionary).",
)
@click.option(
    "--manifest",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Manifest of a run: pages say what it found of each promise.",
)
@click.option("--title", default="Data dictionary", help="Title of the first page.")
@click.option(
    "--check",
    "dry",
    is_flag=True,
    help="Write nothing: only say which pages would change, and end with 1 if any would.",
)
def command(
    *, paths: Sequence[Path], output: Path, manifest: Path | None, title: str, dry: bool
) -> ExitCode:
    """Write a page of Markdown for each contract, and one that leads to them.

    A page has the fields with their types, meanings and promises, keys and references, views, who reads the
    table, and waivers. With --manifest, each promise has what a run found of it. No value of a sensitive
    field is told. Pages are plain Markdown; Sphinx takes them with myst-parser, and finds them by the first
    one. Pages of contracts that are gone are taken away, and files that are no pages are left alone.

    The exit status is 0 where pages are as they should be now, 1 where --check finds one that is not, 2
    where there is no contract, or a file is in the way, and 3 where a contract is ill-formed.

    \b
    Examples:
      cst-contracts docs --output docs/data
      cst-contracts docs contracts --manifest manifest.json --title "The lake"
      cst-contracts docs --output docs/data --check
    """
    from cst_contracts.files.pages import Pages
    from cst_contracts.report.dictionary.pages import MARK, pages

    contracts = _contracts(paths or (_CONTRACTS,))
    made = pages(contracts, None if manifest is None else _outcomes(manifest), title)
    texts = {page.name: page.text for page in made}
    files = Pages(output, texts, MARK)
    changed = files.changed()
    if not dry:
        files.write()
    for name in changed:
        verb = "take away" if name not in texts else "write"
        done = {"take away": "took away", "write": "wrote"}[verb]
        click.echo(f"{f'would {verb}' if dry else done} {(output / name).as_posix()}")
    if not changed:
        click.echo(f"{output.as_posix()} says what the contracts say")
    return ExitCode.BROKEN if dry and changed else ExitCode.KEPT


def _contracts(places: Sequence[Path]) -> "Sequence[Contract]":
    from cst_contracts.errors import CstContractsError
    from cst_contracts.gate.contracts import ContractFiles
    from cst_contracts.gate.selection import contract_paths

    for each in places:
        if not each.exists():
            raise CstContractsError(f"{each}: there is no such file or folder of contracts")
    root = Path.cwd()
    files = ContractFiles(root)
    found = [files.load(root / each) for each in contract_paths(places)]
    if not found:
        raise CstContractsError(f"there is no contract in {', '.join(map(str, places))}")
    return sorted(found, key=lambda each: each.name)


def _outcomes(manifest: Path) -> "Outcomes":
    from cst_contracts.files.manifests import read_manifest_text
    from cst_contracts.report.dictionary.outcomes import outcomes_of
    from cst_contracts.report.manifest import read_manifest

    return outcomes_of(read_manifest(read_manifest_text(manifest), str(manifest)))
