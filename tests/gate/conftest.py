"""A small project of a user's, and a lake of real LibCST tables to do harm to."""

import shutil
from pathlib import Path

import pytest
from support.cst_lake import clean_lake, contracts, lake, rewrite
from support.project import Project
from support.small_lake import write_small_lake

__all__ = ["clean_lake", "contracts", "lake", "rewrite"]


@pytest.fixture(scope="session")
def small_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    write_small_lake(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, small_lake: Path) -> Project:
    """Without any contract."""
    shutil.copytree(small_lake, tmp_path / "lake")
    (tmp_path / "contracts").mkdir()
    return Project(tmp_path)
