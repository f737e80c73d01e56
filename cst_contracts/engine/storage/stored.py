"""What a table's storage says of itself, whichever format it is in."""

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import SourceFormat
from cst_contracts.engine.storage.adapters import FilesOfSchema
from cst_contracts.facts import DeltaFacts, PartitionFacts
from cst_contracts.sql.names import HIVE_NULL


class Capabilities(Struct, frozen=True):
    """What files of a format can tell, wherever an answer depends on it.

    One of `suffixes` ends the names of data files, in one table always the same; a folder's other files are
    none of the table's to the engine. `magic` is what every file begins with; empty where files may begin
    with anything.
    `has_footers`: with statistics, required flags and claims of order. `has_log`: a log decides which files
    are the table. `is_text`: without types, flags and metadata. `names_file_of_row`: in a query the engine
    tells in which file a row stands.
    """

    suffixes: tuple[str, ...]
    magic: bytes = b""
    has_footers: bool = False
    has_log: bool = False
    is_text: bool = False
    names_file_of_row: bool = False

    @property
    def suffix(self) -> str:
        """The plainest one, by which the format is told."""
        return self.suffixes[0]


class Dialect(Struct, frozen=True):
    """How the text of a table's files is written, and the ending of their names.

    `compression` is as the engine calls it, None for none. `names`: those of the fields where no header names
    them. `delimiter_found`: it is no comma, and the header told it, not the contract.
    """

    ending: str = ""
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    compression: str | None = None
    names: tuple[str, ...] = ()
    delimiter_found: bool = False


#: Commas, double quotes and a header.
PLAIN = Dialect()
PARQUET = Capabilities((".parquet",), magic=b"PAR1", has_footers=True)


class Beside(Struct, frozen=True):
    """What lies below a location beside the files that are read.

    `alone`: nothing does. `unread` are data files that nobody reads, and folders of partitions in which
    no file is read, relative to the location. `ignored` are files that are read although a pattern says
    that they are not meant to be.
    """

    alone: bool = True
    unread: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


class Storage(Struct, frozen=True):
    """`schema` is the storage's own: the merged footers with hive partitions appended, or the Delta log's;
    of text, what its values are read as.

    `files` are the URLs of the data files that make up the table now; `format` and `capabilities` are
    theirs.
    `beside` is what else lies there, which the engine does not read.
    `schemas` are the files by the schemas that they have of their own, where whoever opened the table has
    read their footers; else nothing.
    `engine_url` is the location as the engine must be told it; `dialect` is that of text; `pruning`, whether
    it leaves out what a predicate excludes.
    """

    location: str
    schema: pa.Schema
    files: tuple[str, ...]
    partitions: tuple[PartitionFacts, ...]
    hive_partitions: frozenset[str] = frozenset()
    delta: DeltaFacts | None = None
    format: SourceFormat = SourceFormat.PARQUET
    capabilities: Capabilities = PARQUET
    beside: Beside = Beside()
    engine_url: str = ""
    dialect: Dialect = PLAIN
    pruning: bool = True
    schemas: tuple[FilesOfSchema, ...] = ()

    @property
    def folder(self) -> str:
        """The location, as that of a folder."""
        return self.location if self.location.endswith("/") else f"{self.location}/"

    @property
    def engine_suffix(self) -> str:
        """Of files in a folder, as registrations must be told it; a file and a pattern name theirs."""
        ending = self.dialect.ending or self.capabilities.suffix
        return ending if self.engine_url.endswith("/") else ""

    @property
    def null_folders(self) -> frozenset[str]:
        """Hive partitions of which some folder is named for no value, which the engine reads as a text."""
        return frozenset(each.name for each in self.partitions if HIVE_NULL in each.unparsed)

    @property
    def file_schema(self) -> pa.Schema:
        """Of what stands in the files themselves."""
        return pa.schema([field for field in self.schema if field.name not in self.hive_partitions])
