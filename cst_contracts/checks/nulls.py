"""Do the rows hold no null where none is promised?"""

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import NoNulls
from cst_contracts.checks.tables import unreadable
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Vacuous,
    Verdict,
)
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import NullCount, TableFacts, ValueFacts

_ALLOW_EMPTY = "write `allow_empty: true` on the list or map field if that is fine"


def evaluate_nulls(check: NoNulls, observation: Observation) -> Verdict:
    match observation.table, observation.values:
        case IntrospectionError() as error, _:
            return unreadable(check.place, check.table, error)
        case _, IntrospectionError() as error:
            finding = _finding(check, FindingCode.TABLE_UNREADABLE, error.cause)
            return Undecided(finding, Cause(check.table, "rows"))
        case TableFacts(), ValueFacts() as values:
            return _evaluate(check, values)
        case _:
            raise AssertionError(f"{check.id} was evaluated without its values")


def _finding(check: NoNulls, code: FindingCode, observed: str, hint: str = "") -> Finding:
    return Finding(
        code, check.place, f"{check.table}.{check.field.path}", "no null", observed, hint
    )


def _evaluate(check: NoNulls, values: ValueFacts) -> Verdict:
    count = values.nulls.get(check.field.path)
    match count:
        case None:
            finding = _finding(check, FindingCode.FIELD_MISSING, "no such field to count in")
            return Undecided(finding, Cause(check.table, f"field[{check.field.path}]"))
        case NullCount(refusal=str(refusal)):
            finding = _finding(check, FindingCode.NULL_VALUES, f"at least one null: {refusal}")
            return Broken((finding,), count.basis, values.rows)
        case NullCount(nulls=nulls) if nulls:
            told = f"{nulls} null{'s' if nulls > 1 else ''} among {count.values}"
            finding = _finding(check, FindingCode.NULL_VALUES, told)
            return Broken((finding,), count.basis, values.rows, nulls, count.samples)
        case NullCount(values=0):
            return _nothing(check, values)
        case NullCount():
            return Kept(count.basis, values.rows)


def _nothing(check: NoNulls, values: ValueFacts) -> Verdict:
    if values.rows == 0 and not check.allow_empty:
        return Undecided(
            _finding(check, FindingCode.EMPTY_TABLE, "0 rows to look at"),
            Cause(check.table, "rows"),
        )
    finding = _finding(
        check,
        FindingCode.NOTHING_TO_COUNT,
        f"{values.rows} rows hold no value to look at",
        "" if check.allow_empty else _ALLOW_EMPTY,
    )
    return Vacuous(finding, check.allow_empty, values.basis, values.rows)
