"""Measures data files one by one, so that each has tallies of its own."""

from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from os import cpu_count
from typing import TypeAlias, cast

from msgspec import Struct

from cst_contracts.engine.access.files import READING
from cst_contracts.engine.access.one_file import rows_of_file
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.measure import KeptTally, Part
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.scan import scan
from cst_contracts.engine.rows.threads import read_streams
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.trouble import IntrospectionError, Refused
from cst_contracts.engine.storage.stamps import stamp
from cst_contracts.engine.storage.urls import file_name
from cst_contracts.facts import Trouble
from cst_contracts.needs import AnyRowNeed


class FileWork(Struct, frozen=True):
    """A file with its stamp, and the parts that are to be measured in it."""

    url: str
    stamp: bytes
    parts: Sequence[Part]


#: Is handed the tallies of a file as bytes, one for each need. Several threads call it.
Measured: TypeAlias = Callable[[FileWork, Mapping[AnyRowNeed, bytes]], None]


def measure_files(
    work: Sequence[FileWork],
    files: ScannableFiles,
    meter: Meter,
    measured: Measured,
    query: str | None = None,
) -> frozenset[AnyRowNeed]:
    """Of each file's rows, or of what a `query` under the table's name gives of them.

    Returns the needs that failed in some file: what stood in their way, a scan of all files tells. Raises
    what `measured` raises, and IntrospectionError where there is no session to be had."""
    threads = min(len(work), cpu_count() or 1)
    failed: set[AnyRowNeed] = set()
    readers = [
        _Reader(files, query, meter, measured, failed, alone=threads == 1) for _ in range(threads)
    ]
    if work:
        read_streams([work[n::threads] for n in range(threads)], [each.read for each in readers])
    return frozenset(failed)


class _Reader:
    """One thread's, with a session of its own: in a session, a table's name is one file's at a time.

    Where it is the only one, the engine shares a large file out to several threads."""

    def __init__(
        self,
        files: ScannableFiles,
        query: str | None,
        meter: Meter,
        measured: Measured,
        failed: set[AnyRowNeed],
        *,
        alone: bool,
    ) -> None:
        one = {} if alone else {"datafusion.execution.target_partitions": "1"}
        self._context = open_believing_nothing({**READING, **one}, stores=files.storage.files)
        self._files, self._query, self._meter = files, query, meter
        self._measured, self._failed = measured, failed
        self._told = copy_context()

    def read(self, work: FileWork) -> None:
        """Within what the thread that made it was told, as how long a query may take."""
        self._told.run(self._read, work)

    def _read(self, work: FileWork) -> None:
        parts = [each for part in work.parts for each in self._unfailed(part)]
        self._measured(work, dict(self._tallied(work, parts)))

    def _unfailed(self, part: Part) -> Sequence[Part]:
        if self._failed.isdisjoint(part.needs):
            return [part]
        return [each for each in part.apart() if self._failed.isdisjoint(each.needs)]

    def _tallied(self, work: FileWork, parts: Sequence[Part]) -> Sequence[tuple[AnyRowNeed, bytes]]:
        """All parts in one scan; where that fails, each need is scanned for alone. What takes too long is not
        tried again."""
        if not parts:
            return []
        try:
            with looking_at(self._files.table, work.url):
                tallies = self._scanned(work, parts)
                needs = (need for part in parts for need in part.needs)
                found = (data for tally in tallies for data in tally.apart())
                return list(zip(needs, found, strict=True))
        except IntrospectionError as error:
            alone = [each for part in parts for each in part.apart()]
            if len(alone) == 1 or error.trouble is Trouble.SLOW:
                self._failed.update(need for part in alone for need in part.needs)
                return []
        return [tallied for part in alone for tallied in self._tallied(work, [part])]

    def _scanned(self, work: FileWork, parts: Sequence[Part]) -> Sequence[KeptTally]:
        """Of a file that is gone DataFusion 55 reads no rows, and says nothing; therefore it has to be the
        same afterwards."""
        files = self._files
        frame = rows_of_file(self._context, files.table, files.stored_schema, work.url)
        if self._query is not None:
            frame = self._context.sql(self._query)
        found = scan(frame, parts, named="", meter=self._meter)
        if stamp(work.url) != work.stamp:
            raise Refused(f"{file_name(work.url)} was changed while it was read")
        return [cast("KeptTally", each) for each in found]
