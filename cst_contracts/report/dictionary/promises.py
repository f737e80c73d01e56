"""What a contract promises of its fields and rows, in words that tell no sensitive value."""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.checks.value_constraints import in_words
from cst_contracts.contract.model import (
    NOTHING_TOLERATED,
    FieldContract,
    Limit,
    Matching,
    OfLength,
    OneOf,
    Severity,
    TableContract,
    Tolerance,
    ViewContract,
    Within,
)
from cst_contracts.datatypes.values import Family, family
from cst_contracts.report.markup import code_in_table, escaped

_OF_FIELD = ("field", "nulls", "enum", "range", "pattern", "length")

#: A table's name to the way to its page, where the dictionary has one.
Link: TypeAlias = Callable[[str], str]


class Line(Struct, frozen=True):
    """A promise about rows: the check that answers for it, and its words as Markdown."""

    check: str
    words: str


def checks_of(field: FieldContract) -> tuple[str, ...]:
    """The ids of all checks that can be about a field; a contract has some of them."""
    return tuple(f"{kind}[{field.path}]" for kind in _OF_FIELD)


def field_words(field: FieldContract) -> str:
    """What its values may be, beside its type."""
    return "; ".join(_field_words(field))


def _field_words(field: FieldContract) -> Iterator[str]:
    if field.max_nulls is not None:
        yield escaped(f"at most {field.max_nulls} null")
    for each in field.constraints:
        words = _hidden(each.limit) if field.sensitive else _shown(field, each.limit)
        yield words + _tolerated(each.tolerance)
    yield from (code_in_table(f"{key}: {value}") for key, value in field.metadata)
    if field.sensitive:
        yield "sensitive: values are never shown"
    if field.severity is not Severity.ERROR:
        yield "only warns"


def _shown(field: FieldContract, limit: Limit) -> str:
    return code_in_table(in_words(limit, of_text=family(field.type) is Family.TEXT))


def _hidden(limit: Limit) -> str:
    match limit:
        case OneOf(values=values):
            return f"one of {len(values)} values"
        case Within():
            return "within bounds"
        case Matching():
            return "matches a pattern"
        case OfLength():
            return "of bounded length"


def row_lines(contract: TableContract, link: Link) -> Iterator[Line]:
    """Keys, references, rules, aggregates and freshness."""
    for key in contract.keys:
        words = f"{_names(key.fields)} unique{_tolerated(key.tolerance)}"
        yield Line(f"unique[{','.join(key.fields)}]", words)
    for each in contract.references:
        check = f"reference[{','.join(each.fields)}→{each.table}.{','.join(each.to)}]"
        words = f"{_names(each.fields)} found in {_names(each.to)} of {link(each.table)}"
        yield Line(check, words + _tolerated(each.tolerance))
    for rule in contract.rules:
        words = sql_words(contract, rule.sql) + _tolerated(rule.tolerance)
        yield Line(f"rule[{rule.name}]", words + _warns(rule.severity))
    for aggregate in contract.aggregates:
        per = f" per {_names(aggregate.per)}" if aggregate.per else ""
        words = f"{sql_words(contract, aggregate.sql)}{per}"
        yield Line(f"aggregate[{aggregate.name}]", words + _warns(aggregate.severity))
    if (freshness := contract.freshness) is not None:
        words = f"a row of the last {escaped(freshness.span)}, by {_names((freshness.field,))}"
        yield Line(f"freshness[{freshness.field}]", words)


def sql_words(contract: TableContract, sql: str) -> str:
    """A condition on a sensitive field may name one of its values."""
    words = {each.casefold() for each in re.findall(r"\w+", sql)}
    hidden = [name for name in sensitive_names(contract) if name.casefold() in words]
    if hidden:
        return f"a condition on {_names(tuple(hidden))}, not shown: it is sensitive"
    return code_in_table(sql)


def sensitive_names(contract: TableContract) -> tuple[str, ...]:
    """Of fields at any depth, in views, too."""
    fields = (*contract.fields, *(field for view in contract.views for field in view.fields))
    nodes = (node for field in fields for node in field.walk() if node.sensitive)
    return tuple(dict.fromkeys(node.name for node in nodes))


def view_words(view: ViewContract) -> str:
    """How it is made, and what of; its SQL stays in the contract."""
    kind = type(view.definition).__name__.lower()
    return "a query of the contract" if kind == "sql" else f"{kind} of {code_in_table(view.of)}"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(code_in_table, names))


def _tolerated(tolerance: Tolerance) -> str:
    nothing = tolerance == NOTHING_TOLERATED
    return "" if nothing else f"; at most {escaped(str(tolerance))} may break it"


def _warns(severity: Severity) -> str:
    return "" if severity is Severity.ERROR else " (only warns)"
