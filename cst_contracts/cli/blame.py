"""`blame`: finds the version of a Delta table in which a promise broke."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.lakes import lake_option, lake_root
from cst_contracts.cli.seconds import query_seconds_option
from cst_contracts.cli.sizes import memory_option

if TYPE_CHECKING:
    from cst_contracts.engine.formats.delta.authors import Commit
    from cst_contracts.gate.blame import Blame, Culprit
    from cst_contracts.report.manifest_file import PromiseRecord

_FOLDER = Path("contracts")


@click.command("blame", short_help="Find the Delta version in which a promise broke.")
@click.argument("table")
@click.argument("check", required=False)
@click.option(
    "--contracts",
    "folders",
    multiple=True,
    metavar="FOLDER",
    type=click.Path(path_type=Path, exists=True),
    help="Folder of contracts (default: contracts). May be repeated.",
)
@lake_option
@click.option(
    "--every",
    is_flag=True,
    help="Look at every version from the oldest on, and not only at those that halve what is left.",
)
@memory_option
@query_seconds_option
def command(
    *,
    table: str,
    check: str | None,
    folders: Sequence[Path],
    lake: str | None,
    every: bool,
    memory: int | None,
    query_seconds: float | None,
) -> ExitCode:
    """Find the version of TABLE in which CHECK, or each of its promises that is broken now, became so.

    TABLE is a Delta table's name, or the file of its contract; CHECK is the id of one promise. The contract
    is held as it is today beside earlier versions of the table, other tables as they are now. Versions are
    looked at in steps that double, going back, and then by halves. What was broken may have been kept again
    in between: it says where it looked, and --every looks everywhere.

    The exit status is 0 where all is kept in the latest version, 1 where a version is named, and 2 where
    there is no history, or nothing is known of what the latest version keeps.

    \b
    Examples:
      cst-contracts blame cst_refs "nulls[ref_id]" --lake data
      cst-contracts blame contracts/cst_refs.yaml
      cst-contracts blame cst_refs "unique[ref_id]" --every
    """
    from cst_contracts.engine.session.versions import require_fitting

    require_fitting()
    from cst_contracts.gate.blame import blame
    from cst_contracts.gate.memory import physical_memory
    from cst_contracts.gate.project import Project, lake_place

    root = Path.cwd()
    project = Project(
        root=root,
        contracts=tuple(root / each for each in folders or (_FOLDER,)),
        lake=lake_place(lake_root(lake)),
        memory=physical_memory() // 4 if memory is None else memory,
        query_seconds=query_seconds,
    )
    found = blame(project, table, check, every=every)
    for line in _lines(found):
        click.echo(line)
    if found.unknown:
        return ExitCode.NOT_RUN
    return ExitCode.BROKEN if found.culprits else ExitCode.KEPT


def _lines(blame: "Blame") -> Iterator[str]:
    for culprit in blame.culprits:
        yield from _told(culprit, blame)
    for record in blame.unknown:
        yield f"{record.place}: {record.subject} {record.check}: nothing is known of version {blame.latest}"
        yield f"    {'observed:':<10} {record.observed or 'nothing'}"
    if not blame.culprits and not blame.unknown:
        number = f"{len(blame.fine)} promise{'' if len(blame.fine) == 1 else 's'}"
        yield f"{blame.table}: {number} kept in version {blame.latest}, the latest: nothing to blame"


def _told(culprit: "Culprit", blame: "Blame") -> Iterator[str]:
    record = culprit.record
    from cst_contracts.contract.wording import visible

    head = f"{record.place}: {record.subject} {record.check}: {_where(culprit, blame)}"
    yield click.style(visible(head), fg="red")
    sides = (
        ("promised", record.promised or ""),
        ("observed", record.observed or ""),
        ("commit", "" if culprit.commit is None else commit_in_words(culprit.commit)),
        ("before", _before(culprit)),
        ("looked at", ", ".join(_looked(culprit))),
        *((f"version {each}", _unread(culprit.records[each])) for each in culprit.unread),
        ("not seen", _not_seen(culprit, blame)),
    )
    for title, text in sides:
        if text:
            yield visible(f"    {title + ':':<11} {text}")


def _where(culprit: "Culprit", blame: "Blame") -> str:
    found = culprit.found
    if found.fine is None:
        first = found.red == blame.oldest
        why = "the oldest that the log has" if first else "and of earlier ones nothing is known"
        return f"{culprit.record.outcome} in version {found.red} already, {why}"
    if found.between:
        return f"{culprit.record.outcome} since a version from {found.fine + 1} to {found.red}"
    return f"{culprit.record.outcome} since version {found.red}"


def commit_in_words(commit: "Commit") -> str:
    time = (
        ""
        if commit.time is None
        else commit.time.isoformat(timespec="seconds").replace("+00:00", "Z")
    )
    by = " by ".join(filter(None, (commit.operation, commit.writer)))
    user = f"user {commit.user}" if commit.user else ""
    return ", ".join(filter(None, (time, by, user, *commit.details)))


def _before(culprit: "Culprit") -> str:
    fine = culprit.found.fine
    if fine is None:
        return ""
    record = culprit.records[fine]
    return f"version {fine}, {record.outcome}" + (f": {record.observed}" if record.observed else "")


def _looked(culprit: "Culprit") -> Iterator[str]:
    for version, record in sorted(culprit.records.items()):
        yield f"{version} {'unknown' if version in culprit.unread else record.outcome}"


def _unread(record: "PromiseRecord") -> str:
    return f"nothing is known: {record.observed or record.outcome}"


def _not_seen(culprit: "Culprit", blame: "Blame") -> str:
    """Nobody looked there, so that it may have been broken before, and mended."""
    seen = set(culprit.records)
    left = [each for each in range(blame.oldest, culprit.found.red) if each not in seen]
    if not left:
        return ""
    noun = "version" if len(left) == 1 else "versions"
    return f"{len(left)} earlier {noun}, in which it may have been broken, too (--every looks)"
