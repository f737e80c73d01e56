"""Are the data files written as promised?"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.file_columns import chunk_findings, columns_missing
from cst_contracts.checks.ordering import sort_terms
from cst_contracts.checks.row_promise import presence
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.checks.wording import counted, finding, sort_order
from cst_contracts.contract.clauses.files import (
    BoundsPromise,
    ClaimsPromise,
    ColumnsPromise,
    FilePromise,
    FileTrait,
)
from cst_contracts.contract.model import Contract, Severity, SourceContract, TableContract
from cst_contracts.facts import Basis, CouldNotLook, FootersFacts, SortTerm
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, FootersNeed, SchemaNeed

_UNITS: Mapping[FileTrait, tuple[FindingCode, str]] = MappingProxyType(
    {
        FileTrait.ROW_GROUP_ROWS: (FindingCode.FILE_ROW_GROUPS, "row"),
        FileTrait.BYTES: (FindingCode.FILE_BYTES, "byte"),
    }
)


class FilesKept(Struct, frozen=True):
    """One promise about all data files. `asked` are all that the contract makes, which are looked at
    together; `presence` are the ids of the checks that tell whether the promised columns are there."""

    table: str
    promise: FilePromise
    asked: tuple[FilePromise, ...]
    presence: Mapping[str, str]
    allow_empty: bool
    id: str
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.promise.place

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), FootersNeed(self.table, self.asked)

    def judge(self, answers: Answers) -> Verdict:
        schema = answers[SchemaNeed(self.table)]
        if isinstance(schema, CouldNotLook):
            return unreadable(self.place, self.table, schema)
        match answers[FootersNeed(self.table, self.asked)]:
            case CouldNotLook(reason=reason):
                promised = "footers that can be read"
                return Undecided(finding(self, FindingCode.NOT_CHECKABLE, promised, reason))
            case FootersFacts(rows=0):
                return _nothing(self)
            case FootersFacts() as facts:
                return _judge(self, facts)


def file_checks(contract: Contract) -> Iterator[Check]:
    match contract:
        case TableContract(source=SourceContract(files=(_, *_) as asked)):
            for promise in asked:
                id_ = f"files[{promise.trait}]"
                there = _presence(contract, promise)
                yield FilesKept(contract.name, promise, asked, there, contract.allow_empty, id_)
        case _:
            return


def _presence(contract: TableContract, promise: FilePromise) -> Mapping[str, str]:
    if not isinstance(promise, ColumnsPromise):
        return {}
    paths = [wanted.path for wanted in promise.columns if wanted.path]
    return dict(zip(paths, presence(contract, paths), strict=True))


def _nothing(check: FilesKept) -> Undecided | Vacuous:
    """Files without rows have no column chunk, and a writer's habits do not show in them."""
    found = finding(check, FindingCode.EMPTY_TABLE, "files with rows", "no row in any file")
    if check.allow_empty:
        return Vacuous(found, allowed=True, basis=Basis.STATISTICS)
    return Undecided(found, Cause(check.table, "rows"))


def _judge(check: FilesKept, facts: FootersFacts) -> Verdict:
    match check.promise:
        case ColumnsPromise() as promise:
            return _of_columns(check, promise, facts)
        case BoundsPromise(trait=FileTrait.ROW_GROUP_ROWS) as promise:
            return _verdict(facts, tuple(_of_groups(check, promise, facts)))
        case BoundsPromise() as promise:
            sized = tuple(_of_sizes(check, promise, facts))
            return _verdict(facts, sized, tuple(_unsized(check, facts)))
        case ClaimsPromise() as promise:
            return _verdict(facts, tuple(_unclaimed(check, promise, facts)))


def _verdict(
    facts: FootersFacts, findings: tuple[Finding, ...], untold: tuple[Finding, ...] = ()
) -> Verdict:
    """What is broken goes before what nobody can tell, and that before what is kept."""
    if findings:
        return Broken(findings, Basis.STATISTICS, facts.rows)
    return Undecided(untold[0]) if untold else Kept(Basis.STATISTICS, facts.rows)


