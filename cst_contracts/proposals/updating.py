"""Looks at the tables of contracts that are there, and edits those that no longer say what is there."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from cst_contracts.contract.model import TableContract
from cst_contracts.errors import InvalidContract
from cst_contracts.files.contracts import read_contract
from cst_contracts.gate.observer import Observer
from cst_contracts.proposals.contracts import red_checks, red_in_words
from cst_contracts.proposals.documents import NotEditable
from cst_contracts.proposals.looking import Unseen, seen
from cst_contracts.proposals.sources import Draft, Source
from cst_contracts.proposals.updates import updated


class Due(Struct, frozen=True):
    """A contract file, and what is to be edited: nothing where it says what is there. `red` are promises that
    are not kept even then, each in words: what a person has to decide."""

    file: str
    text: str
    changes: tuple[str, ...]
    red: tuple[str, ...] = ()


class NotUpdated(Struct, frozen=True):
    """A contract file that cannot be held beside its table, or not be edited, and why."""

    file: str
    reason: str


def updates(
    contracts: Mapping[Path, TableContract], observer: Observer
) -> Iterator[tuple[Path, Due | NotUpdated]]:
    """Writes nothing."""
    for path, contract in contracts.items():
        try:
            yield path, _due(path, contract, observer)
        except Unseen as error:
            yield path, NotUpdated(contract.file, error.trouble.reason)
        except NotEditable as error:
            yield path, NotUpdated(contract.file, str(error))
        except InvalidContract as error:
            told = f"an edit would leave it ill-formed: {error.problems[0]}"
            yield path, NotUpdated(contract.file, told)


def _due(path: Path, contract: TableContract, observer: Observer) -> Due:
    text = _text(path)
    source = contract.source
    there = (
        Source(contract.name)
        if source is None
        else Source(contract.name, source.format, source.location)
    )
    new = updated(contract, text, seen(Draft(there), observer), red_checks(contract, observer))
    red = red_in_words(new.text, observer, contract.file)
    return Due(contract.file, new.text, new.changes, red)


def _text(path: Path) -> str:
    """As it is in the file, line ends and all."""
    return read_contract(path).decode("utf-8")
