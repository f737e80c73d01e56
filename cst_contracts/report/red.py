"""What of a run somebody has to read, a line of a contract at a time: the part that all formats for code
reviews share."""

from collections.abc import Iterator
from hashlib import sha256

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.location import Location
from cst_contracts.report.manifest_file import FindingEntry, Manifest, Outcome, PromiseRecord


class Told(Struct, frozen=True):
    """One finding of a promise that is not kept. `fingerprint` is the same in every run in which the same
    thing is found, wherever its contract's lines have gone."""

    record: PromiseRecord
    finding: FindingEntry
    fingerprint: str

    @property
    def place(self) -> Location:
        return Location.of(self.finding.place)

    @property
    def message(self) -> str:
        """Both sides and the way out, in one paragraph."""
        hint = f" Way out: {self.finding.hint}." if self.finding.hint else ""
        return (
            f"{self.record.subject}: {self.record.check} is {self.record.outcome}."
            f" Observed: {self.finding.observed}. Promised: {self.finding.promised}.{hint}"
        )


def told(manifest: Manifest) -> Iterator[Told]:
    """Of what failed, what is broken and only warns, and what a waiver or a mark covers; kept promises and
    what waits for another one are left out."""
    seen: dict[str, int] = {}
    for record in manifest.promises:
        if not (record.failed or record.outcome in (Outcome.BROKEN, Outcome.WAIVED)):
            continue
        for finding in told_of(record):
            named = "\n".join((record.id, finding.code, finding.subject))
            seen[named] = seen.get(named, 0) + 1
            yield Told(record, finding, _fingerprint(f"{named}\n{seen[named]}"))


def told_of(record: PromiseRecord) -> tuple[FindingEntry, ...]:
    """Of a promise whose item never came to look, and in manifests of earlier releases, the record is all
    that there is."""
    return record.findings or (
        FindingEntry(
            code=record.code or FindingCode.NOT_CHECKABLE,
            place=record.place,
            subject=record.subject,
            promised=record.promised or "",
            observed=record.observed or "",
            hint=record.hint,
        ),
    )


def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
