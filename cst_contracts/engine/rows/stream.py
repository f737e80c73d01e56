"""Reads an unbounded table once, and answers all promises that were asked about its rows."""

from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.datatypes import same_type, top_level
from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.formats.csv import CsvFormat
from cst_contracts.engine.formats.format import Stream
from cst_contracts.engine.formats.json import JsonFormat
from cst_contracts.engine.formats.pipes import Limits, Portion, portions
from cst_contracts.engine.formats.streams import text_format
from cst_contracts.engine.formats.text_files import borne_out
from cst_contracts.engine.rows.measure import Part, Scanning
from cst_contracts.engine.rows.measures import MEASURES, measure_of
from cst_contracts.engine.rows.meter import Meter
from cst_contracts.engine.rows.portions import Portions, rows_in_memory
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results
from cst_contracts.engine.rows.run_plan import run_queries
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_believing_nothing
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import batches_of
from cst_contracts.facts import CouldNotLook, RuleCount, StreamFacts, Trouble
from cst_contracts.needs import (
    AnyRowNeed,
    NullsNeed,
    RuleNeed,
)
from cst_contracts.sql.names import identifier


class StreamRead(Struct, frozen=True):
    """What one reading saw, and what it answers."""

    facts: StreamFacts
    results: Results


def read_stream(
    access: RowAccess, table: str, needs: Sequence[AnyRowNeed], limits: Limits, meter: Meter
) -> StreamRead:
    """Raises IntrospectionError, of trouble STREAM where no row came or could be read."""
    stream = access.registry.open(table).stream
    if stream is None:
        raise IntrospectionError("it is not unbounded", relation=table)
    try:
        with looking_at(table, stream.path.as_uri()), meter.reading(table):
            read = _Reading(access, table, stream, needs).read(limits)
    except IntrospectionError as error:
        if error.trouble is Trouble.SLOW:
            raise
        raise IntrospectionError(
            error.reason,
            relation=table,
            location=error.location or stream.path.as_uri(),
            trouble=Trouble.STREAM,
        ) from error
    if not read.facts.rows:
        ended = read.facts.cut or "it ended at once"
        raise IntrospectionError(f"no row came: {ended}", relation=table, trouble=Trouble.STREAM)
    return read


class _Reading:
    """Adds up what portions tell. The fields of keys and references are held in memory: nobody can judge
    them portion by portion, and the rows come once."""

    def __init__(
        self,
        access: RowAccess,
        table: str,
        stream: Stream,
        needs: Sequence[AnyRowNeed],
    ) -> None:
        self._access = access
        self._table = table
        self._stream = stream
        self._needs = list(needs)
        self._fields = pa.schema([relaxed(each) for each in stream.fields])
        self._portions = Portions(table, self._fields, stream.path.name)
        self._portions.measure(self._parts())
        self._held: list[pa.RecordBatch] = []
        self._seen = pa.schema([])

    def read(self, limits: Limits) -> StreamRead:
        cut: str | None = None
        others: list[str] = []
        rules: Results = {}
        with TemporaryDirectory(prefix="cst-contracts-") as folder:
            for portion, head in _whole(self._stream, limits):
                cut = portion.cut
                file = Path(folder, f"rows.{self._stream.format.value}")
                file.write_bytes(b"\n".join([*head, *portion.records, b""]))
                found, batches = _typed(self._stream, file)
                others = _of_other_types(self._fields, found)
                if others:
                    rules = self._ruled(found, batches)
                self._add(found, batches)
                if others:
                    rows = self._portions.rows
                    cut = f"the first {rows:,} rows, as {others[0]} is of another type in them"
                    break
        results = {**self._results(set(self._seen.names) - set(others)), **rules}
        return StreamRead(StreamFacts(self._portions.rows, self._seen, cut), results)

    def _add(self, found: pa.Schema, batches: Sequence[pa.RecordBatch]) -> None:
        """`found` is what this portion could be read as. A promised field that is not there, or of another
        type, is null in all of its rows."""
        batches = [_under(self._fields, batch) for batch in batches]
        self._seen = found if not self._seen.names else _either(self._seen, found)
        self._portions.add(batches)
        names = self._held_names()
        self._held.extend(batch.select(names) for batch in batches if names)

    def _ruled(self, found: pa.Schema, batches: Sequence[pa.RecordBatch]) -> Results:
        """What rules say of the rows before a portion that has other types, and of this one by its own."""
        needs = [need for need in self._needs if isinstance(need, RuleNeed)]
        before = self._portions.results()
        fields = pa.schema([relaxed(field) for field in found])
        held = rows_in_memory(self._table, fields, [batch.cast(fields) for batch in batches])
        here = run_queries(needs, Queries(self._access, self._table, held=held))
        pairs = ((need, before.get(need), each) for need, each in here.items())
        return {
            need: RuleCount(
                one.rows + other.rows,
                one.violations + other.violations,
                known=one.known or other.known,
            )
            for need, one, other in pairs
            if isinstance(one, RuleCount) and isinstance(other, RuleCount)
        }

    def _parts(self) -> list[Part]:
        """Of the needs that can be judged portion by portion."""
        names = set(self._fields.names)
        ways = (measure_of(need).in_portions(need) for need in self._needs)
        answers = [each for each in ways if each is not None]
        known = [each for each in answers if not _absent(each.need, names)]
        scanning = Scanning(self._portions.frame(), self._fields, self._table)
        return [part for each in MEASURES.values() for part in each.parts(known, scanning)]

    def _held_names(self) -> list[str]:
        """Any field will do for what reads none, as a count of rows."""
        needs = [need for need in self._needs if measure_of(need).in_portions(need) is None]
        read = {top_level(path) for need in needs for path in measure_of(need).paths_read(need)}
        names = self._fields.names
        return [name for name in names if name in read] or (names[:1] if needs else [])

    def _results(self, names: Set[str]) -> Results:
        """`names` are the promised fields that the rows have, of their type."""
        results = self._portions.results()
        results.update(self._unplanned_rules(names))
        for need in self._needs:
            absent = _absent(need, names)
            if measure_of(need).in_portions(need) is not None and (absent or need not in results):
                results[need] = _lost(need, absent)
        results.update(self._counted_in_held())
        return results

    def _unplanned_rules(self, names: Set[str]) -> Results:
        """The rules about fields that no row has: over nulls they would be kept."""
        fields = pa.schema([each for each in self._fields if each.name in names])
        none = Queries(self._access, self._table, held=rows_in_memory(self._table, fields, []))
        rules = [need for need in self._needs if isinstance(need, RuleNeed)]
        found = run_queries(rules, none)
        return {need: each for need, each in found.items() if isinstance(each, CouldNotLook)}

    def _counted_in_held(self) -> Results:
        needs = [need for need in self._needs if measure_of(need).in_portions(need) is None]
        if not self._held:
            return {}
        context = rows_in_memory(self._table, self._held[0].schema, self._held)
        return run_queries(needs, Queries(self._access, self._table, held=context))


