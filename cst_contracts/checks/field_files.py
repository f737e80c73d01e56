"""What fields, and the nodes below them, are in each single data file."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Finding, Undecided
from cst_contracts.checks.wording import Promise, counted, finding, some
from cst_contracts.contract.clauses.source import TEXT_FORMATS
from cst_contracts.contract.model import (
    EvolutionContract,
    MissingInFiles,
    SourceFormat,
    TableContract,
)
from cst_contracts.contract.wording import shown
from cst_contracts.drift.evolution import is_red
from cst_contracts.drift.fields import FieldAdded
from cst_contracts.facts import Adapting, CouldNotLook, FilesFacts, MetadataInFiles, Trouble
from cst_contracts.needs import Answers, AnyNeed, FilesNeed, SchemaNeed


class FilesPromise(Struct, frozen=True):
    """What it means that data files are not as the table is read.

    `missing`: that one lacks a field. What else the engine adapts is red by `evolution`. `log`: a log says
    what the table is, so that files may have been written before it said so.
    """

    missing: MissingInFiles
    evolution: EvolutionContract | None = None
    log: bool = False

    @property
    def forbids_missing(self) -> bool:
        return self.missing is MissingInFiles.FORBID

    @property
    def only_told(self) -> bool:
        return self.log and not self.forbids_missing and self.evolution is None


def files_promise(contract: TableContract) -> FilesPromise | None:
    """None where the contract names no files, or files without schemas of their own."""
    source = contract.source
    if source is None or source.location is None or source.format in TEXT_FORMATS:
        return None
    log = source.format is SourceFormat.DELTA
    missing = source.missing_in_files or _missing_by_evolution(contract.evolution, log=log)
    return FilesPromise(missing, contract.evolution, log)


def _missing_by_evolution(evolution: EvolutionContract | None, *, log: bool) -> MissingInFiles:
    """Where the contract does not say: a log does; else files that lack a field were written before it came,
    which is drift of a kind that `evolution` may allow."""
    came = FieldAdded("", "", nullable=True)
    allowed = log or (evolution is not None and not is_red(came, evolution))
    return MissingInFiles.ALLOW if allowed else MissingInFiles.FORBID


def schema_needs(table: str, promise: FilesPromise | None) -> tuple[AnyNeed, ...]:
    schema = SchemaNeed(table)
    return (schema,) if promise is None else (schema, FilesNeed(table))


def file_facts(
    table: str, promise: FilesPromise | None, answers: Answers
) -> FilesFacts | CouldNotLook:
    """Nothing where nobody has to look into the files, or could and would only tell."""
    if promise is None:
        return FilesFacts(0)
    answer = answers[FilesNeed(table)]
    return FilesFacts(0) if promise.only_told and isinstance(answer, CouldNotLook) else answer


def uncompared(check: Promise, trouble: CouldNotLook) -> Undecided:
    """The table can be read, and the schemas of its files cannot be compared."""
    promised = "files whose schemas can be compared"
    hint = "leave `missing_in_files` and `evolution` out"
    return Undecided(finding(check, FindingCode.NOT_CHECKABLE, promised, trouble.reason, hint))


def strangers(check: Promise, files: FilesFacts) -> Iterator[Finding]:
    """One finding for all files of another schema, of which each field would have one of its own to tell."""
    if files.strangers:
        promised = "the same fields in every data file"
        observed = f"most of them are missing in {some(files.strangers)}"
        hint = "move what belongs to another table out of this one's folder"
        yield finding(check, FindingCode.FILE_OF_ANOTHER_SCHEMA, promised, observed, hint)


def missing_in_files(check: Promise, path: str, files: FilesFacts) -> Iterator[Finding]:
    """At most one finding; none of files that are red as a whole, or in which it is called otherwise."""
    told = {*files.strangers, *_recased(path, files)}
    lacking = [each for each in files.lacking.get(path, ()) if each not in told]
    if lacking:
        yield missing_finding(check, path, lacking, files)


def _recased(path: str, files: FilesFacts) -> Iterator[str]:
    """The files that lack the field, and have one that differs from it in case only."""
    for each in files.adapted.get(path, ()):
        if each.how is Adapting.RECASED:
            yield from each.files


def missing_finding(
    check: Promise, path: str, lacking: Sequence[str], files: FilesFacts
) -> Finding:
    code, promised = FindingCode.FIELD_MISSING_IN_FILES, f"{path} in every file"
    of = counted(files.files, "file")
    observed = f"missing in {some(lacking)}, {len(lacking)} of {of}"
    hint = (
        "the engine reads null there: write the file again with the field, or "
        "`missing_in_files: allow` under `source` if that is meant"
    )
    return finding(check, code, promised, observed, hint)


def differing_metadata(check: Promise, path: str, files: FilesFacts) -> Iterator[Finding]:
    """What is told where nothing is promised of it."""
    code = FindingCode.METADATA_DIFFERS_IN_FILES
    for each in files.metadata.get(path, ()):
        promised = f"the same {each.key} in every file"
        yield finding(check, code, promised, values_in_files(each))


def values_in_files(differing: MetadataInFiles) -> str:
    """The value of most files first."""
    by_files = sorted(differing.values, key=lambda each: -len(each[1]))
    return " and ".join(
        f"{'nothing' if value is None else shown(value)} in {some(files)}"
        for value, files in by_files[:3]
    )


def kept_apart(check: Promise, promised: str, trouble: CouldNotLook) -> Finding:
    """Of the one field for which the engine cannot read a table's files together."""
    again = "write the file again with the others' schema, or move it out of the table's folder"
    if trouble.trouble is Trouble.FILE_LACKS:
        code, hint = FindingCode.FIELD_MISSING_IN_FILES, again
    else:
        code = FindingCode.TYPE_MISMATCH
        hint = f"{again}; files of Parquet that are older may have narrower types: say so with `evolution`"
    return finding(check, code, f"{promised} in every file", trouble.reason, hint)
