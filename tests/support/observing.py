"""Observers over relations of a test's own, and their answers."""

from pathlib import Path
from typing import TypeVar

from datafusion import SessionContext

from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.facts import CouldNotLook, NullCount
from cst_contracts.needs import Need, NullsNeed

MEMORY = 1024**3

A = TypeVar("A")


def registry_of(
    relations: Relations,
    lake: Path | None,
    supplied: SessionContext | None = None,
    memory: int | None = None,
) -> Registry:
    """In a session of ours unless one is supplied. Locations are relative to `lake`."""
    context = open_session({}) if supplied is None else supplied
    root = None if lake is None else Lake(str(lake))
    return Registry(context, relations, root, memory, supplied=supplied is not None)


def observer_over(registry: Registry, how: MeasuringOptions | None = None) -> DataFusionObserver:
    return DataFusionObserver(registry, MeasuringOptions(MEMORY) if how is None else how)


def answered(observer: DataFusionObserver, need: Need[A]) -> A:
    answer = observer.answer(need)
    assert not isinstance(answer, CouldNotLook), answer.sentence
    return answer


def refused(observer: DataFusionObserver, need: Need[A]) -> CouldNotLook:
    answer = observer.answer(need)
    assert isinstance(answer, CouldNotLook), answer
    return answer


def null_counts(observer: DataFusionObserver, relation: str, *paths: str) -> dict[str, NullCount]:
    """Of all paths, counted together."""
    needs = [NullsNeed(relation, path) for path in paths]
    observer.prepare(needs)
    return {need.path: answered(observer, need) for need in needs}
