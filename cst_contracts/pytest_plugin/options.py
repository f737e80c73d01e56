"""Flags and ini keys to frozen options."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Options:
    """`lake` is None where none is configured; a relative one is made absolute."""

    contracts: Path
    snapshots: Path
    lake: str | None
    manifest: Path | None


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("cst_contracts", "schema contracts for LibCST tables")
    group.addoption(
        "--cst-lake",
        metavar="PATH_OR_URI",
        help="lake root that the contracts' locations are relative to (ini: cst_lake)",
    )
    group.addoption(
        "--cst-manifest",
        metavar="FILE",
        help="write what was promised and observed to FILE, as JSON",
    )
    parser.addini("cst_lake", "lake root that the contracts' locations are relative to", default="")
    parser.addini(
        "cst_contracts", "folder of contract files, relative to rootdir", default="contracts"
    )
    parser.addini("cst_snapshots", "folder of snapshots, relative to rootdir", default="snapshots")


def options_of(config: pytest.Config) -> Options:
    manifest = config.getoption("--cst-manifest")
    return Options(
        contracts=_folder(config, "cst_contracts"),
        snapshots=_folder(config, "cst_snapshots"),
        lake=_lake(config),
        manifest=None if manifest is None else config.invocation_params.dir / manifest,
    )


def _folder(config: pytest.Config, key: str) -> Path:
    """Without `..`, as pytest names the files in it."""
    return Path(os.path.normpath(config.rootpath / str(config.getini(key))))


def _lake(config: pytest.Config) -> str | None:
    """A flag is relative to where pytest was started, an ini key to rootdir."""
    flag, key = config.getoption("--cst-lake"), str(config.getini("cst_lake"))
    root, folder = (flag, config.invocation_params.dir) if flag else (key, config.rootpath)
    if not root:
        return None
    return root if "://" in root else str(folder / root)
