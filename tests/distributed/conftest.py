"""Fixtures: a cluster, started once."""

import gc
from collections.abc import Iterator

import pytest
from support.sail_server import Sail, sail_server


@pytest.fixture(scope="session")
def sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sail]:
    with sail_server(tmp_path_factory.mktemp("sail")) as server:
        yield server
        gc.collect()  # sessions are given back while somebody is there to take them