def _of_columns(check: FilesKept, promise: ColumnsPromise, facts: FootersFacts) -> Verdict:
    findings, untold = chunk_findings(check, promise, facts.chunks)
    missing = columns_missing(promise, facts.chunks)
    if missing and not findings:
        return _without(check, missing[0])
    return _verdict(facts, findings, untold)


def _without(check: FilesKept, path: str) -> Undecided:
    """A column that no file has is written in no way."""
    found = finding(check, FindingCode.FIELD_MISSING, f"{path} in the files", "no file has it")
    return Undecided(found, Cause(check.table, check.presence[path]))


class _Measured(Struct, frozen=True):
    """A row group or a file with its rows or bytes."""

    name: str
    size: int


def _of_groups(check: FilesKept, promise: BoundsPromise, facts: FootersFacts) -> Iterator[Finding]:
    """Of the last row group of each file only the upper bound is promised: it has the rows that are left."""
    every = [
        (_Measured(f"{file.file}, row group {number}", group.rows), number + 1 == len(file.groups))
        for file in facts.files
        for number, group in enumerate(file.groups)
    ]
    full = [measured for measured, last in every if not last]
    yield from _beyond(check, promise, full, [measured for measured, _ in every])


def _of_sizes(check: FilesKept, promise: BoundsPromise, facts: FootersFacts) -> Iterator[Finding]:
    sized = [_Measured(file.file, file.bytes) for file in facts.files if file.bytes is not None]
    yield from _beyond(check, promise, sized, sized)


def _unsized(check: FilesKept, facts: FootersFacts) -> Iterator[Finding]:
    for file in facts.files:
        if file.bytes is None:
            observed = f"{file.file} is no longer listed"
            yield finding(check, FindingCode.NOT_CHECKABLE, "files of known sizes", observed)


def _beyond(
    check: FilesKept,
    promise: BoundsPromise,
    least_of: Iterable[_Measured],
    most_of: Iterable[_Measured],
) -> Iterator[Finding]:
    """At most one finding for each bound, which names what is furthest beyond it."""
    code, unit = _UNITS[promise.trait]
    least, most = promise.least, promise.most
    few = [] if least is None else [each for each in least_of if each.size < least]
    if few:
        furthest = min(few, key=lambda each: each.size)
        observed = f"{furthest.name} has {counted(furthest.size, unit)}{_more(few, 'fewer')}"
        yield finding(check, code, f"at least {least} {unit}s", observed)
    much = [] if most is None else [each for each in most_of if each.size > most]
    if much:
        furthest = max(much, key=lambda each: each.size)
        observed = f"{furthest.name} has {counted(furthest.size, unit)}{_more(much, 'more')}"
        yield finding(check, code, f"at most {most} {unit}s", observed)


def _more(beyond: list[_Measured], than: str) -> str:
    others = len(beyond) - 1
    return f", and {others} more have {than} than promised" if others else ""


def _unclaimed(check: FilesKept, promise: ClaimsPromise, facts: FootersFacts) -> Iterator[Finding]:
    """One finding for each claim that is not the promised one, or does not begin with it."""
    wanted = sort_terms(promise.terms)
    found: dict[tuple[SortTerm, ...], list[str]] = {}
    groups = 0
    for file in facts.files:
        for number, group in enumerate(file.groups):
            groups += 1
            if group.terms[: len(wanted)] != wanted:
                found.setdefault(group.terms, []).append(f"{file.file}, row group {number}")
    for terms, places in found.items():
        observed = (
            f"{sort_order(terms)} of {counted(len(places), 'row group')} of {groups}, "
            f"the first in {places[0]}"
        )
        yield finding(check, FindingCode.FILE_ORDER, sort_order(wanted), observed)
