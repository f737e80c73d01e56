"""A project: where its contracts, snapshots and tables are, and what looking at them may cost."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cst_contracts.errors import CstContractsError

if TYPE_CHECKING:
    from cst_contracts.contract.model import Evolution

PLACES = 3
STREAM_ROWS = 100_000
STREAM_SECONDS = 10.0
CLUSTER_SECONDS = 3600.0
#: Less memory than this is too little to read a table.
LEAST_MEMORY = 64 * 1024**2


class Project(Struct, frozen=True):
    """Contract files are named relative to `root`; `contracts` are the folders that they are in, and
    `snapshots` is the one of their snapshots, None where none are compared. `lake` is the folder or URI that
    locations are relative to.

    `memory` is in bytes. `samples` is the number of violating rows to show of each broken promise. Where it
    is 0, it is told where the first `places` of them are, without a value. `verify_data`: no statistics are
    believed. `evolution` says which drift of snapshots is red where a contract says nothing of it. An
    unbounded table is read for `stream_rows` rows or `stream_seconds`, whichever is over first. `cluster` is
    the address of a Spark Connect server whose workers scan files, each scan within `cluster_seconds`.
    On this machine each query may take `query_seconds`, None: as long as it does.
    `proofs` is the folder in which what is measured of data files is kept for later runs.
    """

    root: Path
    contracts: tuple[Path, ...]
    lake: str
    memory: int
    snapshots: Path | None = None
    samples: int = 0
    places: int = PLACES
    verify_data: bool = False
    evolution: "Evolution | None" = None
    stream_rows: int = STREAM_ROWS
    stream_seconds: float = STREAM_SECONDS
    cluster: str | None = None
    cluster_seconds: float = CLUSTER_SECONDS
    query_seconds: float | None = None
    proofs: Path | None = None

    def within_contracts(self, file: Path) -> Path:
        """A contract file's path below the folder of contracts that it lies in; its name, if in none."""
        above = (folder for folder in self.contracts if folder in file.parents)
        folder = next(above, file.parent)
        return file.relative_to(folder)

    @property
    def options(self) -> dict[str, str | int | float | bool | None]:
        """What changes how much is looked at, by name."""
        return {
            "samples": self.samples,
            "verify_data": self.verify_data,
            "stream_rows": self.stream_rows,
            "stream_seconds": self.stream_seconds,
            "query_seconds": self.query_seconds,
        }

    @property
    def shown_lake(self) -> str:
        """The lake's URL without its user, who may have a password, and its query, which may be a key."""
        if "://" not in self.lake:
            return Path(os.path.normpath(self.lake)).as_posix()
        scheme, _, rest = self.lake.partition("://")
        authority, slash, path = rest.partition("?")[0].partition("/")
        return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def lake_place(lake: str | os.PathLike[str] | None) -> str:
    """The lake root that a caller names, the working directory for none. Raises CstContractsError where it is
    not there: that is told once, and not by every table that lies in it."""
    root = os.fspath(lake) if lake is not None else "."
    if "://" in root:
        return root
    folder = os.path.normpath(Path.cwd() / root)  # links as they are, as the caller names them
    if not Path(folder).is_dir() and "${" not in root:
        raise CstContractsError(f"no such folder: {folder}, the lake root")
    return folder
