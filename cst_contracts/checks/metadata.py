"""Does the table's schema have the promised metadata?"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.unreadable import unreadable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Verdict
from cst_contracts.contract.clauses.metadata import MetadataContract
from cst_contracts.contract.clauses.severity import Severity
from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.contract.wording import listed, nearest, shown
from cst_contracts.facts import Basis, CouldNotLook, TableFacts
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, SchemaNeed


class MetadataKept(Struct, frozen=True):
    """One pair of the session's schema. A field's own metadata is the field's to answer for."""

    table: str
    promised: MetadataContract
    id: str
    group: ClassVar[Group] = Group.SCHEMA
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.promised.place

    def needs(self) -> tuple[AnyNeed, ...]:
        return (SchemaNeed(self.table),)

    def judge(self, answers: Answers) -> Verdict:
        match answers[SchemaNeed(self.table)]:
            case CouldNotLook() as trouble:
                return unreadable(self.place, self.table, trouble)
            case TableFacts() as facts:
                return _judge(self, texts_of(facts.schema.metadata))


def metadata_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        for promised in contract.metadata:
            yield MetadataKept(contract.name, promised, f"metadata[{promised.key}]")


def texts_of(stored: Mapping[bytes, bytes] | None) -> dict[str, str]:
    """Arrow's metadata as text; bytes that are none are told apart from each other, and no more."""
    return {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in (stored or {}).items()
    }


def metadata_hint(key: str, observed: Mapping[str, str]) -> str:
    """What may have been meant, where the key is not there."""
    if not observed:
        return "a session hides metadata unless datafusion.execution.parquet.skip_metadata is false"
    meant = nearest(key, observed)
    return f"did you mean {shown(meant)}?" if meant else f"there is {listed(observed, 'and')}"


def _judge(check: MetadataKept, observed: Mapping[str, str]) -> Verdict:
    key, value = check.promised.key, check.promised.value
    if observed.get(key) == value:
        return Kept(Basis.SCHEMA)
    there = key in observed
    found = Finding(
        FindingCode.METADATA_MISMATCH,
        check.place,
        check.table,
        f"{key} = {value}",
        f"{key} = {observed[key]}" if there else f"no {key}",
        "" if there else metadata_hint(key, observed),
    )
    return Broken((found,), Basis.SCHEMA)
