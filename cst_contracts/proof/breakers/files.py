"""Breaks promises about how data files are written: the same rows, written in another way."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.files import FilesKept
from cst_contracts.checks.policies import PruningEffective, StatisticsEffective
from cst_contracts.contract.clauses.files import (
    BoundsPromise,
    ClaimsPromise,
    Codec,
    ColumnsPromise,
    Encoding,
    FilePromise,
    FileTrait,
)
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable, nothing
from cst_contracts.proof.staging import Stage

#: No Parquet file with a row is smaller.
_SMALLEST = 1_000
_LEFT_OUT: Mapping[FileTrait, tuple[str, FindingCode]] = MappingProxyType(
    {
        FileTrait.BLOOM_FILTERS: ("files without bloom filters", FindingCode.FILE_BLOOM_FILTER),
        FileTrait.PAGE_INDEX: ("files without a page index", FindingCode.FILE_PAGE_INDEX),
    }
)


def break_files(check: FilesKept, ground: Ground) -> Iterator[Break | Unbreakable]:
    match check.promise:
        case ColumnsPromise() as promise:
            yield _break_columns(check, promise, ground.stage)
        case BoundsPromise(trait=FileTrait.ROW_GROUP_ROWS) as promise:
            yield from _break_groups(check, promise, ground.stage)
        case BoundsPromise() as promise:
            yield from _break_sizes(check, promise, ground.stage)
        case ClaimsPromise():
            what = "footers that name no order"
            yield Break(what, FindingCode.FILE_ORDER, [_without(check, ground.stage)])


def _break_columns(check: FilesKept, promise: ColumnsPromise, stage: Stage) -> Break:
    match promise.trait:
        case FileTrait.CODEC:
            changed = _packed(promise, lambda each: _another(each, Codec.SNAPPY, Codec.ZSTD))
            what, code = "files of another codec", FindingCode.FILE_CODEC
            return Break(what, code, [_written(check, stage, changed)])
        case FileTrait.ENCODINGS:
            changed = _packed(
                promise, lambda each: _another(each, Encoding.PLAIN, Encoding.DICTIONARY)
            )
            what, code = "files of another encoding", FindingCode.FILE_ENCODING
            # What is plain already has a dictionary, beside which nobody can tell.
            codes = (FindingCode.NOT_CHECKABLE,)
            return Break(what, code, [_written(check, stage, changed)], codes=codes)
        case FileTrait.STATISTICS:
            bare = replace(stage, layout=replace(stage.layout, statistics=False))
            what, code = "files without statistics", FindingCode.FILE_STATISTICS
            return Break(what, code, [bare], rests_on_statistics)
        case trait:
            what, code = _LEFT_OUT[trait]
            return Break(what, code, [_without(check, stage)])


def _break_groups(
    check: FilesKept, promise: BoundsPromise, stage: Stage
) -> Iterator[Break | Unbreakable]:
    rows = max(part.num_rows for part in stage.parts())
    if promise.least is not None:
        yield from _break_bound(
            check,
            stage,
            "smaller row groups",
            _bounds(promise, most=1) if promise.least > 1 and rows > 1 else None,
        )
    if promise.most is not None:
        larger = _bounds(promise, least=rows) if promise.most < rows else None
        yield from _break_bound(check, stage, "larger row groups", larger)


def _break_sizes(
    check: FilesKept, promise: BoundsPromise, stage: Stage
) -> Iterator[Break | Unbreakable]:
    if promise.least is not None:
        smaller = _bounds(promise) if promise.least > _SMALLEST * 10 else None
        yield from _break_bound(check, stage, "smaller files", smaller)
    if promise.most is not None:
        larger = _bounds(promise, least=promise.most + 1)
        yield from _break_bound(check, stage, "larger files", larger)


def _break_bound(
    check: FilesKept, stage: Stage, what: str, other: BoundsPromise | None
) -> Iterator[Break | Unbreakable]:
    if other is None:
        yield Unbreakable(f"the rows leave no room for {what}", counted=False)
        return
    by_rows = other.trait is FileTrait.ROW_GROUP_ROWS
    code = FindingCode.FILE_ROW_GROUPS if by_rows else FindingCode.FILE_BYTES
    hangs = _is_policy if by_rows else nothing
    yield Break(what, code, [_written(check, stage, other)], hangs)


def _bounds(
    promise: BoundsPromise, least: int | None = None, most: int | None = None
) -> BoundsPromise:
    return replace(promise, least=least, most=most)


def _packed(promise: ColumnsPromise, other: Callable[[str], str]) -> ColumnsPromise:
    changed = (replace(each, value=other(each.value)) for each in promise.columns)
    return replace(promise, columns=tuple(changed))


def _another(value: str, one: str, other: str) -> str:
    return other if value == one else one


def _written(check: FilesKept, stage: Stage, other: FilePromise) -> Stage:
    """The files as if another promise stood there."""
    promises = tuple(
        other if each.trait is check.promise.trait else each for each in stage.layout.files or ()
    )
    return replace(stage, layout=replace(stage.layout, files=promises))


def _without(check: FilesKept, stage: Stage) -> Stage:
    promises = (each for each in stage.layout.files or () if each.trait is not check.promise.trait)
    return replace(stage, layout=replace(stage.layout, files=tuple(promises)))


def is_of_files(check: Check, *traits: FileTrait) -> bool:
    """Whether it is a promise about files, of one of these traits."""
    return isinstance(check, FilesKept) and check.promise.trait in traits


def rests_on_statistics(check: Check) -> bool:
    """A column index is made of them."""
    made = is_of_files(check, FileTrait.STATISTICS, FileTrait.PAGE_INDEX)
    return made or _is_policy(check)


def _is_policy(check: Check) -> bool:
    return isinstance(check, StatisticsEffective | PruningEffective)