def _absent(need: AnyRowNeed, names: Set[str]) -> list[str]:
    """The fields that a need names and the rows do not have."""
    tops = map(top_level, measure_of(need).paths_read(need))
    return [name for name in tops if name not in names]


def _lost(need: AnyRowNeed, absent: Sequence[str]) -> CouldNotLook:
    if isinstance(need, NullsNeed):
        reason = f"it has no field {need.path} to count in"
        return CouldNotLook(reason, need.relation, trouble=Trouble.FIELD)
    return CouldNotLook(f"no {', '.join(absent)} of the promised type", need.relation)


def _either(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    """Both's fields; what is of two types that have nothing in common is text."""
    try:
        return pa.unify_schemas([one, other], promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        types = {each.name: each for each in one}
        for each in other:
            same = same_type(types.get(each.name, each).type, each.type)
            types[each.name] = each if same else pa.field(each.name, pa.string())
        return pa.schema(list(types.values()))


def _whole(stream: Stream, limits: Limits) -> Iterator[tuple[Portion, tuple[bytes, ...]]]:
    """Portions that have records, or are the last, with the header that belongs in front of them."""
    named_above = text_format(stream.format).by_position
    head: tuple[bytes, ...] = ()
    for portion in portions(stream.path, limits, quoted=named_above, header=named_above):
        records = portion.records
        if named_above and not head:
            head, records = records[:1], records[1:]
        if records or portion.last:
            yield replace(portion, records=records), head


def _typed(stream: Stream, file: Path) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    """What all rows of one portion can be read as, and the rows."""
    if file.stat().st_size <= 1:
        return pa.schema([]), []
    url, context, format_ = file.as_uri(), open_believing_nothing(), text_format(stream.format)
    inferred = _inferred(context, url, format_)
    found = borne_out(inferred, stream.fields, format_, [url])
    frame = format_.read_file(context, url, found)
    return found, list(batches_of(frame.select(*map(identifier, found.names))))


def _inferred(context: SessionContext, url: str, format_: CsvFormat | JsonFormat) -> pa.Schema:
    try:
        with looking_at(None):
            return pa.schema(format_.read_file(context, url, None).schema())
    except IntrospectionError:
        stored = format_.untyped(url)
        if stored is None:
            raise
        return stored


def _under(fields: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        batch.column(each.name).cast(each.type)
        if each.name in batch.schema.names
        and same_type(each.type, batch.schema.field(each.name).type)
        else pa.nulls(batch.num_rows, each.type)
        for each in fields
    ]
    return pa.RecordBatch.from_arrays(columns, schema=fields)


def _of_other_types(fields: pa.Schema, found: pa.Schema) -> list[str]:
    """The promised fields that this portion cannot be read as: what comes after it proves nothing."""
    types = {each.name: each.type for each in found}
    return [
        each.name
        for each in fields
        if each.name in types and not same_type(each.type, types[each.name])
    ]
