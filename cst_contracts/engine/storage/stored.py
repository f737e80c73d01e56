"""What a table's storage says of itself, whichever format it is in."""

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import SourceFormat
from cst_contracts.facts import DeltaFacts, PartitionFacts
from cst_contracts.sql.names import HIVE_NULL


class Capabilities(Struct, frozen=True):
    """What files of a format can tell, wherever an answer depends on it.

    `suffix` ends the names of data files, or one of `endings`, in one table always the same; a folder's other
    files are none of the table's to the engine.
    `has_footers`: with statistics, required flags and claims of order. `has_log`: a log decides which files
    are the table. `is_text`: without types, flags and metadata. `names_file_of_row`: in a query the engine
    tells in which file a row stands.
    """

    suffix: str
    has_footers: bool = False
    has_log: bool = False
    is_text: bool = False
    names_file_of_row: bool = False
    endings: tuple[str, ...] = ()


class Dialect(Struct, frozen=True):
    """How the text of a table's files is written, and the ending of their names.

    `compression` is as the engine calls it, None for none. `names`: those of the fields where no header names
    them.
    """

    ending: str = ""
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    compression: str | None = None
    names: tuple[str, ...] = ()


#: Commas, double quotes and a header.
PLAIN = Dialect()
PARQUET = Capabilities(suffix=".parquet", has_footers=True)


class Storage(Struct, frozen=True):
    """`schema` is the storage's own: the merged footers with hive partitions appended, or the Delta log's;
    of text, what its values are read as.

    `files` are the URLs of the data files that make up the table now; `format` and `capabilities` are
    theirs.
    `skipped` are others of this format under the location, which the engine does not read.
    `engine_url` is the location as the engine must be told it; `dialect` is that of text.
    """

    location: str
    schema: pa.Schema
    files: tuple[str, ...]
    partitions: tuple[PartitionFacts, ...]
    hive_partitions: frozenset[str] = frozenset()
    delta: DeltaFacts | None = None
    format: SourceFormat = SourceFormat.PARQUET
    capabilities: Capabilities = PARQUET
    skipped: tuple[str, ...] = ()
    engine_url: str = ""
    dialect: Dialect = PLAIN

    @property
    def text(self) -> bool:
        return self.capabilities.is_text

    @property
    def folder(self) -> str:
        """The location, as that of a folder."""
        return self.location if self.location.endswith("/") else f"{self.location}/"

    @property
    def null_folders(self) -> frozenset[str]:
        """Hive partitions of which some folder is named for no value, which the engine reads as a text."""
        return frozenset(each.name for each in self.partitions if HIVE_NULL in each.unparsed)

    @property
    def file_schema(self) -> pa.Schema:
        """Of what stands in the files themselves."""
        return pa.schema([field for field in self.schema if field.name not in self.hive_partitions])
