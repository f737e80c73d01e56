"""How many rows, values or groups decided a promise that is kept: over three of them, it says little."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from cst_contracts.checks.check import Check
from cst_contracts.facts import (
    AggregateCount,
    CouldNotLook,
    KeyCount,
    NewestValue,
    NullCount,
    ReferenceCount,
    RowOrder,
    RuleCount,
    ValueCount,
    ValueSpread,
)
from cst_contracts.needs import AggregateNeed, Answers, AnyRowNeed
from cst_contracts.report.manifest_file import Denominator, Outcome, PromiseRecord, Unit

_RowFact: TypeAlias = (
    AggregateCount
    | KeyCount
    | NewestValue
    | NullCount
    | ReferenceCount
    | RowOrder
    | RuleCount
    | ValueCount
    | ValueSpread
)

_SHOWN = 3


def denominator(check: Check, answers: Answers, rows: int) -> Denominator | None:
    """Of a check that is kept: the smallest, where several answers decided; None where it is `rows`, those
    that the verdict tells."""
    found = list(_counts(check, answers, rows))
    if not found:
        return None
    fewest = min(found, key=lambda each: each.count)
    return None if fewest == Denominator(count=rows) else fewest


def fewest_looked_at(records: Sequence[PromiseRecord]) -> str:
    """The promises that were decided by the fewest, where these are fewer than their table has rows: how many
    rows a table has is told of all. Empty for none."""
    rows = {each.subject: each.rows for each in records if each.check == "rows"}
    by_fewest = sorted(_below(records, rows), key=lambda each: each[0].count)
    if not by_fewest:
        return ""
    told = [f"{record.subject} {record.check} ({fewest})" for fewest, record in by_fewest[:_SHOWN]]
    return f"kept by the fewest: {', '.join(told)}"


def _counts(check: Check, answers: Answers, rows: int) -> Iterator[Denominator]:
    for need in check.needs():
        if isinstance(need, AnyRowNeed):
            yield from _of_answer(need, answers[need], rows)


def _of_answer(
    need: AnyRowNeed, answer: _RowFact | CouldNotLook, rows: int
) -> Iterator[Denominator]:
    """Nothing, where the check is kept without it."""
    match answer:
        case AggregateCount(groups=groups) if (
            isinstance(need, AggregateNeed) and need.aggregate.per
        ):
            yield Denominator(count=groups, unit=Unit.GROUP)
        case NullCount(values=count) | ValueCount(values=count) | ValueSpread(values=count):
            yield _of_rows(count, rows)
        case (
            AggregateCount(rows=count)
            | KeyCount(rows=count)
            | ReferenceCount(rows=count)
            | RuleCount(rows=count)
            | NewestValue(rows=count)
            | RowOrder(rows=count)
        ):
            yield _of_rows(count, rows)
        case CouldNotLook():
            return


def _of_rows(count: int, rows: int) -> Denominator:
    return Denominator(count=count, unit=Unit.ROW if count == rows else Unit.VALUE)


def _below(
    records: Sequence[PromiseRecord], rows: Mapping[str, int | None]
) -> Iterator[tuple[Denominator, PromiseRecord]]:
    for record in records:
        of = rows.get(record.subject)
        if record.outcome is not Outcome.KEPT or record.rows is None or not of:
            continue
        fewest = record.decided_by or Denominator(count=record.rows)
        if fewest.count < of:
            yield fewest, record
