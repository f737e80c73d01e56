"""Fixtures: an S3 server, and the environment that leads to it."""

import os
from collections.abc import Iterator

import pytest
from support.s3_server import S3Server, running_server


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """Of the server in the environment's CST_STORE, or of one that is started."""
    found = os.environ.get("CST_STORE")
    if found is not None:
        yield int(found)
    else:
        yield from running_server()


@pytest.fixture
def server(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """With an empty bucket. Nobody else's credentials are at hand."""
    found = S3Server(port)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    yield found
    found.misbehave()
