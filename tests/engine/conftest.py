"""A lake in a folder of its own, and registries and observers of the relations in it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from datafusion import SessionContext
from msgspec.structs import replace
from support.observing import observer_over, registry_of

from cst_contracts.contract.model import SourceContract, SourceFormat, ViewContract
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.location import Location

AT = Location("contracts/t.yaml", 1, 1)


@pytest.fixture
def registry(tmp_path: Path) -> Callable[..., Registry]:
    """Of the table `t` at `location`, in a session of ours unless one is supplied."""

    def build(
        location: str = "t",
        format_: SourceFormat = SourceFormat.PARQUET,
        *,
        name: str = "t",
        supplied: SessionContext | None = None,
        views: Iterable[ViewContract] = (),
        others: Sequence[str] = (),
        **source: object,
    ) -> Registry:
        own = replace(SourceContract(format_, AT, location), **source)
        sources = {name: own, **{each: SourceContract(format_, AT, each) for each in others}}
        relations = Relations(sources, {view.name: view for view in views}, {})
        return registry_of(relations, tmp_path, supplied)

    return build


@pytest.fixture
def observer(registry: Callable[..., Registry]) -> Callable[..., DataFusionObserver]:
    """Over such a registry."""

    def build(
        *arguments: object, how: MeasuringOptions | None = None, **more: object
    ) -> DataFusionObserver:
        return observer_over(registry(*arguments, **more), how)

    return build
