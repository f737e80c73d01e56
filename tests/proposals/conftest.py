"""Fixtures: a project in a folder of its own, and tables that are started from."""

from pathlib import Path

import pytest
from support.cst_lake import clean_lake
from support.starting import Starting

__all__ = ["clean_lake"]


@pytest.fixture
def starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Starting:
    """In the working directory, with an empty lake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lake").mkdir()
    return Starting(tmp_path)
