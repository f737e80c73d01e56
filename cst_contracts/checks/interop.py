"""Does the table arrive in a library that readers use, with the same names, types and rows?"""

import re
from collections.abc import Iterator
from typing import ClassVar

import pyarrow as pa
from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import count_rows, nothing_to_count, unmeasured
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Verdict
from cst_contracts.checks.wording import counted, finding
from cst_contracts.contract.model import Contract, InteropContract, Severity, TableContract
from cst_contracts.datatypes import DifferenceKind, TypeDifference, top_level, type_differences
from cst_contracts.facts import Basis, CouldNotLook, Exchange, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, ExchangeNeed, RowCountNeed, SchemaNeed

_UTC = frozenset({"UTC", "Etc/UTC", "Z", "+00:00"})
_ZONE = re.compile(r"(?<=tz=)[^\]]+")


class TableArrives(Struct, frozen=True):
    """The first rows of the table come back from a library as they were handed to it. Flags of nullability
    and metadata are no part of this.

    `hidden` are the fields with values that nobody may be shown: a library's error may quote one.
    """

    table: str
    interop: InteropContract
    allow_empty: bool
    hidden: frozenset[str]
    id: str
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False  # but the first ones
    paths: ClassVar[tuple[str, ...]] = ()
    presence: ClassVar[tuple[str, ...]] = ()

    @property
    def place(self) -> Location:
        return self.interop.place

    @property
    def subject(self) -> str:
        return self.table

    @property
    def promise(self) -> str:
        return f"the same names, types and rows in {self.interop.name}"

    @property
    def exchange(self) -> ExchangeNeed:
        return ExchangeNeed(self.table, self.interop.name)

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), RowCountNeed(self.table), self.exchange

    def judge(self, answers: Answers) -> Verdict:
        match count_rows(self, answers):
            case int():
                return _judge(self, answers[self.exchange])
            case stopped:
                return stopped


def interop_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        hidden = frozenset(
            field.name for field in contract.fields if any(node.sensitive for node in field.walk())
        )
        for each in contract.interop:
            id_ = f"interop[{each.name}]"
            yield TableArrives(contract.name, each, contract.allow_empty, hidden, id_)


def _judge(check: TableArrives, answer: Exchange | CouldNotLook) -> Verdict:
    match answer:
        case CouldNotLook(trouble=Trouble.LIBRARY, names=(wanted,), reason=reason):
            hint = f'`pip install "{wanted}"`'
            code = FindingCode.LIBRARY_MISSING
            return Undecided(finding(check, code, check.promise, reason, hint))
        case CouldNotLook() as trouble:
            return unmeasured(check, trouble)
        case Exchange() as exchange:
            red = (*_refused(check, exchange), *_lost(check, exchange))
            if red:
                return Broken(red, Basis.SCAN, exchange.rows)
            if not exchange.rows:
                return nothing_to_count(check, "no row was handed over")
            return Kept(Basis.SCAN, exchange.rows)


def _refused(check: TableArrives, exchange: Exchange) -> Iterator[Finding]:
    for each in exchange.refused:
        concerned = {top_level(each.path)} if each.path else check.hidden
        reason = "an error that may quote a value" if concerned & check.hidden else each.reason
        observed = f"{check.interop.name} {exchange.version}: {reason}"
        promised = each.type or check.promise
        yield _finding(check, each.path, FindingCode.INTEROP_REFUSED, promised, observed)


def _lost(check: TableArrives, exchange: Exchange) -> Iterator[Finding]:
    """Values are compared of fields that are there, with their types."""
    handed, returned = (pa.struct(list(each)) for each in (exchange.handed, exchange.returned))
    differences = type_differences(handed, returned, path="")
    lost = [each for each in differences if not _is_of_zones(each, exchange.zone)]
    for each in lost:
        code = FindingCode.INTEROP_FIELD
        if each.kind is DifferenceKind.TYPE:
            code = FindingCode.INTEROP_TYPE
        observed = f"{each.observed} in {check.interop.name}"
        yield _finding(check, each.path, code, each.promised, observed)
    if exchange.rows != exchange.rows_returned:
        promised, observed = (
            counted(number, "row") for number in (exchange.rows, exchange.rows_returned)
        )
        observed = f"{observed} in {check.interop.name}"
        yield _finding(check, "", FindingCode.INTEROP_ROWS, promised, observed)
    tops = {top_level(each.path) for each in lost}
    for path, rows in exchange.differing:
        if top_level(path) not in tops:
            told = f"{rows} of {counted(exchange.rows, 'row')} differ in {check.interop.name}"
            yield _finding(check, path, FindingCode.INTEROP_ROWS, "the same values", told)


def _is_of_zones(difference: TypeDifference, zone: str | None) -> bool:
    """Whether two types differ only in how UTC is called. A library that gives all times in its session's
    zone is looked at as if that were UTC, so that the verdict is the same on every machine."""
    named = _UTC if zone is None else {*_UTC, zone}

    def in_utc(text: str, names: frozenset[str] | set[str]) -> str:
        return _ZONE.sub(lambda found: "UTC" if found[0] in names else found[0], text)

    return in_utc(difference.promised, _UTC) == in_utc(difference.observed, named)


def _finding(
    check: TableArrives, path: str, code: FindingCode, promised: str, observed: str
) -> Finding:
    subject = f"{check.table}.{path}" if path else check.table
    hint = f"store a type that {check.interop.name} has, or leave it out of `interop`"
    return Finding(code, check.place, subject, promised, observed, hint)
