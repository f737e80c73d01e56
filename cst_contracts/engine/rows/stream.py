"""Reads an unbounded table once, and answers all that promises ask of its rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct, field
from msgspec.structs import replace

from cst_contracts.contract.model import ReferenceContract, RuleContract
from cst_contracts.datatypes import same_type, top_level
from cst_contracts.datatypes.nullable import relaxed
from cst_contracts.engine.access.ways import RowAccess
from cst_contracts.engine.formats.format import Stream
from cst_contracts.engine.formats.pipes import Limits, Portion, portions
from cst_contracts.engine.formats.streams import text_format
from cst_contracts.engine.formats.text_files import borne_out
from cst_contracts.engine.rows.asked import Answered
from cst_contracts.engine.rows.counts import count_keys, count_references, count_rules
from cst_contracts.engine.rows.null_tally import ValueFacts, count_nulls
from cst_contracts.engine.rows.row_order import order_of_file, together
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import (
    Basis,
    KeyCount,
    NullCount,
    ReferenceCount,
    RowOrder,
    RuleCount,
    SortTerm,
    StreamFacts,
    Trouble,
)
from cst_contracts.needs import AnyRowNeed, KeyNeed, NullsNeed, OrderNeed, ReferenceNeed, RuleNeed
from cst_contracts.sql.names import identifier

_ROWS = "__cst_stream"


class StreamRead(Struct, frozen=True):
    """What one reading saw, and what it answers."""

    facts: StreamFacts
    answers: Mapping[AnyRowNeed, Answered]


def read_stream(
    access: RowAccess, table: str, needs: Sequence[AnyRowNeed], limits: Limits
) -> StreamRead:
    """Raises IntrospectionError, of trouble STREAM where no row came or could be read."""
    stream = access.registry.open(table).stream
    if stream is None:
        raise IntrospectionError("it is not unbounded", relation=table)
    try:
        with looking_at(table, stream.path.as_uri()):
            read = _read(access, table, stream, _Asked.of(needs), limits)
    except IntrospectionError as error:
        raise IntrospectionError(
            error.reason, relation=table, location=error.location, trouble=Trouble.STREAM
        ) from error
    if not read.facts.rows:
        ended = read.facts.cut or "it ended at once"
        raise IntrospectionError(f"no row came: {ended}", relation=table, trouble=Trouble.STREAM)
    return read


class _Asked(Struct, frozen=True):
    """What the promises that run ask of a table's rows."""

    paths: tuple[str, ...]
    rules: tuple[RuleContract, ...]
    order: tuple[SortTerm, ...]
    keys: tuple[tuple[str, ...], ...]
    references: tuple[ReferenceContract, ...]

    @classmethod
    def of(cls, needs: Sequence[AnyRowNeed]) -> Self:
        return cls(
            paths=tuple(need.path for need in needs if isinstance(need, NullsNeed)),
            rules=tuple(need.rule for need in needs if isinstance(need, RuleNeed)),
            order=next((need.terms for need in needs if isinstance(need, OrderNeed)), ()),
            keys=tuple(need.paths for need in needs if isinstance(need, KeyNeed)),
            references=tuple(need.reference for need in needs if isinstance(need, ReferenceNeed)),
        )

    @property
    def held(self) -> set[str]:
        """The fields whose values nobody can judge batch by batch."""
        referring = (path for reference in self.references for path in reference.fields)
        return {top_level(path) for path in (*(p for key in self.keys for p in key), *referring)}


class _Tally(Struct):
    """What the portions of a stream add up to."""

    fields: pa.Schema
    asked: _Asked
    file: str
    rows: int = 0
    seen: pa.Schema = field(default_factory=lambda: pa.schema([]))
    nulls: dict[str, NullCount] = field(default_factory=dict)
    rules: dict[RuleContract, RuleCount | IntrospectionError] = field(default_factory=dict)
    order: RowOrder = field(default_factory=lambda: RowOrder(0, 0))
    held: list[pa.RecordBatch] = field(default_factory=list)
    _last: pa.RecordBatch | None = None

    def add(self, found: pa.Schema, batches: Sequence[pa.RecordBatch]) -> None:
        """`found` is what this portion could be read as; the batches have the promised fields."""
        self.seen = found if not self.seen.names else _either(self.seen, found)
        self._add_nulls(batches)
        self._add_rules(batches)
        self._add_order([batch for batch in batches if batch.num_rows])
        names = [name for name in self.fields.names if name in self.asked.held]
        self.held.extend(batch.select(names) for batch in batches if names)
        self.rows += sum(batch.num_rows for batch in batches)

    def _add_nulls(self, batches: Sequence[pa.RecordBatch]) -> None:
        if not self.asked.paths:
            return
        for path, count in count_nulls(self.fields, batches, self.asked.paths).nulls.items():
            before = self.nulls.get(path, NullCount(0, 0))
            self.nulls[path] = NullCount(before.values + count.values, before.nulls + count.nulls)

    def _add_rules(self, batches: Sequence[pa.RecordBatch]) -> None:
        if not self.asked.rules or not batches:
            return
        context = open_session({})
        context.from_arrow(pa.Table.from_batches(batches), name=_ROWS)
        for rule, count in count_rules(context, _ROWS, self.asked.rules).items():
            match self.rules.get(rule, RuleCount(0, 0)), count:
                case RuleCount() as before, RuleCount(rows=rows, violations=violations):
                    self.rules[rule] = RuleCount(before.rows + rows, before.violations + violations)
                case RuleCount(), IntrospectionError():
                    self.rules[rule] = count
                case _:
                    pass  # the first refusal stands

    def _add_order(self, batches: Sequence[pa.RecordBatch]) -> None:
        """With the last row that came before: a violation may lie between two portions."""
        names = [term.field for term in self.asked.order]
        if not names or not batches or not set(names) <= set(self.fields.names):
            return
        before = [] if self._last is None else [self._last]
        rows = [*before, *(batch.select(names) for batch in batches)]
        found = order_of_file(self.file, rows, self.asked.order)
        start = self.order.rows - len(before)
        examples = tuple(replace(each, row=each.row + start) for each in found.examples)
        part = replace(found, rows=found.rows - len(before), examples=examples)
        self.order = together([self.order, part])
        self._last = rows[-1].slice(rows[-1].num_rows - 1)


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


