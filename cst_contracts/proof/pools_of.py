"""The values that the fields of a contract are drawn from, where those of their types would not do."""

from collections.abc import Mapping

import pyarrow as pa

from cst_contracts.contract.model import Extract, TableContract
from cst_contracts.datatypes import child_nodes, child_path
from cst_contracts.proof.limits import limited
from cst_contracts.proof.mentions import constants
from cst_contracts.proof.pools import Pool, pool_of

#: So few values of a partition field make several rows of each.
_PARTITIONS = 2


def pools_of(contract: TableContract, schema: pa.Schema, *, plain: bool) -> Mapping[str, Pool]:
    """By path. Raises NoData where some limit leaves no value."""
    pools: dict[str, Pool] = {}
    for name, values in constants(contract).items():
        path = child_path("", name)
        pools[path] = pool_of(schema.field(name).type, plain=plain).preferring(values)
    for path, keys in _extracted(contract, schema).items():
        pools[path] = Pool(tuple(dict.fromkeys((*keys, "a", "b"))))
    pools.update(limited(contract, pools, plain=plain))
    for partition in contract.source.partitioned_by if contract.source else ():
        path = child_path("", partition.name)
        pool = pools.get(path) or pool_of(schema.field(partition.name).type, plain=True)
        few = tuple(value for value in pool.values if value not in ("", -1))[:_PARTITIONS]
        pools[path] = Pool(few, pool.more)
    return pools


def solid_of(contract: TableContract) -> frozenset[str]:
    """The paths whose nulls are counted: a share of few rows leaves room for none."""
    nodes = (node for field in contract.fields for node in field.walk())
    return frozenset(node.path for node in nodes if node.max_nulls is not None)


def loose_of(contract: TableContract) -> frozenset[str]:
    """The paths of leaves that may be null in every row: no key, no reference and no age needs a value."""
    bound = {path for key in contract.keys for path in key.fields}
    bound |= {path for reference in contract.references for path in reference.fields}
    if contract.freshness is not None:
        bound.add(child_path("", contract.freshness.field))
    nodes = (node for field in contract.fields for node in field.walk())
    return frozenset(node.path for node in nodes if not node.children and node.path not in bound)


def _extracted(contract: TableContract, schema: pa.Schema) -> dict[str, list[str]]:
    """The keys that views take out of maps, by the path of the map's keys."""
    found: dict[str, list[str]] = {}
    for view in contract.views:
        if isinstance(view.definition, Extract) and view.of == contract.name:
            for column, key in view.definition.entries:
                nodes = child_nodes(child_path("", column), schema.field(column).type)
                if nodes and pa.types.is_string(nodes[0].field.type):
                    found.setdefault(nodes[0].path, []).append(key)
    return found
