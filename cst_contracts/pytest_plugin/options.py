"""Flags and ini keys to frozen options."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

_CONTRACTS = "contracts"


@dataclass(frozen=True, slots=True)
class Options:
    """`lake` is None where none is configured; a relative one is made absolute. `names_contracts`: the
    folder of contracts is configured, and is not just where they are looked for by default."""

    contracts: Path
    names_contracts: bool
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
        "cst_contracts",
        f"folder of contract files, relative to rootdir ({_CONTRACTS})",
        default=None,
    )
    parser.addini("cst_snapshots", "folder of snapshots, relative to rootdir", default="snapshots")


def options_of(config: pytest.Config) -> Options:
    manifest = config.getoption("--cst-manifest")
    contracts = config.getini("cst_contracts")
    return Options(
        contracts=_folder(config, _CONTRACTS if contracts is None else contracts),
        names_contracts=contracts is not None,
        snapshots=_folder(config, config.getini("cst_snapshots")),
        lake=_lake(config),
        manifest=None if manifest is None else config.invocation_params.dir / manifest,
    )


def require_contracts(config: pytest.Config) -> None:
    """Raises UsageError where the folder that is configured does not exist: nothing would be collected."""
    options = options_of(config)
    if options.names_contracts and not options.contracts.is_dir():
        told = f"cst_contracts = {config.getini('cst_contracts')}"
        raise pytest.UsageError(
            f"{told}: there is no folder {options.contracts}; the key is relative to rootdir"
        )


def _folder(config: pytest.Config, folder: object) -> Path:
    """Without `..`, as pytest names the files in it."""
    return Path(os.path.normpath(config.rootpath / str(folder)))


def _lake(config: pytest.Config) -> str | None:
    """A flag is relative to where pytest was started, an ini key to rootdir."""
    flag, key = config.getoption("--cst-lake"), str(config.getini("cst_lake"))
    root, folder = (flag, config.invocation_params.dir) if flag else (key, config.rootpath)
    if not root:
        return None
    return root if "://" in root else str(folder / root)
