"""Does the session read what the contract's `source` names: those files or that version, and all of it?"""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Verdict
from cst_contracts.checks.wording import counted, difference_in_words, finding, some
from cst_contracts.contract.model import Contract, Severity, SourceContract, TableContract
from cst_contracts.facts import CouldNotLook, SourceFacts
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, SourceNeed

_HINT = "register what `source` names, or have it name what is registered"


class SourceRead(Struct, frozen=True):
    """The relation that the session hands to readers is exactly what `source` names.

    It is kept where the contract's own words have registered the table.
    """

    table: str
    place: Location
    id: str = "source"
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        return self.table

    def needs(self) -> tuple[AnyNeed, ...]:
        return (SourceNeed(self.table),)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SourceNeed(self.table)]:
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case SourceFacts(same=False) as facts:
                observed = "; ".join(_differences(facts))
                code = FindingCode.SOURCE_DIFFERS
                red = finding(self, code, _named(facts), observed, _HINT)
                return Broken((red,), facts.basis)
            case SourceFacts(basis=basis):
                return Kept(basis)
            case None:
                promised = "a relation of which the plan names the files"
                observed = "the session does not tell what it reads"
                return Undecided(finding(self, FindingCode.NOT_CHECKABLE, promised, observed))


def source_checks(contract: Contract) -> Iterator[Check]:
    """An unbounded table's plan names no file, and its rows come once: nothing tells what it reads."""
    match contract:
        case TableContract(source=SourceContract(location=str(), unbounded=False, place=place)):
            yield SourceRead(contract.name, place)
        case _:
            return


def _named(facts: SourceFacts) -> str:
    if facts.promised is not None:
        return f"version {facts.promised} of the Delta table, and nothing else"
    return (
        f"{counted(facts.files, 'file')} of `source`, and nothing else"
        if facts.files
        else ("the files of `source`, and nothing else")
    )


def _differences(facts: SourceFacts) -> Iterator[str]:
    if facts.view:
        yield "the session has a view in its place"
    if facts.more:
        yield f"the session reads {some(facts.more)}, too"
    if facts.fewer:
        yield f"the session does not read {some(facts.fewer)}"
    if facts.repeated:
        yield f"the session reads {some(facts.repeated)} more than once"
    if facts.without:
        yield f"the session lacks the partition fields {', '.join(facts.without)}"
    if facts.differing is not None and not facts.differing.is_none:
        yield f"the session has other rows: {difference_in_words(facts.differing)}"
    elif facts.version is not None and facts.version != facts.promised:
        yield f"the session reads version {facts.version}"
