"""Tells in a run's header what is looked at and where, and why a run has found no contract."""

import os
from pathlib import Path

import pytest

from cst_contracts.files.contracts import list_contracts
from cst_contracts.pytest_plugin.options import Options, options_of
from cst_contracts.pytest_plugin.state import project_of


def header_line(config: pytest.Config) -> str:
    """The folders of contracts and of snapshots, the lake, and whose session it is. Asks no hook."""
    options = options_of(config)
    parts = {
        "contracts": _counted(config, options.contracts),
        "lake": _lake(config, options),
        "snapshots": _folder(config, options.snapshots),
        "session": _giver(config, "pytest_cst_contracts_session") or "opened by cst_contracts",
    }
    return "; ".join(f"{name}: {told}" for name, told in parts.items())


def proof_header_line(config: pytest.Config) -> str:
    """Of a run that proves the contracts."""
    contracts = _counted(config, options_of(config).contracts)
    return (
        f"contracts: {contracts}; proven over data of their own: no lake, no session of the project"
    )


def unselected_line(config: pytest.Config) -> str:
    """Of a run that came to none of the contract files that there are."""
    folder = _counted(config, options_of(config).contracts)
    other = _named_instead(config)
    way = "" if other is None else f"; {_way_to(config, other)}"
    return f"contracts: {folder} is not among what is collected ({_arguments(config)}){way}"


def uncollected_line(config: pytest.Config, flag: str) -> str:
    """Why a run that was asked for contracts, by a flag of this plugin, has found none, and the way out."""
    folder = options_of(config).contracts
    shown = _shown(config, folder)
    if not folder.is_dir():
        why = f"there is no folder {shown}"
        way = "start pytest in the folder that it is in, or set `cst_contracts`"
    elif not list_contracts(folder):
        why, way = f"no file in {shown} ends in .yaml or .yml", "add one"
    else:
        why = f"{shown} is not among what is collected ({_arguments(config)})"
        other = _named_instead(config)
        way = (
            f"name it, too: `pytest {_arguments(config)} {shown}`"
            if other is None
            else _way_to(config, other)
        )
    return f"{flag} is given, and no contract was collected: {why}; {way}"


def _named_instead(config: pytest.Config) -> Path | None:
    """A folder of contracts that the command line names, called like the one of rootdir and another."""
    start, read = config.invocation_params.dir, options_of(config).contracts
    named = (Path(os.path.normpath(start / argument)) for argument in config.args)
    others = (path for path in named if path.name == read.name and path != read and path.is_dir())
    return next(filter(list_contracts, others), None)


def _way_to(config: pytest.Config, folder: Path) -> str:
    """pytest may have found its root above the folder that it was started in."""
    root, read = config.rootpath, options_of(config).contracts
    way = f"`-o cst_contracts={Path(os.path.relpath(folder, root)).as_posix()}` (an ini key, too)"
    if folder.name == os.path.relpath(read, root):
        way = f"`--rootdir={_shown(config, folder.parent)}`, or {way}"
    return f"rootdir is {root}, and contracts are read in its {read.name}; add {way}"


def _counted(config: pytest.Config, folder: Path) -> str:
    if not folder.is_dir():
        return _folder(config, folder)
    count = len(list_contracts(folder))
    return f"{_shown(config, folder)} ({count} file{'' if count == 1 else 's'})"


def _folder(config: pytest.Config, folder: Path) -> str:
    return f"{_shown(config, folder)}{'' if folder.is_dir() else ' (not there)'}"


def _lake(config: pytest.Config, options: Options) -> str:
    giver = _giver(config, "pytest_cst_contracts_lake")
    if options.lake is None and giver:
        return giver
    project = project_of(config, options, options.lake or str(config.rootpath))
    return project.shown_lake if "://" in project.lake else _shown(config, Path(project.lake))


def _giver(config: pytest.Config, hook: str) -> str:
    """The implementation that pytest asks first; nothing where there is none."""
    found = getattr(config.hook, hook).get_hookimpls()
    return f"{hook} of {_shown(config, Path(found[-1].plugin_name))}" if found else ""


def _arguments(config: pytest.Config) -> str:
    return " ".join(config.args)


def _shown(config: pytest.Config, path: Path) -> str:
    """Relative to where pytest was started, unless it lies elsewhere."""
    start = config.invocation_params.dir
    normal = Path(os.path.normpath(start / path))
    return normal.relative_to(start).as_posix() if normal.is_relative_to(start) else str(normal)
