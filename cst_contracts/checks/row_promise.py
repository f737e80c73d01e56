"""What keys, references, rules and the order of rows have in common: when they cannot be judged."""

from collections.abc import Iterable
from typing import Protocol

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Undecided, Vacuous
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import TableContract
from cst_contracts.datatypes import find_node
from cst_contracts.facts import Basis, CouldNotLook, RowCount, TableFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, RowCountNeed, SchemaNeed

_CODES = {
    Trouble.FIELD: FindingCode.FIELD_MISSING,
    Trouble.REFERENCE_TYPES: FindingCode.REFERENCE_TYPES,
    Trouble.PROOF: FindingCode.PROOF_DISAGREES,
}


class RowPromise(Protocol):
    """A promise about all rows of a table, each looked at together with its values at some paths."""

    @property
    def table(self) -> str: ...

    @property
    def place(self) -> Location: ...

    @property
    def subject(self) -> str: ...

    @property
    def promise(self) -> str:
        """In words, for the promised side of a finding."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that it is about, as far as the contract names them."""

    @property
    def presence(self) -> tuple[str, ...]:
        """For each of the `paths` the id of the check that tells whether it is there."""

    @property
    def allow_empty(self) -> bool: ...


def presence(contract: TableContract, paths: Iterable[str]) -> tuple[str, ...]:
    """The ids of the checks that tell whether each path is there: a partition field may be promised as such
    only."""
    promised = contract.nodes
    return tuple(f"field[{path}]" if path in promised else f"partition[{path}]" for path in paths)


def count_rows(check: RowPromise, answers: Answers) -> int | Undecided | Vacuous:
    """How many rows the session counts; a verdict where there are none to ask about, or where the table or
    one of the fields cannot be looked at."""
    facts = answers[SchemaNeed(check.table)]
    if isinstance(facts, CouldNotLook):
        return unreadable(check.place, check.table, facts)
    absent = _absent(check, facts)
    if absent is not None:
        return absent
    match answers[RowCountNeed(check.table)]:
        case CouldNotLook(reason=reason):
            found = finding(check, FindingCode.TABLE_UNREADABLE, check.promise, reason)
            return Undecided(found, Cause(check.table, "rows"))
        case RowCount(rows=0):
            return _empty(check)
        case RowCount(rows=rows):
            return rows


def _absent(check: RowPromise, facts: TableFacts) -> Undecided | None:
    for path, answering in zip(check.paths, check.presence, strict=True):
        if find_node(facts.schema, path) is None:
            found = finding(check, FindingCode.FIELD_MISSING, check.promise, f"no {path}")
            return Undecided(found, Cause(check.table, answering))
    return None


def _empty(check: RowPromise) -> Undecided | Vacuous:
    found = finding(check, FindingCode.EMPTY_TABLE, check.promise, "0 rows to look at")
    if check.allow_empty:
        return Vacuous(found, allowed=True, basis=Basis.SCAN)
    return Undecided(found, Cause(check.table, "rows"))


def unmeasured(check: RowPromise, trouble: CouldNotLook) -> Undecided:
    """Where the rows are there, and what is promised of them could not be measured."""
    if trouble.relation is not None and trouble.relation != check.table:
        return unreadable(check.place, check.table, trouble)
    code = _CODES.get(trouble.trouble, FindingCode.TABLE_UNREADABLE)
    return Undecided(finding(check, code, check.promise, trouble.reason))


def nothing_to_count(check: RowPromise, observed: str, hint: str = "") -> Vacuous:
    """`hint` is what to write where that is fine."""
    instead = "" if check.allow_empty else hint
    found = finding(check, FindingCode.NOTHING_TO_COUNT, check.promise, observed, instead)
    return Vacuous(found, check.allow_empty, Basis.SCAN)


def other_rows(check: RowPromise, counted: int, read: int) -> Broken:
    """Red where the rows that were measured are not those that the session counts."""
    red = finding(
        check,
        FindingCode.ROW_COUNT_DISAGREES,
        f"{read} rows read",
        f"the session counts {counted}",
        "the session reads other files than `source` names, or metadata and data disagree",
    )
    return Broken((red,), Basis.SCAN, read)
