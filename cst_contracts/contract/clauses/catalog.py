"""The clause of a folder of artifacts that the session loads as tables."""

from msgspec import Struct

from cst_contracts.contract.clauses.clause import IN_SESSIONS, Clause, Scope
from cst_contracts.contract.clauses.source import FILE_FORMATS, SourceFormat
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    PLACE,
    TABLE_NAME,
    ChoiceKind,
    Foreign,
    Key,
    ListKind,
    Record,
    RecordKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.urls import refuse_credentials
from cst_contracts.location import Location


class CatalogTable(Struct, frozen=True):
    name: str
    place: Location


class CatalogContract(Struct, frozen=True):
    """An artifact root, whose tables the session mounts. Without `tables` any may be there."""

    location: str
    format: SourceFormat
    place: Location
    tables: tuple[CatalogTable, ...] = ()


_RECORD = Record(
    "catalog",
    "A folder of artifacts to load as tables.",
    keys_by_name(
        required_key(
            "location",
            PLACE,
            "The folder: a path relative to the lake root, or a URI.",
            "artifacts/",
            "…",
        ),
        required_key(
            "format", ChoiceKind(FILE_FORMATS), "How the artifacts are stored.", "parquet"
        ),
        Key(
            "tables",
            ListKind(TABLE_NAME, "a table name", least=1),
            "The tables to find there, no more and no fewer; by default any.",
            "[libcst_files_v1, cst_refs]",
        ),
    ),
    foreign=(
        Foreign(
            ("path", "uri", "url", "folder", "directory", "dir", "root"),
            "write `location: $value`",
            means="location",
        ),
    ),
)


def _build(scope: Scope) -> CatalogContract | None:
    form = scope.form.value("catalog", Form)
    if form is None or (format_ := form.text("format")) is None:
        return None
    tables = form.texts("tables")
    refuse_repeats(tables, "table", scope.problems)
    refuse_credentials(form.text("location"), scope.problems)
    return CatalogContract(
        form.words("location"),
        SourceFormat(format_.text),
        scope.form.key_places["catalog"],
        tuple(CatalogTable(table.text, table.place) for table in tables),
    )


CATALOG = Clause(
    Key(
        "catalog",
        RecordKind("catalog"),
        "A folder of artifacts to load as tables.",
        "{location: artifacts/, format: parquet}",
    ),
    _build,
    {"catalog": _RECORD},
    IN_SESSIONS,
)
