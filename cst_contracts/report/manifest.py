"""Makes the manifest of a run, writes it as text, and reads it back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from cst_contracts.drift.document import Document
from cst_contracts.errors import ManifestError
from cst_contracts.report.manifest_file import (
    MANIFEST_VERSION,
    CauseEntry,
    ContractEntry,
    FindingEntry,
    Manifest,
    MemoryTaken,
    Outcome,
    PromiseRecord,
    RunEntry,
    TableDiagnostic,
)
from cst_contracts.report.observed import Observed, SessionEntry
from cst_contracts.report.places import Places

_WAY_OUT = "write it with `pytest --cst-manifest FILE`"
_NO_SESSION = SessionEntry(settings={}, functions=(), shadowed_functions=())


def manifest_of(
    versions: Mapping[str, str],
    seen: Observed,
    records: Sequence[PromiseRecord],
    *,
    run: RunEntry | None = None,
    memory: MemoryTaken | None = None,
    sources: Mapping[str, Sequence[str]] | None = None,
    places: Places | None = None,
) -> Manifest:
    """`sources` are the lines of contract files, of which those are kept that findings point to; `places`
    are named from their roots in what was promised and observed."""
    contracts = {(each.subject, each.check): each.contract for each in records}
    promises = tuple(_promise(each, contracts, places or Places()) for each in records)
    session = seen.session or _NO_SESSION
    counts = Counter(record.outcome for record in records)
    pointed, found, lines = _pointed(promises), _diagnostics(promises), sources or {}
    return Manifest(
        manifest_version=MANIFEST_VERSION,
        versions=dict(versions),
        run=run,
        memory=memory,
        settings=session.settings,
        functions=session.functions,
        shadowed_functions=session.shadowed_functions,
        required_settings=seen.required_settings,
        catalogs=tuple(sorted(seen.catalogs, key=lambda each: each.contract)),
        contracts=tuple(
            _quoted(each, pointed.get(each.file, ()), lines.get(each.file, ()))
            for each in seen.contracts
        ),
        tables=tuple(
            replace(table, diagnostics=tuple(found.get(table.table, ())))
            for table in sorted(seen.tables, key=lambda each: each.table)
        ),
        promises=promises,
        summary={outcome: counts[outcome] for outcome in Outcome},
    )


def manifest_text(manifest: Manifest) -> str:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1).decode() + "\n"


def read_manifest(text: str, file: str) -> Manifest:
    """Keys that this release does not know are passed over. `file` is what errors call the text.

    Raises ManifestError.
    """
    document = Document(text, file, _WAY_OUT, ManifestError)
    members = document.members()
    if "manifest_version" not in members:
        raise document.refusal("", 'expected a manifest, found no "manifest_version"')
    if members["manifest_version"] != MANIFEST_VERSION:
        found = msgspec.json.encode(members["manifest_version"]).decode()
        raise document.refusal("manifest_version", f"expected {MANIFEST_VERSION}, found {found}")
    return document.read(Manifest)


def _promise(
    record: PromiseRecord, contracts: Mapping[tuple[str, str], str], places: Places
) -> PromiseRecord:
    return replace(
        record,
        promised=None if record.promised is None else places.relative(record.promised),
        observed=None if record.observed is None else places.relative(record.observed),
        findings=tuple(_finding(each, places) for each in record.findings),
        cause=None if record.cause is None else _cause(record.cause, contracts),
    )


def _finding(finding: FindingEntry, places: Places) -> FindingEntry:
    return replace(
        finding,
        promised=places.relative(finding.promised),
        observed=places.relative(finding.observed),
    )


def _cause(cause: CauseEntry, contracts: Mapping[tuple[str, str], str]) -> CauseEntry:
    return replace(cause, contract=contracts.get((cause.subject, cause.check)))


def _diagnostics(records: Iterable[PromiseRecord]) -> dict[str, list[TableDiagnostic]]:
    """By table, what its promises found, broken or only told; of a view, what its one promise found."""
    found: dict[str, list[TableDiagnostic]] = {}
    for record in records:
        if record.code is not None:
            told = TableDiagnostic(check=record.check, code=record.code, observed=record.observed)
            view = record.check.removeprefix("view[").removesuffix("]")
            for name in {record.subject, view if view != record.check else record.subject}:
                found.setdefault(name, []).append(told)
    return found


def _pointed(records: Iterable[PromiseRecord]) -> dict[str, set[int]]:
    """By contract file, the lines that findings point to."""
    lines: dict[str, set[int]] = {}
    for record in records:
        if record.code is not None:
            for place in (record.place, *(finding.place for finding in record.findings)):
                file, line, _ = place.rsplit(":", 2)
                lines.setdefault(file, set()).add(int(line))
    return lines


def _quoted(contract: ContractEntry, pointed: Iterable[int], lines: Sequence[str]) -> ContractEntry:
    source = {
        str(number): lines[number - 1].rstrip()
        for number in sorted(pointed)
        if 0 < number <= len(lines)
    }
    return replace(contract, source=source)
