"""Tries out rows of the fields that rules are about: which keep every rule, and which break one."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.model import RuleContract, TableContract
from cst_contracts.proof.choices import Seeded
from cst_contracts.proof.columns import Drawing, Value
from cst_contracts.proof.errors import NoRow
from cst_contracts.proof.implied import all_broken, in_its_way
from cst_contracts.proof.mentions import mentioned
from cst_contracts.proof.pools import Pool
from cst_contracts.proof.pools_of import pools_of, solid_of
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.rules import truths

_TRIED = 2_048


class Ruled(Struct, frozen=True):
    """Fields that rules tie together: a rule that mentions two of them ties these.

    `keeping` are rows of these fields alone that break none of the `rules`: first the `certain` ones, of
    which all rules are true but for those that may be NULL, and the simplest first. `breaking` has by the
    name of a rule the rows of which it alone is false; `together` has the rules that are false wherever that
    one is.
    """

    names: tuple[str, ...]
    rules: tuple[RuleContract, ...]
    keeping: tuple[tuple[Value, ...], ...]
    certain: int
    breaking: Mapping[str, tuple[tuple[Value, ...], ...]]
    together: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=64)
def ruled_of(contract: TableContract, schema: pa.Schema, plain: bool) -> tuple[Ruled, ...]:  # noqa: FBT001
    """`plain`: of values that every format holds. Raises NoRow where no row is found that keeps the
    rules, or the engine refuses one."""
    pools = pools_of(contract, schema, plain=plain)
    return tuple(
        _tried(contract, names, rules, schema, pools, plain=plain)
        for names, rules in _tied(contract.rules, schema.names)
    )


def _tied(
    rules: Iterable[RuleContract], names: Sequence[str]
) -> list[tuple[tuple[str, ...], tuple[RuleContract, ...]]]:
    """A rule without a known field is tied to nothing: whoever plans it tells."""
    groups: list[tuple[set[str], list[RuleContract]]] = []
    for rule in rules:
        about = set(mentioned(rule.sql, names).names)
        met = [each for each in groups if each[0] & about]
        groups = [each for each in groups if not each[0] & about]
        together = about.union(*(each[0] for each in met))
        groups.append((together, [*(old for each in met for old in each[1]), rule]))
    return [
        (tuple(name for name in names if name in about), tuple(tied))
        for about, tied in groups
        if about
    ]


def _tried(
    contract: TableContract,
    names: tuple[str, ...],
    rules: tuple[RuleContract, ...],
    schema: pa.Schema,
    pools: Mapping[str, Pool],
    *,
    plain: bool,
) -> Ruled:
    drawing = Drawing(Seeded(0), pools, plain, solid_of(contract))
    fields = [schema.field(name) for name in names]
    columns = {each.name: drawing.column(each.name, each, _TRIED) for each in fields}
    drawn = Rows(pa.schema(fields), columns)
    rows = list(zip(*columns.values(), strict=True))
    told = truths(contract.name, drawn.table(), rules)
    needed = [index for index, rule in enumerate(rules) if not rule.allow_empty]
    keeping = [
        (not all(truth[index] for index in needed), len(repr(row)), number)
        for number, (row, truth) in enumerate(zip(rows, told, strict=True))
        if False not in truth
    ]
    certain = sum(1 for unsure, *_ in keeping if not unsure)
    if not certain:
        raise _unkept(contract, schema, rules, told, needed, plain=plain)
    simplest = tuple(rows[number] for *_, number in sorted(keeping))
    return Ruled(names, rules, simplest, certain, *_broken(rules, rows, told))


def _broken(
    rules: Sequence[RuleContract],
    rows: Sequence[tuple[Value, ...]],
    told: Sequence[tuple[bool | None, ...]],
) -> tuple[dict[str, tuple[tuple[Value, ...], ...]], dict[str, tuple[str, ...]]]:
    breaking: dict[str, tuple[tuple[Value, ...], ...]] = {}
    together: dict[str, tuple[str, ...]] = {}
    for index, rule in enumerate(rules):
        false = [number for number, truth in enumerate(told) if truth[index] is False]
        alone = [number for number in false if list(told[number]).count(False) == 1]
        breaking[rule.name] = tuple(
            sorted((rows[n] for n in alone), key=lambda row: len(repr(row)))
        )
        if false and not alone:
            others = (other for other in range(len(rules)) if other != index)
            always = [n for n in others if all(told[number][n] is False for number in false)]
            together[rule.name] = tuple(rules[n].name for n in always)
    return breaking, together


def _unkept(
    contract: TableContract,
    schema: pa.Schema,
    rules: Sequence[RuleContract],
    told: Sequence[tuple[bool | None, ...]],
    needed: Sequence[int],
    *,
    plain: bool,
) -> NoRow:
    """A rule that is NULL wherever it is not false says nothing of any row, and is not kept, either."""
    tried = f"none of {len(told)} rows that were tried"
    never = [rules[index] for index in needed if not any(truth[index] for truth in told)]
    if never:
        barred = {
            rule.name: in_its_way(contract, rule, schema, truth=True, plain=plain) for rule in never
        }
        told_names = (f"rule[{name}]{_only_where(others)}" for name, others in barred.items())
        return NoRow(tuple(barred), f"{tried} makes {' or '.join(told_names)} true", never[0].place)
    *others, last = rules
    beside = ", ".join(f"rule[{rule.name}]" for rule in others)
    why = f"{tried} keeps rule[{last.name}] together with {beside}"
    return NoRow((last.name,), why, last.place)


def _only_where(others: Sequence[str]) -> str:
    return f" (true only where {all_broken(others)})" if others else ""
