"""What a run found of the promises of a dictionary, in a few words each, and without a value."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from cst_contracts.contract.model import Contract
from cst_contracts.report.manifest_file import Manifest, Outcome, PromiseRecord, TableEntry
from cst_contracts.report.markup import code_in_table

_NOT_LOOKED_AT = "not looked at"


class Outcomes(Struct, frozen=True):
    """Of one run. `records` are by the table or session, and the check's id."""

    records: Mapping[tuple[str, str], PromiseRecord]
    tables: Mapping[str, TableEntry]
    run: str

    def told(self, contract: Contract, checks: Iterable[str]) -> str:
        """Of several promises together: how many are kept, and each that is not."""
        found = [self.records.get((contract.name, check)) for check in checks]
        known = [each for each in found if each is not None]
        if not known:
            return _NOT_LOOKED_AT if found else ""
        bad = [each for each in known if each.outcome is not Outcome.KEPT]
        return "; ".join(map(record_in_words, bad)) or Outcome.KEPT

    def has(self, contract: Contract, check: str) -> bool:
        return (contract.name, check) in self.records

    def counted(self, contract: Contract) -> str:
        """Of a whole contract, worst news first."""
        own = {each.check: each for each in self.records.values() if _is_of(each, contract)}
        counts = Counter(each.outcome for each in own.values())
        told = [f"{counts[each]} {each}" for each in _WORST_FIRST if counts[each]]
        return ", ".join(told) or _NOT_LOOKED_AT

    def bad(self, contract: Contract) -> list[PromiseRecord]:
        """The promises of a contract that failed, or that a waiver excuses."""
        own = (each for each in self.records.values() if _is_of(each, contract))
        found = (each for each in own if each.failed or each.outcome is Outcome.WAIVED)
        return list({each.check: each for each in found}.values())


_WORST_FIRST = (
    Outcome.BROKEN,
    Outcome.UNDECIDED,
    Outcome.VACUOUS,
    Outcome.WAIVED,
    Outcome.KEPT,
)


def outcomes_of(manifest: Manifest) -> Outcomes:
    return Outcomes(
        {(each.subject, each.check): each for each in manifest.promises},
        {each.table: each for each in manifest.tables if each.error is None},
        _run_in_words(manifest),
    )


def _is_of(record: PromiseRecord, contract: Contract) -> bool:
    return contract.name == record.subject


def _run_in_words(manifest: Manifest) -> str:
    run = manifest.run
    if run is None:
        return "a run"
    commit = f", commit {run.commit[:12]}" if run.commit else ""
    at = "" if run.started is None else f" of {run.started.isoformat(timespec='minutes')}"
    return f"the run{at}{commit}"


def record_in_words(record: PromiseRecord) -> str:
    """Without what was observed, in which values stand."""
    head = f"**{record.outcome}**" if record.failed else str(record.outcome)
    code = f" {code_in_table(record.code)}" if record.code else ""
    count = f" ({record.violations:,})" if record.violations else ""
    return f"{code_in_table(record.check)} {head}{code}{count}"
