"""What the column chunks of data files are like, held against what is promised of their columns."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Finding
from cst_contracts.checks.wording import Promise, counted, finding, some
from cst_contracts.contract.clauses.files import (
    EVERY_COLUMN,
    ColumnsPromise,
    ColumnWanted,
    Encoding,
    FileTrait,
)
from cst_contracts.datatypes import leads_to
from cst_contracts.facts import ColumnChunks

_DICTIONARIES = "a footer does not tell whether only the dictionary is plain"


class _Words(Struct, frozen=True):
    """`wanted` is what is promised where no value is named."""

    code: FindingCode
    wanted: str
    hint: str


_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        FileTrait.CODEC: _Words(
            FindingCode.FILE_CODEC, "", "write the files again with this compression"
        ),
        FileTrait.ENCODINGS: _Words(
            FindingCode.FILE_ENCODING, "", "write the files again with this column encoding"
        ),
        FileTrait.STATISTICS: _Words(
            FindingCode.FILE_STATISTICS,
            "null count, least and greatest value",
            "write the files again with statistics; most writers leave out those of very long values",
        ),
        FileTrait.BLOOM_FILTERS: _Words(
            FindingCode.FILE_BLOOM_FILTER,
            "a bloom filter",
            "write the files again with bloom filters, which few writers make unless they are told",
        ),
        FileTrait.PAGE_INDEX: _Words(
            FindingCode.FILE_PAGE_INDEX,
            "column index and offset index",
            "write the files again with a page index; pyarrow makes none unless it is told",
        ),
    }
)


class _Red(Struct, frozen=True):
    """What is told of chunks, and why the footers do not tell more; `why` is empty where they do."""

    wanted: str
    told: str
    why: str


def chunk_findings(
    check: Promise, promise: ColumnsPromise, found: Sequence[ColumnChunks]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """One finding for all chunks of which the same is to be told: of those that break the promise, and of
    those that the footers do not tell enough about."""
    reds: dict[_Red, list[ColumnChunks]] = {}
    total = 0
    for each in found:
        wanted = _wanted(promise, each)
        if wanted is not None:
            total += each.chunks
            if not _is_kept(wanted, each):
                red = _Red(wanted.value, _told(promise, each), _untold(wanted, each))
                reds.setdefault(red, []).append(each)
    findings = [(red, _finding(check, promise, red, reds[red], total)) for red in reds]
    return (
        tuple(finding for red, finding in findings if not red.why),
        tuple(finding for red, finding in findings if red.why),
    )


def columns_missing(promise: ColumnsPromise, found: Sequence[ColumnChunks]) -> tuple[str, ...]:
    """The paths of promised columns that no file has."""
    there = [each.path for each in found if each.trait == promise.trait]
    return tuple(
        wanted.path
        for wanted in promise.columns
        if wanted.path != EVERY_COLUMN and not any(leads_to(wanted.path, each) for each in there)
    )


def _wanted(promise: ColumnsPromise, chunks: ColumnChunks) -> ColumnWanted | None:
    """What is said of the column itself goes before what is said of those above it."""
    about = [
        wanted
        for wanted in promise.columns
        if wanted.path == EVERY_COLUMN or leads_to(wanted.path, chunks.path)
    ]
    if chunks.trait != promise.trait or not about:
        return None
    return max(about, key=lambda wanted: len(wanted.path))


def _is_kept(wanted: ColumnWanted, chunks: ColumnChunks) -> bool:
    if chunks.trait not in (FileTrait.CODEC, FileTrait.ENCODINGS):
        return not chunks.found and not chunks.untold
    return wanted.value in chunks.found and not _untold(wanted, chunks)


def _untold(wanted: ColumnWanted, chunks: ColumnChunks) -> str:
    """Dictionaries are plain themselves, and a writer falls back to plain where one grows too large."""
    both = {Encoding.PLAIN.value, Encoding.DICTIONARY.value} <= set(chunks.found)
    return _DICTIONARIES if both and wanted.value == Encoding.PLAIN else chunks.untold


def _told(promise: ColumnsPromise, chunks: ColumnChunks) -> str:
    if promise.trait in (FileTrait.CODEC, FileTrait.ENCODINGS):
        return " and ".join(chunks.found) or "nothing that is known"
    return f"no {' and no '.join(chunks.found)}"


def _finding(
    check: Promise, promise: ColumnsPromise, red: _Red, chunks: Sequence[ColumnChunks], total: int
) -> Finding:
    words, first = _WORDS[promise.trait], chunks[0]
    columns = some(list(dict.fromkeys(each.path for each in chunks)))
    count = counted(sum(each.chunks for each in chunks), "column chunk")
    where = f"{count} of {total}, the first in {first.file}, row group {first.group}"
    observed = f"{columns}: {red.told} in {where}{f'; {red.why}' if red.why else ''}"
    code, hint = (FindingCode.NOT_CHECKABLE, "") if red.why else (words.code, words.hint)
    return finding(check, code, words.wanted or red.wanted, observed, hint)
