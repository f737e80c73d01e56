"""Delta tables to registrations, and what their log says."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.contract.model import SourceContract
from cst_contracts.contract.urls import is_stored
from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.engine.formats.delta.commits import log_files, refuse_pipes
from cst_contracts.engine.formats.delta.constraints import logged_constraints
from cst_contracts.engine.formats.delta.history import Travel, travel
from cst_contracts.engine.session.boundary import cause_of, looking_at
from cst_contracts.engine.session.stores import store_of
from cst_contracts.engine.session.trouble import IntrospectionError, Refused
from cst_contracts.engine.storage.footers import footer
from cst_contracts.engine.storage.pins import Pins
from cst_contracts.engine.storage.stored import Storage
from cst_contracts.engine.storage.urls import is_local, local_path
from cst_contracts.facts import DeltaFacts, Trouble
from cst_contracts.sql.selects import select

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

#: Reading the data files without the log's help is wrong for tables with these reader features.
_LOG_ONLY_FEATURES = frozenset({"deletionVectors", "columnMapping"})


#: What deltalake calls a feature that it does not know, or knows and does not read.
_UNSUPPORTED = re.compile(r"Feature '(\w[\w-]*)' is not supported|features required: \[([^\]]*)\]")
#: Those of the readers' features that tests here have seen deltalake read.
_READABLE_FEATURES = _LOG_ONLY_FEATURES | {"timestampNtz", "v2Checkpoint"}
#: What stands in a schema whose fields use the feature.
_WORDS_IN_SCHEMA = {
    "variantType": '"variant"',
    "variantShredding": '"variant"',
}


_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


class DeltaLog:
    """The Delta tables of a run, each location at one version: what other writers append while the run
    goes on is not seen."""

    def __init__(self, pins: Pins) -> None:
        self._pins = pins

    def open(self, table: str, url: str, source: SourceContract) -> "OpenedDelta":
        """Raises IntrospectionError; TableMissing where there is no Delta table, VersionUnavailable where
        it has not the version that is meant."""
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError

        with looking_at(table, url), _telling_features(table, url):
            refuse_pipes(url)
            try:
                opened = DeltaTable(
                    _uri(url), version=self._pins.known(url), storage_options=_options(url)
                )
            except TableNotFoundError as error:
                cause = f"no Delta table there: {cause_of(error)}"
                raise IntrospectionError(
                    cause, relation=table, location=url, trouble=Trouble.MISSING
                ) from error
            except DeltaError as error:
                raise _of_the_log(table, url, error) from error
            latest = self._pins.keep(url, opened.version())
            if latest != opened.version():
                opened.load_as_version(latest)
            past = (
                Travel(latest) if source.as_of is None else travel(table, url, opened, source.as_of)
            )
            _refuse_features(table, url, opened)
            _refuse_empty_commit(table, url, opened)
            return OpenedDelta(opened, past)


class OpenedDelta(Struct, frozen=True):
    """`table` stands at the version that is meant."""

    table: "DeltaTable"
    past: Travel

    @property
    def facts(self) -> DeltaFacts:
        features = sorted(self.table.protocol().reader_features or [])
        version = self.table.version()
        return DeltaFacts(
            version,
            self.past.latest,
            self.past.latest_time,
            tuple(features),
            logged_constraints(self.table),
        )


def _of_the_log(table: str, url: str, error: "DeltaError") -> Exception:
    """The version whose commit is missing, which deltalake does not tell."""
    gap = log_files(url).gap()
    if gap is None or _UNSUPPORTED.search(str(error)):
        return error
    reason = f"its log has a gap: the commit of version {gap} is missing ({gap:020}.json)"
    return IntrospectionError(reason, relation=table, location=url)


def _refuse_empty_commit(table: str, url: str, opened: "DeltaTable") -> None:
    version = log_files(url).empty_commit(opened.version())
    if version is not None:
        reason = (
            f"the commit of version {version} has 0 bytes ({version:020}.json), as a write that was cut "
            "short leaves it: what it said is lost"
        )
        raise IntrospectionError(reason, relation=table, location=url)


@contextmanager
def _telling_features(table: str, url: str) -> Iterator[None]:
    try:
        yield
    except IntrospectionError:
        raise
    except Exception as error:
        named = _UNSUPPORTED.search(str(error))
        if named is None:
            raise
        raise _unsupported(table, url, named[1] or named[2]) from error


def _refuse_features(table: str, url: str, opened: "DeltaTable") -> None:
    named = set(opened.protocol().reader_features or []) - _READABLE_FEATURES
    unknown = sorted(each for each in named if _is_used(each, opened))
    if unknown:
        raise _unsupported(table, url, ", ".join(unknown))


def _is_used(feature: str, opened: "DeltaTable") -> bool:
    """A table may name a feature that none of its fields needs."""
    word = _WORDS_IN_SCHEMA.get(feature.removesuffix("-preview"))
    return word is None or word in opened.schema().to_json()


def _unsupported(table: str, url: str, features: str) -> IntrospectionError:
    cause = f"its readers need the table feature {features}, which this version cannot read"
    return IntrospectionError(cause, relation=table, location=url, trouble=Trouble.FEATURE)


def _options(url: str) -> dict[str, str] | None:
    return store_of(url).for_delta() if is_stored(url) else None


def _uri(url: str) -> str:
    if not is_local(url):
        return url
    path = str(local_path(url))
    if unquote(path) != path:
        raise Refused(f"deltalake would read {unquote(path)} instead; rename the folder")
    return path


def added_files(url: str, opened: "DeltaTable") -> pa.Table:
    """What the log says of each data file at the table's version, with the file's URL as `path`.

    deltalake 1.6's `file_uris` puts an absolute path, as a shallow clone's log has them, behind the root.
    """
    added = pa.table(opened.get_add_actions(flatten=True))
    urls = [_file_url(url, path) for path in added.column("path").to_pylist()]
    return added.set_column(added.column_names.index("path"), "path", pa.array(urls, pa.string()))


def _file_url(root: str, path: str) -> str:
    """A path in a log is a URI, below the table's root or absolute."""
    if not _ABSOLUTE.match(path):
        return f"{root.rstrip('/')}/{quote(unquote(path))}"
    found = urlsplit(path)
    return f"{found.scheme}://{found.netloc}{quote(unquote(found.path))}"


def needs_log(opened: "DeltaTable") -> bool:
    """Reading the data files without the log's help would be wrong."""
    return has_physical_names(opened) or not _LOG_ONLY_FEATURES.isdisjoint(
        opened.protocol().reader_features or []
    )


def has_physical_names(opened: "DeltaTable") -> bool:
    """Column mapping: in the data files, fields are called otherwise."""
    return opened.metadata().configuration.get("delta.columnMapping.mode", "none") != "none"


def file_rows(
    context: SessionContext, storage: Storage, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Rows of the data files, each read as the log's schema with nothing declared NOT NULL."""
    schema = pa.schema([relaxed(storage.schema.field(name)) for name in columns])
    for url in storage.files:
        footer(
            url
        )  # given a schema, the engine takes a file that is not there for one without rows
        frame = context.read_parquet(url, schema=schema, file_extension="")
        for batch in frame.execute_stream():
            yield batch.to_pyarrow()


def log_rows(opened: "DeltaTable", columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Rows as the log reads them: deletion vectors and column mapping included."""
    from deltalake import QueryBuilder

    reader = QueryBuilder().register("delta_rows", opened).execute(select(columns, "delta_rows"))
    for batch in reader:
        yield pa.record_batch(batch)