def _read(
    access: RowAccess, table: str, stream: Stream, asked: _Asked, limits: Limits
) -> StreamRead:
    fields = pa.schema([relaxed(each) for each in stream.fields])
    tally = _Tally(fields, asked, stream.path.name)
    cut: str | None = None
    other: str | None = None
    with TemporaryDirectory(prefix="cst-contracts-") as folder:
        for portion, head in _whole(stream, limits):
            cut = portion.cut
            file = Path(folder, f"rows.{stream.format.value}")
            file.write_bytes(b"\n".join([*head, *portion.records, b""]))
            found, batches = _typed(stream, fields, file)
            tally.add(found, batches)
            if (other := _other_type(fields, found)) is not None:
                cut = f"the first {tally.rows:,} rows, as {other} is of another type in them"
                break
    answers = _answers(access, table, tally, set(tally.seen.names) - {other})
    return StreamRead(StreamFacts(tally.rows, tally.seen, cut), answers)


def _answers(
    access: RowAccess, table: str, tally: _Tally, names: Set[str]
) -> dict[AnyRowNeed, Answered]:
    """`names` are the promised fields that the rows have, of their type."""
    answers: dict[AnyRowNeed, Answered] = {}
    for path in tally.asked.paths:
        nulls = (
            {path: tally.nulls[path]} if top_level(path) in names and path in tally.nulls else {}
        )
        answers[NullsNeed(table, path)] = ValueFacts(tally.rows, Basis.SCAN, nulls)
    for rule, count in {**tally.rules, **_unplanned(tally, names)}.items():
        answers[RuleNeed(table, rule)] = count
    absent = [term.field for term in tally.asked.order if term.field not in names]
    lost = IntrospectionError(f"no {', '.join(absent)} of the promised type", relation=table)
    answers[OrderNeed(table, tally.asked.order)] = lost if absent else tally.order
    for key in tally.asked.keys if tally.held else ():
        answers[KeyNeed(table, key)] = _counted(partial(_keys, tally, key))
    for each in tally.asked.references if tally.held else ():
        answers[ReferenceNeed(table, each)] = _counted(partial(_referred, access, tally, each))
    return {need: _named(answer, table) for need, answer in answers.items()}


def _named(answer: Answered, table: str) -> Answered:
    """The rows that are held have a name of ours, which nobody should be told."""
    if isinstance(answer, IntrospectionError) and answer.relation == _ROWS:
        return IntrospectionError.of(replace(answer.answer, relation=table))
    return answer


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


def _typed(stream: Stream, fields: pa.Schema, file: Path) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    """What the rows of one portion can be read as, and the rows under the promised fields: a promised
    field that is not there, or of another type, is null in all of them."""
    if file.stat().st_size <= 1:
        return pa.schema([]), []
    url, context, format_ = file.as_uri(), open_session({}), text_format(stream.format)
    inferred = pa.schema(format_.read_file(context, url, None).schema())
    found = borne_out(inferred, stream.fields, format_, [url])
    frame = format_.read_file(context, url, found)
    rows = frame.select(*map(identifier, found.names)).execute_stream()
    return found, [_under(fields, batch.to_pyarrow()) for batch in rows]


def _under(fields: pa.Schema, batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        batch.column(each.name).cast(each.type)
        if each.name in batch.schema.names
        and same_type(each.type, batch.schema.field(each.name).type)
        else pa.nulls(batch.num_rows, each.type)
        for each in fields
    ]
    return pa.RecordBatch.from_arrays(columns, schema=fields)


def _other_type(fields: pa.Schema, found: pa.Schema) -> str | None:
    """The first promised field that this portion cannot be read as: what comes after it proves nothing."""
    types = {each.name: each.type for each in found}
    for each in fields:
        if each.name in types and not same_type(each.type, types[each.name]):
            return str(each.name)
    return None


def _unplanned(tally: _Tally, names: Set[str]) -> dict[RuleContract, IntrospectionError]:
    """The rules about fields that no row has: over nulls they would be kept."""
    if not tally.asked.rules:
        return {}
    fields = pa.schema([each for each in tally.fields if each.name in names])
    context = open_session({})
    context.from_arrow(fields.empty_table(), name=_ROWS)
    counts = count_rules(context, _ROWS, tally.asked.rules)
    return {rule: each for rule, each in counts.items() if isinstance(each, IntrospectionError)}


def _counted(count: Callable[[], Answered]) -> Answered:
    try:
        return count()
    except IntrospectionError as error:
        return error


def _keys(tally: _Tally, key: Sequence[str]) -> KeyCount:
    return count_keys(_held(tally), _ROWS, key)


def _referred(access: RowAccess, tally: _Tally, each: ReferenceContract) -> ReferenceCount:
    there = (access.stored_session(each.table, each.to), each.table, each.to)
    return count_references(_held(tally), _ROWS, each.fields, there)


def _held(tally: _Tally) -> SessionContext:
    context = open_session({})
    context.from_arrow(pa.Table.from_batches(tally.held), name=_ROWS)
    return context
