"""The clause that says how the text of CSV and JSON files is written."""

from enum import StrEnum

from msgspec import Struct

from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    FLAG,
    Foreign,
    Key,
    Record,
    RecordKind,
    TextKind,
    choice_of,
    keys_by_name,
)
from cst_contracts.errors import Problem

_CHARACTER = TextKind(
    "one ASCII character",
    r"[\x01-\x09\x0b\x0c\x0e-\x7f]",
    repairs=((r"^\\t$", "\t"), (r"^(.).+$", r"\1")),
)


class Compression(StrEnum):
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"


class TextOptions(Struct, frozen=True):
    """`delimiter` is None where the header tells, `compression` where the ending of the files' names does."""

    delimiter: str | None = None
    quote: str = '"'
    header: bool = True
    compression: Compression | None = None


OPTIONS_RECORD = Record(
    "options",
    "How the text of CSV and JSON files is written.",
    keys_by_name(
        Key(
            "delimiter",
            _CHARACTER,
            "The character between two values of CSV; where none is named, that of comma, semicolon, tab and "
            "bar at which the header holds the promised names, and a note says so if it is no comma.",
            '";"',
        ),
        Key(
            "quote",
            _CHARACTER,
            "The character around values of CSV that hold delimiters or line breaks; a double quote where "
            "none is named.",
            '"\'"',
        ),
        Key(
            "header",
            FLAG,
            "Whether the first record of each CSV file names the fields; without, they are the promised "
            "ones in order.",
            "false",
            default=True,
        ),
        Key(
            "compression",
            choice_of(Compression),
            "How the files are compressed, where the ending of their names does not tell.",
            "gzip",
        ),
    ),
    foreign=(
        Foreign(("separator", "sep", "delim"), "write `delimiter: $value`"),
        Foreign(("has_header",), "write `header: $value`"),
        Foreign(("codec",), "write `compression: $value`"),
    ),
)

OPTIONS = Key(
    "options",
    RecordKind("options"),
    "How the text of CSV and JSON files is written, where it is not commas, double quotes and a header.",
    '{delimiter: ";", header: false}',
)

_OF_CSV = ("delimiter", "quote", "header")


def build_options(source: Form, problems: list[Problem]) -> TextOptions:
    options = source.value("options", Form)
    if options is None:
        return TextOptions()
    if source.optional("format") == "json":
        problems.extend(
            Problem(
                options.key_places[key],
                f"`{key}` of JSON",
                f"leave `{key}` out: JSON has one way to write it",
            )
            for key in _OF_CSV
            if key in options.key_places
        )
    compression = options.optional("compression")
    return TextOptions(
        delimiter=options.optional("delimiter"),
        quote=options.optional("quote") or '"',
        header=options.flag("header"),
        compression=None if compression is None else Compression(compression),
    )
