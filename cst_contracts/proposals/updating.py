"""Looks at the tables of contracts that are there, and edits those that no longer say what is there."""

from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from msgspec import Struct

from cst_contracts.contract.model import TableContract
from cst_contracts.errors import InvalidContract
from cst_contracts.facts import CouldNotLook
from cst_contracts.files.contracts import read_contract
from cst_contracts.gate.observer import Observer
from cst_contracts.proposals.additions import Additions, added
from cst_contracts.proposals.contracts import red_checks, red_in_words, table_contract
from cst_contracts.proposals.documents import NotEditable
from cst_contracts.proposals.looking import Seen, Unseen, seen
from cst_contracts.proposals.sensitive import Hidden
from cst_contracts.proposals.sources import Draft, Source
from cst_contracts.proposals.tables import Proposed, additions
from cst_contracts.proposals.updates import updated


class Due(Struct, frozen=True):
    """A contract file, and what is to be edited: nothing where it says what is there. `red` are promises that
    are not kept even then, each in words: what a person has to decide. `notes` are told, and not written."""

    file: str
    text: str
    changes: tuple[str, ...]
    red: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class NotUpdated(Struct, frozen=True):
    """A contract file that cannot be held beside its table, or not be edited, and why."""

    file: str
    reason: str


class Wishes(Struct, frozen=True):
    """What is to be promised beside: of what is `hidden`, no value is told."""

    wanted: Set[Proposed] = frozenset()
    hidden: Hidden = Hidden()


def updates(
    contracts: Mapping[Path, TableContract], observer: Observer, wishes: Wishes
) -> Iterator[tuple[Path, Due | NotUpdated]]:
    """Writes nothing."""
    looked = {path: _looked(contract, observer) for path, contract in contracts.items()}
    tables = [each for each in looked.values() if isinstance(each, Seen)]
    borne_out = additions(tables, observer, wishes.wanted, wishes.hidden)
    for path, contract in contracts.items():
        table = looked[path]
        if isinstance(table, NotUpdated):
            yield path, table
            continue
        beside = borne_out[table.name]
        if isinstance(beside, CouldNotLook):
            yield path, NotUpdated(contract.file, beside.reason)
            continue
        try:
            yield path, _due(path, contract, table, beside, observer)
        except NotEditable as error:
            yield path, NotUpdated(contract.file, str(error))
        except InvalidContract as error:
            told = f"an edit would leave it ill-formed: {error.problems[0]}"
            yield path, NotUpdated(contract.file, told)


def _looked(contract: TableContract, observer: Observer) -> Seen | NotUpdated:
    source = contract.source
    there = (
        Source(contract.name)
        if source is None
        else Source(contract.name, source.format, source.location)
    )
    try:
        return seen(Draft(there), observer)
    except Unseen as error:
        return NotUpdated(contract.file, error.trouble.reason)


def _due(
    path: Path, contract: TableContract, table: Seen, beside: Additions, observer: Observer
) -> Due:
    text = _text(path)
    new = updated(contract, text, table, red_checks(contract, observer))
    more = added(table_contract(new.text, contract.file), new.text, beside)
    red = red_in_words(more.text, observer, contract.file)
    notes = () if beside.note is None else (beside.note,)
    return Due(contract.file, more.text, (*new.changes, *more.changes), red, notes)


def _text(path: Path) -> str:
    """As it is in the file, line ends and all."""
    return read_contract(path).decode("utf-8")
