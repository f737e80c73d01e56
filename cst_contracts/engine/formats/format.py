"""What a storage format is: one module of this room, with capabilities that are data."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
from datafusion import DataFrame, SessionContext
from msgspec import Struct

from cst_contracts.contract.model import EvolutionContract, SourceContract, SourceFormat
from cst_contracts.engine.storage.pins import Pins
from cst_contracts.engine.storage.stored import Capabilities, Storage
from cst_contracts.facts import SortTerm, SourceFacts, StoredOrdering

if TYPE_CHECKING:
    from deltalake import DeltaTable


class Stream(Struct, frozen=True):
    """An unbounded source. `fields` are the promised ones; `pipe`: what lies at `path` is a named pipe."""

    path: Path
    format: SourceFormat
    fields: pa.Schema
    pipe: bool


class Opened(Struct, frozen=True):
    """A relation that the session knows. `storage` is None where nobody can tell how it is stored;
    `supplied`: the project registered it, not we; `source` is then how what it registered compares with
    what the contract names, None where that names no place. `read` is the storage that the session reads in
    place of the one that the contract names, where its plan names the files. `counting` is a session whose
    plans know from metadata what those of the relation's own do not; it reads no rows."""

    format: str
    supplied: bool
    storage: Storage | None = None
    delta: "DeltaTable | None" = None
    stream: Stream | None = None
    source: SourceFacts | None = None
    read: Storage | None = None
    counting: SessionContext | None = None

    @property
    def as_given(self) -> "Opened":
        """Without the storage that the contract names, where the session gives its readers other rows."""
        if self.source is None or not self.source.other_rows:
            return self
        return Opened(self.format, self.supplied, stream=self.stream, source=self.source)


class Opening(Struct, frozen=True):
    """A stored table that is to be registered under `table` as it is, with nothing of the contract declared
    but where it lies. `promised` are the promised fields: text, which has no types, is tried to be read as
    these. `pins` are the versions of Delta tables that the run reads. `supplied`: the project has registered
    it, too, in its own session. `stores` are the buckets that further sessions of ours can read. `united` is
    what data files of several types are read as: what the project has declared, or what is promised where
    an `evolution` may allow that files are older than that; None: they are no table."""

    context: SessionContext
    table: str
    url: str
    source: SourceContract
    promised: pa.Schema
    pins: Pins
    supplied: bool = False
    stores: frozenset[str] = frozenset()
    united: pa.Schema | None = None
    evolution: EvolutionContract | None = None


class Format(Protocol):
    """How tables of one format are opened and read. All methods raise what the engine raises."""

    @property
    def capabilities(self) -> Capabilities: ...

    def open(self, opening: Opening) -> Opened:
        """Raises IntrospectionError, of trouble MISSING where there is no table of this format."""

    def read_file(self, context: SessionContext, url: str, schema: pa.Schema | None) -> DataFrame:
        """One data file, whatever its name. Text is read as `schema`, which lacks hive partitions."""

    def file_schema(self, url: str) -> pa.Schema | None:
        """The schema that one data file has of its own; None for text."""

    def declare_partitions(
        self,
        context: SessionContext,
        table: str,
        storage: Storage,
        types: Mapping[str, pa.DataType],
    ) -> None:
        """Registers the data files with these types of the hive partitions declared."""

    def declare_order(
        self, context: SessionContext, table: str, storage: Storage, terms: Sequence[SortTerm]
    ) -> None:
        """Registers all data files as stored in this order, each of them by itself."""

    def claimed_orders(self, storage: Storage) -> tuple[StoredOrdering, ...]:
        """The order that each data file claims for itself; empty where files of the format claim none."""
