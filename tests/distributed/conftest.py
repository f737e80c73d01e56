"""Fixtures: a cluster, started once."""

import gc
import os
from collections.abc import Iterator

import pytest
from support.sail_server import Sail, sail_server


@pytest.fixture(scope="session")
def sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sail]:
    with sail_server(tmp_path_factory.mktemp("sail")) as server:
        yield server
        gc.collect()  # sessions are given back while somebody is there to take them


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> str:
    """The address of the one in the environment's CST_CLUSTER, or of one that is started."""
    found = os.environ.get("CST_CLUSTER")
    if found is not None:
        return found
    started: Sail = request.getfixturevalue("sail")
    return started.url
