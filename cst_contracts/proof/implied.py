"""Finds which promises about single fields leave a rule no room: to be false, or to be true."""

from collections.abc import Sequence

import pyarrow as pa
from msgspec.structs import replace

from cst_contracts.contract.model import FieldContract, RuleContract, TableContract
from cst_contracts.datatypes import child_path
from cst_contracts.proof.choices import Seeded
from cst_contracts.proof.columns import Drawing, Value
from cst_contracts.proof.limits import limits_passed
from cst_contracts.proof.mentions import mentioned
from cst_contracts.proof.pools import Pool
from cst_contracts.proof.pools_of import pools_of
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.rules import truths

_TRIED = 1_024


def in_its_way(
    contract: TableContract, rule: RuleContract, schema: pa.Schema, *, truth: bool, plain: bool
) -> tuple[str, ...]:
    """The ids of the fewest checks of nulls and values that have to be broken for the rule to be that; none
    where no row that was tried makes it so, whatever it breaks."""
    about = mentioned(rule.sql, schema.names).names
    nodes = [field for field in contract.fields if field.name in about]
    drawn = _without_limits(contract, schema, about, plain=plain)
    columns = [drawn.columns[node.name] for node in nodes]
    told = truths(contract.name, drawn.table(), [rule])
    found = [
        tuple(each for node, value in zip(nodes, row, strict=True) for each in _broken(node, value))
        for row, (found,) in zip(zip(*columns, strict=True), told, strict=True)
        if found is truth
    ]
    return min(found, key=len, default=())


def all_broken(others: Sequence[str]) -> str:
    return f"{' and '.join(others)} {'is' if len(others) == 1 else 'are'} broken"


def _without_limits(
    contract: TableContract, schema: pa.Schema, about: tuple[str, ...], *, plain: bool
) -> Rows:
    """Values within the limits of the fields, and others; nulls in each."""
    free = replace(contract, fields=tuple(map(_free, contract.fields)))
    within = pools_of(contract, schema, plain=plain)
    beyond = pools_of(free, schema, plain=plain)
    names = [child_path("", name) for name in about]
    both = {path: _both(within.get(path), beyond.get(path)) for path in names}
    drawing = Drawing(Seeded(0), {path: pool for path, pool in both.items() if pool}, plain)
    fields = [schema.field(name).with_nullable(True) for name in about]  # noqa: FBT003
    columns = {
        each.name: drawing.column(child_path("", each.name), each, _TRIED) for each in fields
    }
    return Rows(pa.schema(fields), columns)


def _free(field: FieldContract) -> FieldContract:
    return replace(field, constraints=())


def _both(within: Pool | None, beyond: Pool | None) -> Pool | None:
    if within is None or beyond is None:
        return within or beyond
    return beyond.preferring(within.values)


def _broken(node: FieldContract, value: Value) -> tuple[str, ...]:
    if value is None:
        return () if node.nullable else (f"nulls[{node.path}]",)
    if not node.constraints:
        return ()
    (limits,) = limits_passed(node, [value])
    return tuple(f"{limit.kind}[{node.path}]" for limit in limits)
