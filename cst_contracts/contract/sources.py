"""The form of a source to its contract."""

from datetime import datetime

import pyarrow as pa

from cst_contracts.contract.fields import read_type
from cst_contracts.contract.forms import Form, Named
from cst_contracts.contract.grammar import Direction, Nulls
from cst_contracts.contract.model import (
    AsOfTimestamp,
    AsOfVersion,
    ExtraConstraints,
    FieldContract,
    OrderingTerm,
    PartitionContract,
    PolicyContract,
    SourceContract,
    SourceFormat,
)
from cst_contracts.contract.names import Promised, refuse_repeats
from cst_contracts.contract.reading import Problems
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.errors import Problem


def build_partitions(table: Form, problems: Problems) -> tuple[PartitionContract, ...]:
    source = table.value("source", Form)
    if source is None:
        return ()
    entries = source.named("partitioned_by", "name")
    refuse_repeats((entry.name for entry in entries), "partition field", problems)
    return tuple(
        PartitionContract(entry.name.text, entry.place, _partition_type(entry, problems))
        for entry in entries
    )


def build_source(
    table: Form,
    partitions: tuple[PartitionContract, ...],
    promised: Promised,
    problems: Problems,
) -> SourceContract | None:
    form = table.value("source", Form)
    if form is None:
        return None
    ordering = _ordering(form, promised, problems)
    if (format_ := form.text("format")) is None:
        return None
    location = form.text("location")
    return SourceContract(
        SourceFormat(format_.text),
        table.key_places["source"],
        location.text if location else None,
        partitions,
        ordering,
        unbounded=_unbounded(form, partitions, problems),
        fifo=form.flag("fifo", default=False),
        as_of=_as_of(form),
        extra_constraints=ExtraConstraints(form.words("extra_constraints", ExtraConstraints.ALLOW)),
        statistics=form.flag("statistics", default=True),
        pruning=form.flag("pruning", default=True),
        policies=tuple(
            PolicyContract(name, form.flag(name, default=True), form.key_places[name])
            for name in ("statistics", "pruning")
            if name in form.values
        ),
        allow_empty=form.flag("allow_empty", default=False),
    )


def refuse_contradictions(
    partitions: tuple[PartitionContract, ...],
    fields: tuple[FieldContract, ...],
    problems: Problems,
) -> None:
    """A partition field may be promised under `fields` too, but not as another type."""
    types: dict[str, pa.DataType] = {field.name: field.type for field in fields}
    for partition in partitions:
        other = types.get(partition.name)
        if other is None or partition.type is None or same_type(partition.type, other):
            continue
        written = shown(print_type(partition.type))
        what = f"partition field {shown(partition.name)} is {written} here"
        instead = f"write {shown(print_type(other))} as under `fields`, or leave `type` out"
        problems.append(Problem(partition.place, what, instead))


def _partition_type(entry: Named, problems: Problems) -> pa.DataType | None:
    text = entry.form.text("type") if entry.form else None
    return read_type(text, problems) if text else None


def _ordering(form: Form, promised: Promised, problems: Problems) -> tuple[OrderingTerm, ...]:
    entries = form.named("ordered_by", "field")
    names = [entry.name for entry in entries]
    refuse_repeats(names, "ordering field", problems)
    promised.refuse_unknown_columns(names, problems)
    return tuple(
        OrderingTerm(
            entry.name.text,
            entry.place,
            descending=entry.form is not None and entry.form.words("direction") == Direction.DESC,
            nulls_first=entry.form is not None and entry.form.words("nulls") == Nulls.FIRST,
        )
        for entry in entries
    )


def _unbounded(form: Form, partitions: tuple[PartitionContract, ...], problems: Problems) -> bool:
    """The engine ignores PARTITIONED BY there: an unbounded source is one file or pipe, not a folder."""
    unbounded = form.flag("unbounded", default=False)
    if unbounded and partitions:
        what = "`partitioned_by` beside `unbounded: true`"
        instead = "leave one of them out: an unbounded source has no folders"
        problems.append(Problem(form.key_places["partitioned_by"], what, instead))
    return unbounded


def _as_of(form: Form) -> AsOfVersion | AsOfTimestamp | None:
    as_of = form.value("as_of", Form)
    if as_of is None:
        return None
    place = form.key_places["as_of"]
    if (version := as_of.value("version", int)) is not None:
        return AsOfVersion(version, place)
    moment = as_of.value("timestamp", datetime)
    return AsOfTimestamp(moment, place) if moment else None
