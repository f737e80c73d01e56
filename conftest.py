"""This repository checks itself: its own source, extracted, is the lake that `contracts/` is about."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from uuid import uuid4

import pytest

import cst_contracts.extract
from cst_contracts.extract.sources import SourceRoot, files_below

_ROWS_PER_FILE = 40  # few enough that the table has several data files, whose order counts
_KEPT_LAKES = 4
_KEPT_SECONDS = 3600


@pytest.hookimpl(optionalhook=True)
def pytest_cst_contracts_lake(config: pytest.Config) -> str:
    root = config.rootpath
    roots = [
        SourceRoot(root / "cst_contracts", "cst-contracts"),
        SourceRoot(root / "tests" / "assets" / "source", "assets"),
    ]
    lakes = root / ".pytest_cache" / "cst_lake"
    lake = lakes / _digest(roots)
    if not lake.is_dir():
        lakes.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(lakes):
            if not lake.is_dir():
                with _shown(config):
                    _extract(roots, lake)
    os.utime(lake)  # the last use, for `_forget_old`
    _forget_old(lakes)
    return str(lake)


def _one_at_a_time(lakes: Path) -> AbstractContextManager[object]:
    """xdist's workers ask for the lake at the same time, and one of them is to extract it.

    filelock comes with the same extra as xdist: without it, there is one process, or a little work is done
    twice. A lock that dies with its process is worth it: a file that merely exists outlives a killed run.
    """
    try:
        from filelock import FileLock  # noqa: PLC0415  # optional, as said
    except ModuleNotFoundError:
        return nullcontext()
    return FileLock(lakes / ".lock")


@contextmanager
def _shown(config: pytest.Config) -> Iterator[None]:
    """Past pytest's capture, so that a first run does not stand silent for a minute: the extractor's bar
    where standard error is a terminal, and lines in a log."""
    capture = config.pluginmanager.getplugin("capturemanager")
    with nullcontext() if capture is None else capture.global_and_fixture_disabled():
        start = time.monotonic()
        sys.stderr.write("\nextracting this repository's own source (once per state of it) ...\n")
        sys.stderr.flush()
        yield
        sys.stderr.write(f"... extracted in {time.monotonic() - start:.0f} s\n")


def _digest(roots: list[SourceRoot]) -> str:
    """Of all that decides what the lake holds: the source, the extractor and LibCST."""
    extractor = SourceRoot(Path(cst_contracts.extract.__file__).parent, "extractor")
    digest = sha256(f"{_libcst_version()} {_ROWS_PER_FILE}\n".encode())
    for root in (*roots, extractor):
        for file in sorted(files_below(root.folder)):
            name, data = file.relative_to(root.folder).as_posix(), file.read_bytes()
            digest.update(f"{root.name}/{name} {sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()[:32]


def _libcst_version() -> str:
    try:
        return version("libcst")
    except PackageNotFoundError:
        return "none"  # the extractor says what to install


def _extract(roots: list[SourceRoot], lake: Path) -> None:
    # Loads pyarrow and deltalake: collection does without.
    from cst_contracts.extract.flat import write_flat_delta  # noqa: PLC0415
    from cst_contracts.extract.lake import write_lake  # noqa: PLC0415

    # Several processes may be at it, and none of them must read what another has half written.
    aside = _aside(lake)
    try:
        write_lake(roots, aside, rows_per_file=_ROWS_PER_FILE)
        write_flat_delta(aside, aside / "delta")
        aside.rename(lake)
    except OSError:
        if not lake.is_dir():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _forget_old(lakes: Path) -> None:
    """But neither the last few nor what another run may be reading or writing."""
    for last_use, lake in sorted(_by_last_use(lakes), reverse=True)[_KEPT_LAKES:]:
        if last_use < time.time() - _KEPT_SECONDS:
            _forget(lake)


def _by_last_use(lakes: Path) -> list[tuple[float, Path]]:
    try:
        return [(lake.stat().st_mtime, lake) for lake in lakes.iterdir() if lake.is_dir()]
    except FileNotFoundError:
        return []  # another run is clearing up at this moment


def _forget(lake: Path) -> None:
    """Under another name, so that nobody takes half a lake for a whole one."""
    aside = _aside(lake)
    try:
        lake.rename(aside)
    except FileNotFoundError:
        return  # another run was faster
    shutil.rmtree(aside, ignore_errors=True)


def _aside(lake: Path) -> Path:
    return lake.with_name(f".{uuid4().hex}")
