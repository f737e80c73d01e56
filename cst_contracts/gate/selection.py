"""Which checks of which contract files a run looks at."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from cst_contracts.checks.check import Check
from cst_contracts.checks.plan import plan
from cst_contracts.contract.model import Contract
from cst_contracts.errors import InvalidContract
from cst_contracts.files.contracts import list_contracts
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.gate import Selected


class Invalid(Struct, frozen=True):
    """A file that is no contract, and why."""

    file: str
    error: InvalidContract


def contract_paths(places: Sequence[Path]) -> tuple[Path, ...]:
    """The contract files that places name: files as they are, folders with all that is in them. Each once."""
    found: dict[Path, None] = {}
    for place in places:
        found.update(dict.fromkeys(list_contracts(place) if place.is_dir() else (place,)))
    return tuple(found)


def select(
    files: ContractFiles, paths: Sequence[Path], patterns: Sequence[str]
) -> Iterator[Selected | Invalid]:
    """All checks of the files, or those that some pattern names. A file that is no contract is told
    whatever the patterns are: nobody knows what it promises."""
    for path in paths:
        try:
            contract = files.load(path)
            checks = plan(contract)
        except InvalidContract as error:
            yield Invalid(files.name(path), error)
            continue
        for check in checks:
            if not patterns or any(_matches(pattern, contract, check) for pattern in patterns):
                yield Selected(contract, check)


def _matches(pattern: str, contract: Contract, check: Check) -> bool:
    """A pattern is a part of a check's id, `TABLE::` with such a part, or a contract file's name with one."""
    head, separator, tail = pattern.partition("::")
    if not separator:
        return pattern in check.id or pattern == contract.name
    return head in (contract.name, contract.file) and tail in check.id
