"""`waive`: writes a waiver of one change into its contract."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from cst_contracts.drift.verdicts import Difference


@click.command("waive", short_help="Write a waiver of one breaking change into its contract.")
@click.argument("change", metavar="FINGERPRINT")
@click.option(
    "--base", required=True, metavar="BASE", help="What the working tree is compared with."
)
@click.option(
    "--reason", required=True, metavar="TEXT", help="Why the change may break its readers."
)
@click.option("--owner", required=True, metavar="NAME", help="Who answers for it.")
@click.option(
    "--expires",
    required=True,
    metavar="YYYY-MM-DD",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="The last day on which the waiver holds.",
)
@click.option(
    "--in",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The contract file to write it into (default: the one that the change is of).",
)
@click.option(
    "--contracts",
    default="contracts",
    show_default=True,
    metavar="FOLDER",
    help="Folder of contracts.",
)
def command(
    *,
    change: str,
    base: str,
    reason: str,
    owner: str,
    expires: datetime,
    file: Path | None,
    contracts: str,
) -> ExitCode:
    """Write a waiver of the one change that FINGERPRINT stands for into its contract.

    `cst-contracts diff BASE` shows the fingerprints of the changes that break readers, or older versions. The
    waiver is bound to the change: another change of the same field has another fingerprint. The rest of the
    file stays as it is.

    \b
    Examples:
      cst-contracts waive 5f1c09ab --base origin/main --reason "agreed with billing" \\
          --owner orders-team --expires 2027-01-31
    """
    from cst_contracts.api import diff
    from cst_contracts.contract.waiver_text import NewWaiver, with_waiver
    from cst_contracts.files.contracts import read_contract, write_contract

    of = _contract_file(diff(base, contracts=contracts), change)
    target = Path(of) if file is None else file
    if not target.exists():
        raise click.UsageError(f"{target} is gone; name another contract file with `--in FILE`")
    if expires.date() < datetime.now().astimezone().date():
        raise click.UsageError(f"{expires.date()} is over: the waiver would have expired")
    waiver = NewWaiver(change, reason, owner, expires.date())
    text = read_contract(target).decode("utf-8")
    write_contract(target, with_waiver(text, waiver, str(target)))
    click.echo(f"{target}: waived change {change} until {waiver.expires}")
    return ExitCode.KEPT


def _contract_file(difference: "Difference", change: str) -> str:
    """The contract that a breaking change is of. Raises CstContractsError for any other fingerprint."""
    from cst_contracts.drift.merging import Standing
    from cst_contracts.errors import CstContractsError

    entries = {
        entry.fingerprint: (entry, each) for each in difference.compared for entry in each.entries
    }
    for each in difference.further:
        if each.entry.fingerprint == change:
            return each.contract.file
    if change not in entries:
        breaking = ", ".join(entry.fingerprint for entry in difference.breaks) or "none"
        raise CstContractsError(
            f"no change has the fingerprint `{change}`; breaking are: {breaking}"
        )
    entry, compared = entries[change]
    if entry.standing is not Standing.BREAKS:
        raise CstContractsError(f"change {change} needs no waiver: {entry.line} ({entry.standing})")
    return compared.file
