"""Which checks of which contract files a run looks at."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

from cst_contracts.checks.check import Check
from cst_contracts.checks.plan import plan
from cst_contracts.contract.model import Contract
from cst_contracts.errors import InvalidContract
from cst_contracts.files.contracts import list_contracts
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.gate import Selected

#: As many ids are named where one does not exist.
_NEAREST = 3


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


def unmatched(patterns: Sequence[str], contracts: Iterable[Contract]) -> Iterator[str]:
    """A sentence for each pattern that names no check of the contracts: it is a typo, and a run that looks
    at nothing for it must not pass."""
    checks = [(contract, check) for contract in contracts for check in plan(contract)]
    for pattern in patterns:
        if not any(_matches(pattern, contract, check) for contract, check in checks):
            head, _, tail = pattern.rpartition("::")
            ids = [
                check.id
                for contract, check in checks
                if not head or head in (contract.name, contract.file)
            ]
            yield f"`{pattern}` names no check{near(tail, ids)}"


def near(id_: str, ids: Sequence[str]) -> str:
    """The ids that somebody may have meant, to be put behind a sentence; nothing where none is like it."""
    known = list(dict.fromkeys(ids))
    kind = id_.partition("[")[0]
    alike = get_close_matches(id_, known, _NEAREST, 0.6) or [
        each for each in known if each.partition("[")[0] == kind
    ]
    if not alike:
        return ""
    named = ", ".join(f"`{each}`" for each in alike[:_NEAREST])
    return f"; the nearest {'are' if len(alike) > 1 else 'is'} {named}"
