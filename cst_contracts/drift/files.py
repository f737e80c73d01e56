"""Finds the changes between what two versions of a contract promise of the data files."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from cst_contracts.contract.clauses.files import (
    EVERY_COLUMN,
    BoundsPromise,
    ColumnsPromise,
    ColumnWanted,
    FilePromise,
    FileTrait,
)
from cst_contracts.contract.model import SourceContract
from cst_contracts.drift.promises import (
    PromiseAdded,
    PromiseChange,
    PromiseChanged,
    PromiseRemoved,
)
from cst_contracts.drift.tightness import Direction

#: Under which its promises are told; they are named by their keys.
FILES_CLAUSE = "source files"


def file_changes(
    before: SourceContract | None, after: SourceContract | None
) -> Iterator[PromiseChange]:
    """By what is promised; which order footers have to name is told of `ordered_by` itself."""
    old, new = _by_trait(before), _by_trait(after)
    for trait in (trait for trait in FileTrait if trait in {*old, *new}):
        was, now = old.get(trait), new.get(trait)
        if was is None:
            yield PromiseAdded(FILES_CLAUSE, trait, str(now))
        elif now is None:
            yield PromiseRemoved(FILES_CLAUSE, trait, str(was))
        else:
            yield from _changed(trait, was, now)


def _by_trait(source: SourceContract | None) -> Mapping[FileTrait, FilePromise]:
    return {} if source is None else {each.trait: each for each in source.files}


def _changed(trait: FileTrait, was: FilePromise, now: FilePromise) -> Iterator[PromiseChange]:
    went = _direction(was, now)
    if went is not None:
        yield PromiseChanged(FILES_CLAUSE, trait, str(was), str(now), went)


def _direction(was: FilePromise, now: FilePromise) -> Direction | None:
    """None where both promise the same: then each is kept by whatever keeps the other."""
    tighter, looser = _implies(now, was), _implies(was, now)
    if tighter and looser:
        return None
    if tighter:
        return Direction.TIGHTENED
    return Direction.LOOSENED if looser else Direction.CHANGED


def _implies(one: FilePromise, other: FilePromise) -> bool:
    """Whether what keeps one keeps the other."""
    match one, other:
        case ColumnsPromise(), ColumnsPromise():
            return _are_among(other.columns, one.columns)
        case BoundsPromise(), BoundsPromise():
            return _is_within(one, other)
        case _:
            return True  # of one trait, both are about the order of `ordered_by`


def _are_among(wanted: Iterable[ColumnWanted], said: Collection[ColumnWanted]) -> bool:
    return all(each in said or ColumnWanted(EVERY_COLUMN, each.value) in said for each in wanted)


def _is_within(inner: BoundsPromise, outer: BoundsPromise) -> bool:
    least = outer.least is None or (inner.least is not None and inner.least >= outer.least)
    most = outer.most is None or (inner.most is not None and inner.most <= outer.most)
    return least and most
