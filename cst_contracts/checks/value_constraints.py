"""Are the values of a field those that it may have: listed, in range, of a form, of a length?"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.row_promise import count_rows, nothing_to_count, other_rows, unmeasured
from cst_contracts.checks.tolerated import Violations, judge_count, tolerating
from cst_contracts.checks.verdict import Cause, Undecided, Verdict
from cst_contracts.checks.wording import counted, finding, some
from cst_contracts.contract.model import (
    Contract,
    FieldContract,
    Limit,
    LimitKind,
    Matching,
    OfLength,
    OneOf,
    Severity,
    TableContract,
    Tolerance,
    ValueConstraint,
    Within,
)
from cst_contracts.datatypes import find_node, print_type, same_type
from cst_contracts.datatypes.values import Family, family
from cst_contracts.facts import CouldNotLook, TableFacts, ValueCount
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, RowCountNeed, SchemaNeed, ValuesNeed

#: What a value is that is beyond a limit.
CODES: Mapping[LimitKind, FindingCode] = {
    LimitKind.ENUM: FindingCode.VALUE_NOT_LISTED,
    LimitKind.RANGE: FindingCode.VALUE_OUT_OF_RANGE,
    LimitKind.PATTERN: FindingCode.PATTERN_NOT_FOUND,
    LimitKind.LENGTH: FindingCode.VALUE_LENGTH,
}
_ALLOW_EMPTY = "write `allow_empty: true` on the field if that is fine"


class ValuesKept(Struct, frozen=True):
    """All values of a field, or of a node below one, are within a limit. A null is no value."""

    table: str
    field: FieldContract
    constraint: ValueConstraint
    allow_empty: bool
    id: str
    group: ClassVar[Group] = Group.VALUES
    reads_rows: ClassVar[bool] = True

    @property
    def place(self) -> Location:
        return self.constraint.place

    @property
    def subject(self) -> str:
        return f"{self.table}.{self.field.path}"

    @property
    def severity(self) -> Severity:
        return self.field.severity

    @property
    def tolerance(self) -> Tolerance:
        return self.constraint.tolerance

    @property
    def promise(self) -> str:
        words = in_words(self.constraint.limit, of_text=family(self.field.type) is Family.TEXT)
        return tolerating(words, self.tolerance)

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.field.path,)

    @property
    def presence(self) -> tuple[str, ...]:
        return (f"field[{self.field.path}]",)

    @property
    def question(self) -> ValuesNeed:
        limit, told = self.constraint.limit, not self.field.sensitive
        return ValuesNeed(self.table, self.field.path, limit, told, self.tolerance)

    def needs(self) -> tuple[AnyNeed, ...]:
        return SchemaNeed(self.table), RowCountNeed(self.table), self.question

    def judge(self, answers: Answers) -> Verdict:
        match count_rows(self, answers):
            case int(rows):
                other = _other_type(self, answers[SchemaNeed(self.table)])
                return other or _judge(self, answers[self.question], rows)
            case stopped:
                return stopped


def value_checks(contract: Contract) -> Iterator[Check]:
    if isinstance(contract, TableContract):
        for field in contract.fields:
            yield from values_below(contract.name, field, allow_empty=contract.allow_empty)


def values_below(relation: str, field: FieldContract, *, allow_empty: bool) -> Iterator[ValuesKept]:
    """Of a field and all nodes below it, what is promised of their values."""
    for node in field.walk():
        for each in node.constraints:
            id_ = f"{each.limit.kind}[{node.path}]"
            yield ValuesKept(relation, node, each, allow_empty or node.allow_empty, id_)


def in_words(limit: Limit, *, of_text: bool = False) -> str:
    """What is promised. `of_text`: what is listed and compared is text, and is shown in quotes."""
    match limit:
        case OneOf(values=values):
            listed = [repr(each) if of_text else each for each in values]
            return f"one of {some(listed, 8)}"
        case Within():
            return " and ".join(_bounds(limit, of_text=of_text))
        case Matching(pattern=pattern):
            return f"matches {pattern}"
        case OfLength():
            return " and ".join(_lengths(limit, "character" if of_text else "byte"))


def _bounds(limit: Within, *, of_text: bool) -> Iterator[str]:
    if limit.lower is not None:
        lower = repr(limit.lower) if of_text else limit.lower
        yield f"{'more than' if limit.lower_open else 'at least'} {lower}"
    if limit.upper is not None:
        upper = repr(limit.upper) if of_text else limit.upper
        yield f"{'less than' if limit.upper_open else 'at most'} {upper}"


def _lengths(limit: OfLength, noun: str) -> Iterator[str]:
    if limit.least is not None:
        yield f"at least {counted(limit.least, noun)}"
    if limit.most is not None:
        yield f"at most {counted(limit.most, noun)}"


def _other_type(check: ValuesKept, facts: TableFacts | CouldNotLook) -> Undecided | None:
    """Values of another type than the promised one are red at the field itself."""
    if isinstance(facts, CouldNotLook):
        return None
    node = find_node(facts.schema, check.field.path)
    if node is None or same_type(node.field.type, check.field.type):
        return None
    observed = f"values of type {print_type(node.field.type)}"
    found = finding(check, FindingCode.TYPE_MISMATCH, check.promise, observed)
    return Undecided(found, Cause(check.table, f"field[{check.field.path}]"))


def _judge(check: ValuesKept, answer: ValueCount | CouldNotLook, rows: int) -> Verdict:
    match answer:
        case CouldNotLook() as trouble:
            return unmeasured(check, trouble)
        case ValueCount(rows=read) if read != rows:
            return other_rows(check, rows, read)
        case ValueCount(values=0):
            return nothing_to_count(check, f"{rows} rows hold no value to look at", _ALLOW_EMPTY)
        case ValueCount() as count:
            observed = _observed(count)
            code = CODES[check.constraint.limit.kind]
            found = Violations(count.violations, count.values, observed, code, count.samples)
            return judge_count(check, found, count.basis, count.rows)


def _observed(count: ValueCount) -> str:
    share = f"{count.violations} of {counted(count.values, 'value')}"
    if count.frequent is None:
        return share
    if not count.frequent:
        return f"{share}, too many different ones to list"
    frequent = ", ".join(f"{text} ({times})" for text, times in count.frequent)
    others = f" and {counted(count.others, 'other')}" if count.others else ""
    return f"{share}: {frequent}{others}"
