"""Writes the contract of a table from what was seen of it, and holds it against the gate before it is out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.plan import plan
from cst_contracts.checks.wording import some
from cst_contracts.contract.model import NullabilityMode, SourceFormat, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.facts import CouldNotLook, Trouble
from cst_contracts.gate.gate import Gate, Judgement, Selected
from cst_contracts.gate.observer import Observer
from cst_contracts.gate.snapshots import NoSnapshots
from cst_contracts.proposals.fields import field_lines, flags_hold
from cst_contracts.proposals.layout import contract_text
from cst_contracts.proposals.limit_clauses import Limits
from cst_contracts.proposals.looking import Order, Seen, Unseen
from cst_contracts.proposals.outline import Outline, SourceLine

_FOOTED = (SourceFormat.PARQUET, SourceFormat.ARROW)


class Proposal(Struct, frozen=True):
    """A contract file that is not written yet. `red` are the promises that the table does not keep, each in
    words: none, unless something here is wrong."""

    table: str
    file: str
    text: str
    fields: int
    rows: int
    notes: tuple[str, ...] = ()
    red: tuple[str, ...] = ()


def outline_of(seen: Seen, limits: Limits = MappingProxyType({})) -> Outline:
    mode = NullabilityMode.STRICT if flags_hold(seen) else None
    notes = (*_order_notes(seen), *_partition_notes(seen))
    functions = () if seen.view is None else seen.view.functions
    return Outline(
        table=seen.name,
        source=_source(seen),
        fields=field_lines(seen, mode, limits),
        nullability=mode,
        functions=functions,
        notes=notes,
    )


def _source(seen: Seen) -> SourceLine | None:
    source = seen.draft.source
    if source.format is None:
        return None if seen.view is None else SourceLine(SourceFormat.VIEW.value)
    order = _kept_order(seen)
    differing = source.format in _FOOTED and bool(seen.files.lacking or seen.files.strangers)
    return SourceLine(
        format=source.format.value,
        location=source.location,
        delimiter=seen.draft.delimiter,
        partitioned_by=_partitions(seen),
        ordered_by=() if order is None else order.terms,
        order_evidence="" if order is None else _order_in_words(order),
        allow_empty=seen.rows == 0,
        missing_allowed=differing,
        missing_evidence=_lacking(seen) if differing else "",
        ignore=seen.draft.ignore,
    )


def _kept_order(seen: Seen) -> Order | None:
    return seen.order if seen.order is not None and not seen.order.rows.violations else None


def _order_in_words(order: Order) -> str:
    return f"the footers claim it, and {order.rows.rows:,} rows are in it ({order.rows.basis})"


def _order_notes(seen: Seen) -> Iterator[str]:
    if seen.order is not None and seen.order.rows.violations:
        terms, rows = ", ".join(term.field for term in seen.order.terms), seen.order.rows
        yield (
            f"not ordered by {terms}, though the footers claim it: "
            f"{rows.violations:,} of {rows.rows:,} rows are out of it"
        )


def _partitions(seen: Seen) -> tuple[str, ...]:
    """None where some folder's name cannot be read as a value: the promise would be red at once."""
    partitions = seen.facts.partitions or ()
    if any(each.unparsed for each in partitions):
        return ()
    return tuple(each.name for each in partitions)


def _partition_notes(seen: Seen) -> Iterator[str]:
    for each in seen.facts.partitions or ():
        if each.unparsed:
            values = some([repr(value) for value in each.unparsed])
            yield f"partitioned by {each.name}, which is not promised: the engine reads {values} as text"


def _lacking(seen: Seen) -> str:
    files = seen.files
    if files.strangers:
        told = f"{some(files.strangers)}, {len(files.strangers)} of {files.files} files"
        return f"most fields are missing in {told}"
    lacking = dict.fromkeys(name for names in files.lacking.values() for name in names)
    told = f"{some(list(lacking))}, {len(lacking)} of {files.files} files"
    return f"{some(list(files.lacking))} {'is' if len(files.lacking) == 1 else 'are'} missing in {told}"


def proven(outline: Outline, observer: Observer, schema: str, file: str, rows: int) -> Proposal:
    """What the table does not keep of its source's promises is left out, and told. Raises InvalidContract
    where the table cannot be written down in the language of contracts, and Unseen where it takes longer than
    a query may to find out whether it keeps it."""
    text = contract_text(outline, schema)
    red = _red(text, observer, file)
    _refuse_slow(outline.table, red)
    relaxed = _relaxed(outline, red)
    if relaxed is not None:
        return proven(relaxed, observer, schema, file, rows)
    told = tuple(_in_words(each) for each in red)
    return Proposal(outline.table, file, text, len(outline.fields), rows, outline.notes, told)


def _refuse_slow(table: str, red: Iterable[Judgement]) -> None:
    for record in (each.record for each in red):
        if record.code is FindingCode.QUERY_TOO_SLOW:
            told = f"nobody knows whether it keeps {record.check}: {record.observed}"
            raise Unseen(CouldNotLook(told, table, trouble=Trouble.SLOW))


def red_checks(contract: TableContract, observer: Observer) -> frozenset[str]:
    """The ids of the promises that make a run red: those that are waived, or only warn, do not."""
    return frozenset(each.record.check for each in _judged(contract, observer))


def red_in_words(text: str, observer: Observer, file: str) -> tuple[str, ...]:
    """What the table does not keep of a contract. Raises InvalidContract."""
    return tuple(map(_in_words, _red(text, observer, file)))


def table_contract(text: str, file: str) -> TableContract:
    """Raises InvalidContract."""
    contract = parse_contract(text.encode(), file)
    if not isinstance(contract, TableContract):
        raise TypeError(f"{file} is no contract of a table")
    return contract


def _red(text: str, observer: Observer, file: str) -> Sequence[Judgement]:
    return _judged(table_contract(text, file), observer)


def _judged(contract: TableContract, observer: Observer) -> Sequence[Judgement]:
    selected = [Selected(contract, check) for check in plan(contract)]
    gate = Gate(observer, selected, [contract], datetime.now().astimezone())
    judged = (gate.judge(each, NoSnapshots()) for each in selected)
    return [each for each in judged if each.failed]


def _relaxed(outline: Outline, red: Iterable[Judgement]) -> Outline | None:
    """None where nothing red is one of the promises that are made on trial."""
    failed = [each for each in red if each.record.check.startswith("order[")]
    if outline.source is None or not outline.source.ordered_by or not failed:
        return None
    terms = ", ".join(term.field for term in outline.source.ordered_by)
    note = f"rows are ordered by {terms}, which is not promised: {_in_words(failed[0])}"
    source = replace(outline.source, ordered_by=(), order_evidence="")
    return replace(outline, source=source, notes=(*outline.notes, note))


def _in_words(judgement: Judgement) -> str:
    record = judgement.record
    return f"{record.check} is {record.outcome}: {record.observed}"
