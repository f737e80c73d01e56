"""Makes keys unique, with as few changes as it takes."""

from collections.abc import Iterator, Sequence

from cst_contracts.contract.model import KeyContract, TableContract
from cst_contracts.datatypes import child_path, find_node, top_level
from cst_contracts.proof.columns import Value
from cst_contracts.proof.limits import pool_at
from cst_contracts.proof.mentions import mentioned
from cst_contracts.proof.pools import Pool
from cst_contracts.proof.references import tuples
from cst_contracts.proof.rows import Rows, Slot


def unique(contract: TableContract, rows: Rows, *, plain: bool) -> tuple[Rows, set[str]]:
    """Rows whose keys repeat get other values, and are left out where there are none. With the names of the
    fields that were changed."""
    touched: set[str] = set()
    for key in contract.keys:
        spoiled = set()
        free = _free(contract, rows, key)
        pool = _pool(contract, rows, free, plain=plain)
        used: dict[str, None] = dict.fromkeys(repr(slot.value) for slot in rows.slots(free))
        fresh = _further(pool, used)
        seen: set[str] = set()
        for slots in tuples(rows, key.fields):
            if any(slot.value is None for slot in slots):
                continue
            if identity(slots) not in seen:
                seen.add(identity(slots))
                continue
            changed = _changed(slots, key.fields.index(free), fresh, seen)
            if changed:
                touched.add(top_level(free))
            else:
                spoiled.add(slots[0].row)
        if spoiled:
            rows = rows.take([row for row in range(rows.count) if row not in spoiled])
    return rows, touched


def identity(slots: Sequence[Slot]) -> str:
    return repr([slot.value for slot in slots])


def _free(contract: TableContract, rows: Rows, key: KeyContract) -> str:
    """The field whose values are the easiest to change: in no rule, no reference, and not of few values."""
    ruled = {
        name for each in contract.rules for name in mentioned(each.sql, rows.schema.names).names
    }
    referring = {path for each in contract.references for path in each.fields}
    source = contract.source
    partitions = {child_path("", each.name) for each in source.partitioned_by} if source else set()

    def burden(path: str) -> int:
        few = _pool(contract, rows, path, plain=True).more is None
        return (
            8 * (path in referring)
            + 4 * (few or path in partitions)
            + 2 * (top_level(path) in ruled)
        )

    return min(reversed(key.fields), key=burden)


def _pool(contract: TableContract, rows: Rows, path: str, *, plain: bool) -> Pool:
    node = find_node(rows.schema, path)
    if node is None or node.field.type.num_fields:
        return Pool(())
    return pool_at(contract, path, node.field.type, plain=plain)


def _further(pool: Pool, used: dict[str, None]) -> Iterator[Value]:
    """Values of a pool that a column does not have."""
    for value in pool.values:
        if repr(value) not in used:
            yield value
    number = 0
    while pool.more is not None and (value := pool.more(number)) is not None:
        number += 1
        if repr(value) not in used:
            yield value


def _changed(slots: tuple[Slot, ...], index: int, fresh: Iterator[Value], seen: set[str]) -> bool:
    value = next(fresh, None)
    if value is None:
        return False
    slots[index].put(value)
    told = [slot.value for slot in slots]
    told[index] = value
    seen.add(repr(told))
    return True
