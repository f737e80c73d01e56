"""What a table's storage says of itself, whichever format it is in."""

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import SourceFormat
from cst_contracts.facts import DeltaFacts, PartitionFacts
from cst_contracts.sql.names import HIVE_NULL


class Storage(Struct, frozen=True):
    """`schema` is the storage's own: the merged footers with hive partitions appended, or the Delta log's;
    of text, what its values are read as.

    `files` are the URLs of the data files that make up the table now, and `format` is theirs.
    `skipped` are others of this format under the location, which the engine does not read.
    `engine_url` is the location as the engine must be told it.
    """

    location: str
    schema: pa.Schema
    files: tuple[str, ...]
    partitions: tuple[PartitionFacts, ...]
    hive_partitions: frozenset[str] = frozenset()
    delta: DeltaFacts | None = None
    format: SourceFormat = SourceFormat.PARQUET
    skipped: tuple[str, ...] = ()
    engine_url: str = ""

    @property
    def text(self) -> bool:
        return self.format in (SourceFormat.CSV, SourceFormat.JSON)

    @property
    def null_folders(self) -> frozenset[str]:
        """Hive partitions of which some folder is named for no value, which the engine reads as a text."""
        return frozenset(each.name for each in self.partitions if HIVE_NULL in each.unparsed)

    @property
    def file_schema(self) -> pa.Schema:
        """Of what stands in the files themselves."""
        return pa.schema([field for field in self.schema if field.name not in self.hive_partitions])
