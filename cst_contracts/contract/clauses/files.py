"""The clause that promises how a table's Parquet files are written, as their footers tell it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.contract.clauses.ordering import OrderingTerm
from cst_contracts.contract.forms import Form, Items, Pairs, texts
from cst_contracts.contract.kinds import (
    FIELD_NAMES,
    FLAG,
    EitherKind,
    Foreign,
    Key,
    NumberKind,
    PairsKind,
    Record,
    RecordKind,
    TextKind,
    choice_of,
    keys_by_name,
)
from cst_contracts.contract.names import Promised, refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import top_level
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class FileTrait(StrEnum):
    """What may be promised of files: the keys of the clause, and what stands in the ids of its checks."""

    CODEC = "codec"
    ENCODINGS = "encodings"
    STATISTICS = "statistics"
    BLOOM_FILTERS = "bloom_filters"
    PAGE_INDEX = "page_index"
    ROW_GROUP_ROWS = "row_group_rows"
    BYTES = "bytes"
    SORTING_COLUMNS = "sorting_columns"


class Codec(StrEnum):
    UNCOMPRESSED = "uncompressed"
    SNAPPY = "snappy"
    GZIP = "gzip"
    BROTLI = "brotli"
    LZ4 = "lz4"
    ZSTD = "zstd"


class Encoding(StrEnum):
    """Those of values; `dictionary` is either of the two that the format has had."""

    PLAIN = "plain"
    DICTIONARY = "dictionary"
    DELTA_BINARY_PACKED = "delta_binary_packed"
    DELTA_LENGTH_BYTE_ARRAY = "delta_length_byte_array"
    DELTA_BYTE_ARRAY = "delta_byte_array"
    BYTE_STREAM_SPLIT = "byte_stream_split"


#: The path that stands for every column.
EVERY_COLUMN = ""
#: What is promised where a column needs no more than to have something.
THERE = "there"


class ColumnWanted(Struct, frozen=True):
    """What is promised of the columns at a path and below: a codec, an encoding, or that it is there."""

    path: str = EVERY_COLUMN
    value: str = THERE


class ColumnsPromise(Struct, frozen=True):
    """A promise about column chunks: how they are packed, or what is written beside them."""

    trait: FileTrait
    place: Location
    columns: tuple[ColumnWanted, ...]

    def __str__(self) -> str:
        if any(each.path == EVERY_COLUMN for each in self.columns):
            return ", ".join(map(_told, self.columns))
        mapped = self.trait in (FileTrait.CODEC, FileTrait.ENCODINGS)
        told = ", ".join(map(_told, self.columns))
        return f"{{{told}}}" if mapped else f"[{told}]"


class BoundsPromise(Struct, frozen=True):
    """A promise about the rows of row groups, or the bytes of files. `said` is as the contract writes it."""

    trait: FileTrait
    place: Location
    least: int | None
    most: int | None
    said: str

    def __str__(self) -> str:
        return self.said


class ClaimsPromise(Struct, frozen=True):
    """A promise that footers name the order of the rows: the terms of `ordered_by` that a file can have."""

    place: Location
    terms: tuple[OrderingTerm, ...]
    trait: FileTrait = FileTrait.SORTING_COLUMNS

    def __str__(self) -> str:
        return "true"


FilePromise: TypeAlias = ColumnsPromise | BoundsPromise | ClaimsPromise

_UNITS: Mapping[str, int] = {
    "B": 1,
    **{f"{letter}B": 1000**power for power, letter in enumerate("kMGT", 1)},
    **{f"{letter}iB": 1024**power for power, letter in enumerate("KMGT", 1)},
}
_SIZE = TextKind(
    "a size with its unit, such as `1MB` or `128MiB`",
    r"[1-9][0-9]{0,11}(B|[kMGT]B|[KMGT]iB)",
    repairs=((r"^([0-9]+)$", r"\1B"), (r"^([0-9]+)K[bB]$", r"\1kB"), (r"\s+", "")),
)

_GROUPS = Record(
    "range of row counts",
    "How many rows a row group has.",
    keys_by_name(
        Key(
            "at_least",
            NumberKind(),
            "The fewest rows of a row group; the last one of a file may have fewer.",
            "100000",
        ),
        Key("at_most", NumberKind(), "The most rows of a row group.", "1000000"),
    ),
    at_least_one=("at_least", "at_most"),
    foreign=(
        Foreign(("min", "minimum"), "write `at_least: $value`"),
        Foreign(("max", "maximum"), "write `at_most: $value`"),
    ),
)

_SIZES = Record(
    "range of file sizes",
    "How many bytes a data file has.",
    keys_by_name(
        Key("at_least", _SIZE, "The fewest bytes of a data file.", "1MB"),
        Key("at_most", _SIZE, "The most bytes of a data file.", "1GB"),
    ),
    at_least_one=("at_least", "at_most"),
    foreign=(
        Foreign(("min", "minimum"), "write `at_least: $value`"),
        Foreign(("max", "maximum"), "write `at_most: $value`"),
    ),
)

_SOME_OR_ALL = EitherKind(FLAG, FIELD_NAMES, "`true`, or a list of field names")

_RECORD = Record(
    "file layout",
    "How the Parquet files of a table are written. Only their footers are read, never their rows.",
    keys_by_name(
        Key(
            "codec",
            EitherKind(
                choice_of(Codec),
                PairsKind(choice_of(Codec), "a codec", least=1),
                "a codec, or a mapping of fields to codecs",
            ),
            "By what the columns are compressed: all of them, or those of single fields.",
            "zstd",
        ),
        Key(
            "encodings",
            PairsKind(choice_of(Encoding), "an encoding", least=1),
            "By field, an encoding that each of its column chunks uses.",
            "{path: dictionary}",
        ),
        Key(
            "statistics",
            _SOME_OR_ALL,
            "The columns of whose every chunk the footer knows the null count, and the least and the "
            "greatest value.",
            "[path, bstart]",
        ),
        Key(
            "bloom_filters",
            _SOME_OR_ALL,
            "The columns of which every chunk has a bloom filter.",
            "[ref_id]",
        ),
        Key(
            "page_index",
            _SOME_OR_ALL,
            "The columns of which every chunk has a column index and an offset index.",
            "true",
        ),
        Key(
            "row_group_rows",
            RecordKind("row_group_rows"),
            "How many rows a row group has.",
            "{at_most: 1000000}",
        ),
        Key("bytes", RecordKind("file_bytes"), "How large a data file is.", "{at_least: 1MB}"),
        Key(
            "sorting_columns",
            FLAG,
            "Whether every row group's footer names the order of `ordered_by`.",
            "true",
        ),
    ),
    at_least_one=tuple(FileTrait),
    foreign=(
        Foreign(("compression",), "write `codec: $value`", means="codec"),
        Foreign(("bloom_filter",), "write `bloom_filters: $value`", means="bloom_filters"),
        Foreign(("row_group_size",), "write `row_group_rows: {at_most: $value}`"),
    ),
)

FILES = Key(
    "files",
    RecordKind("files"),
    "How the Parquet files of a table are written, as their footers tell it.",
    "{codec: zstd, statistics: [path, bstart], row_group_rows: {at_most: 1000000}}",
)
FILES_RECORDS = {"files": _RECORD, "row_group_rows": _GROUPS, "file_bytes": _SIZES}


def build_files(
    source: Form,
    promised: Promised,
    partitions: Iterable[str],
    ordering: Sequence[OrderingTerm],
    problems: Problems,
) -> tuple[FilePromise, ...]:
    """In the sequence of the traits, whatever stands first in the contract."""
    form = source.value("files", Form)
    if form is None:
        return ()
    building = _Building(form, promised, frozenset(partitions), problems)
    found = (building.promise(trait, ordering) for trait in FileTrait if trait in form.values)
    return tuple(each for each in found if each is not None)


class _Building(Struct, frozen=True):
    form: Form
    promised: Promised
    partitions: frozenset[str]
    problems: Problems

    def promise(self, trait: FileTrait, ordering: Sequence[OrderingTerm]) -> FilePromise | None:
        place = self.form.key_places[trait]
        if self.form.value(trait, bool) is False:
            instead = f"write `{trait}: true`, or leave it out"
            self.problems.append(Problem(place, f"`{trait}: false` promises nothing", instead))
            return None
        match trait:
            case FileTrait.ROW_GROUP_ROWS | FileTrait.BYTES:
                return self._bounds(trait, place)
            case FileTrait.SORTING_COLUMNS:
                return self._claims(place, ordering)
            case FileTrait.CODEC | FileTrait.ENCODINGS:
                return ColumnsPromise(trait, place, tuple(self._packed(trait)))
            case FileTrait.STATISTICS | FileTrait.BLOOM_FILTERS | FileTrait.PAGE_INDEX:
                return ColumnsPromise(trait, place, tuple(self._written(trait)))

    def _packed(self, trait: FileTrait) -> Iterator[ColumnWanted]:
        match self.form.values[trait]:
            case Pairs(entries=entries):
                paths = self._paths([name for name, _ in entries])
                for path, (_, value) in zip(paths, entries, strict=True):
                    if isinstance(value, Scalar):
                        yield ColumnWanted(path, value.text)
            case Scalar(text=text):
                yield ColumnWanted(EVERY_COLUMN, text)
            case _:
                return

    def _written(self, trait: FileTrait) -> Iterator[ColumnWanted]:
        match self.form.values[trait]:
            case Items() as items:
                yield from map(ColumnWanted, self._paths(texts(items)))
            case _:
                yield ColumnWanted()

    def _paths(self, written: Sequence[Scalar]) -> tuple[str, ...]:
        refuse_repeats(written, "field", self.problems)
        self.promised.refuse_unknown_paths(written, self.problems)
        paths = tuple(map(self.promised.path_of, written))
        for path, each in zip(paths, written, strict=True):
            if top_level(path) in self.partitions:
                what = f"{shown(each.text)} is a partition field, which no data file holds"
                self.problems.append(Problem(each.place, what, "leave it out here"))
        return paths

    def _bounds(self, trait: FileTrait, place: Location) -> BoundsPromise | None:
        form = self.form.value(trait, Form)
        if form is None:
            return None
        least, most = (_bound(form, key) for key in ("at_least", "at_most"))
        if least is not None and most is not None and most < least:
            what = f"`{trait}` of at least {_said(form, 'at_least')} and at most {_said(form, 'at_most')}"
            self.problems.append(Problem(place, what, "exchange the two, or leave one of them out"))
        said = ", ".join(f"{key}: {_said(form, key)}" for key in form.values)
        return BoundsPromise(trait, place, least, most, f"{{{said}}}")

    def _claims(self, place: Location, ordering: Sequence[OrderingTerm]) -> ClaimsPromise | None:
        terms = tuple(each for each in ordering if each.field not in self.partitions)
        if not terms:
            what = "`sorting_columns` without an order of rows that a file can have"
            instead = "write `ordered_by` under `source`, or leave `sorting_columns` out"
            self.problems.append(Problem(place, what, instead))
        return ClaimsPromise(place, terms)


def _bound(form: Form, key: str) -> int | None:
    """Of rows as it is written; of bytes, times its unit. None where it is left out or ill-formed."""
    size = form.optional(key)
    if size is None or not _SIZE.fits(size):
        return form.value(key, int)
    unit = size.lstrip("0123456789")
    return int(size.removesuffix(unit)) * _UNITS[unit]


def _said(form: Form, key: str) -> str:
    value = form.values[key]
    return value.text if isinstance(value, Scalar) else str(value)


def _told(wanted: ColumnWanted) -> str:
    if wanted.value == THERE:
        return "true" if wanted.path == EVERY_COLUMN else wanted.path
    return wanted.value if wanted.path == EVERY_COLUMN else f"{wanted.path}: {wanted.value}"
