"""A lake in a folder of its own, and live catalogs over it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.contract.model import SourceContract, SourceFormat, ViewContract
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.relations.registry import LiveCatalog
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.location import Location

AT = Location("contracts/t.yaml", 1, 1)


@pytest.fixture
def catalog(tmp_path: Path) -> Callable[..., LiveCatalog]:
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
    ) -> LiveCatalog:
        own = replace(SourceContract(format_, AT, location), **source)
        sources = {name: own, **{each: SourceContract(format_, AT, each) for each in others}}
        relations = Relations(sources, {view.name: view for view in views}, {})
        context = open_session({}) if supplied is None else supplied
        lake = Lake(str(tmp_path))
        return LiveCatalog(context, relations, lake, supplied=supplied is not None)

    return build
