"""Finds out how a table's text files are written: from the contract, and from the ending of their names."""

from collections.abc import Iterator, Sequence
from itertools import product

import pyarrow as pa

from cst_contracts.contract.clauses.text_options import Compression, TextOptions
from cst_contracts.engine.session.trouble import Refused
from cst_contracts.engine.storage.listing import StoredFile
from cst_contracts.engine.storage.stored import Dialect

_COMPRESSED = {
    ".gz": Compression.GZIP,
    ".bz2": Compression.BZIP2,
    ".xz": Compression.XZ,
    ".zst": Compression.ZSTD,
}
#: What pyarrow calls it, which reads no xz.
_CODECS = {Compression.GZIP: "gzip", Compression.BZIP2: "bz2", Compression.ZSTD: "zstd"}


def with_compression(endings: Sequence[str]) -> tuple[str, ...]:
    """The endings, and those of compressed files."""
    return tuple(f"{one}{two}" for two, one in product(("", *_COMPRESSED), endings))


def dialect_of(
    options: TextOptions, files: Sequence[StoredFile], endings: Sequence[str], names: Sequence[str]
) -> Dialect:
    """Raises ValueError where files end differently: DataFusion 55 reads one ending of a folder. `names` are
    those of the promised fields that stand in the files."""
    found = dict.fromkeys(_ending(file.relative, endings) for file in files)
    if len(found) > 1:
        told = " and ".join(filter(None, _examples(files, endings, list(found))))
        raise Refused(f"its files end differently, {told}: the engine reads those of one ending")
    ending = next(iter(found), "")
    compressed = next((each for tail, each in _COMPRESSED.items() if ending.endswith(tail)), None)
    return Dialect(
        ending=ending,
        delimiter=options.delimiter or ",",
        quote=options.quote,
        header=options.header,
        compression=options.compression or compressed,
        names=() if options.header else tuple(names),
    )


def _ending(name: str, endings: Sequence[str]) -> str:
    """The longest that fits: `.csv.gz` before `.gz`. Of a file that a contract names, any will do."""
    return max((each for each in endings if name.endswith(each)), key=len, default="")


def _examples(
    files: Sequence[StoredFile], endings: Sequence[str], found: Sequence[str]
) -> Iterator[str]:
    for ending in found[:2]:
        yield next(file.relative for file in files if _ending(file.relative, endings) == ending)


def uncompressed(stored: pa.NativeFile, dialect: Dialect) -> pa.NativeFile | None:
    """The bytes of a file as text; None where nothing here can decompress them."""
    if dialect.compression is None:
        return stored
    codec = _CODECS.get(Compression(dialect.compression))
    return None if codec is None else pa.CompressedInputStream(stored, codec)
