"""What an export hands over: the text of a file, and what of the contract it does not say."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.contract.model import TableContract
from cst_contracts.contract.wording import printable
from cst_contracts.neighbours.parts import Said, Unsaid, said


class Exported(Struct, frozen=True):
    content: bytes
    unsaid: tuple[Unsaid, ...] = ()


class FileExport(Struct, frozen=True):
    """Makes one file of a contract. `suffix` is what the file's name ends in."""

    suffix: str
    make: Callable[[TableContract], Exported]


class TextExport(Struct, frozen=True):
    """Makes one file of a contract and the text that it was read from."""

    suffix: str
    make: Callable[[TableContract, bytes], Exported]


class TableExport(Struct, frozen=True):
    """Makes an empty table in a folder that is not there yet, and says what the table does not hold."""

    make: Callable[[TableContract, Path], tuple[Unsaid, ...]]


Export: TypeAlias = FileExport | TextExport | TableExport


def left(contract: TableContract, holds: Callable[[Said], bool]) -> tuple[Unsaid, ...]:
    """What a format does not hold, by the contract's lines, each once."""
    found = (Unsaid(each.place, each.what) for each in said(contract) if not holds(each))
    return tuple(sorted(dict.fromkeys(found)))


def remarks(contract: TableContract) -> Iterator[str]:
    """What a file says of itself on top, in comments."""
    version = f" {contract.version}" if contract.version else ""
    yield printable(f"{contract.name}{version}, as {contract.file} promises it")
    if contract.owner:
        yield printable(f"owner: {contract.owner}")
    for line in contract.description.splitlines():
        yield printable(line)
