"""Does a plan scan the fields that a query or a view says it reads, and no others?"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Finding
from cst_contracts.checks.wording import finding, some
from cst_contracts.datatypes import leads_to
from cst_contracts.facts import FieldRead
from cst_contracts.location import Location

_MORE = "name it under `reads`, or take it out of the SQL; `*` reads every field that comes"
_LESS = "take it out of `reads`, unless the query is to read it one day"


class Reader(Protocol):
    """What says which fields it reads, those of its contract's `table` by their paths alone."""

    @property
    def table(self) -> str: ...

    @property
    def place(self) -> Location: ...

    @property
    def subject(self) -> str: ...


class Reading(Struct, frozen=True):
    """`more` is red: fields that nobody said; `less` is told."""

    more: tuple[Finding, ...] = ()
    less: tuple[Finding, ...] = ()


def compare_reads(
    reader: Reader, said: Sequence[str] | None, scanned: Iterable[FieldRead]
) -> Reading:
    """Whoever says that it reads a field may read all below it; a field that is scanned as a whole takes more
    than a node below it says."""
    if said is None:
        return Reading()
    found = tuple(_path(reader.table, each) for each in scanned)
    more = [path for path in found if not any(leads_to(each, path) for each in said)]
    less = [each for each in said if not any(leads_to(each, path) for path in found)]
    # What is scanned as a whole is told once: what `reads` says of it is not missing besides.
    less = [each for each in less if not any(leads_to(path, each) for path in found)]
    promised = f"reads {', '.join(said)}" if said else "reads no field"
    return Reading(
        _told(reader, FindingCode.READS_MORE, promised, "scans", more, _MORE),
        _told(reader, FindingCode.READS_LESS, promised, "does not scan", less, _LESS),
    )


def _told(
    reader: Reader, code: FindingCode, promised: str, verb: str, paths: Sequence[str], hint: str
) -> tuple[Finding, ...]:
    if not paths:
        return ()
    return (finding(reader, code, promised, f"the plan {verb} {some(paths, 8)}", hint),)


def _path(table: str, read: FieldRead) -> str:
    return read.path if read.relation == table else f"{read.relation}.{read.path}"
