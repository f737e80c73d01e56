"""What a clause of the language is, and what one clause knows of the others when it is read."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.clauses.field import FieldContract, build_fields
from cst_contracts.contract.clauses.partition import PartitionContract, build_partitions
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import Key, Record
from cst_contracts.contract.names import Columns, Promised, Types
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.datatypes import child_path

TABLE = "table"
SESSION = "session"


class Scope(Struct, frozen=True):
    """A contract's form with what its clauses may refer to: fields, and fields of partitions.

    In a session contract there is nothing to refer to. Builders add what is wrong to `problems`.
    """

    form: Form
    problems: Problems
    fields: tuple[FieldContract, ...] = ()
    partitions: tuple[PartitionContract, ...] = ()
    promised: Promised = Promised(Columns("", {}), (), complete=False)


class Clause(Struct, frozen=True):
    """One clause of a contract: the key that it stands under, and how its value is made.

    What `build` returns goes into the field of `TableContract` or `SessionContract` that has the key's
    name. `records` are the mappings that only this clause has, under the names by which the grammar
    knows them; `contracts` says in which contracts the clause may stand.
    """

    key: Key
    build: Callable[[Scope], object]
    records: Mapping[str, Record] = MappingProxyType({})
    contracts: frozenset[str] = frozenset({TABLE})


EVERYWHERE = frozenset({TABLE, SESSION})
IN_SESSIONS = frozenset({SESSION})


def table_scope(form: Form, problems: Problems) -> Scope:
    """Reads the fields first: all other clauses of a table contract may refer to them."""
    fields = build_fields(form.forms("fields"), problems)
    partitions = build_partitions(form.value("source", Form), problems)
    promised = _promised(
        (field.text("name") for field in form.forms("fields")),
        fields,
        {partition.name: partition.type for partition in partitions},
        form.words(TABLE),
    )
    return Scope(form, problems, fields, partitions, promised)


def _promised(
    names: Iterable[Scalar | None],
    fields: Iterable[FieldContract],
    partitions: Types,
    table: str,
) -> Promised:
    """What clauses may refer to. `names` has None where a field's name could not be read."""
    built = {field.name: field for field in fields}
    written = tuple(names)
    types: dict[str, pa.DataType | None] = {}
    paths: list[str] = []
    for name in (name.text for name in written if name):
        types[name] = built[name].type if name in built else None
        nodes = built[name].walk() if name in built else ()
        paths += [node.path for node in nodes] or [child_path("", name)]
    for name, type_ in partitions.items():
        if name not in types:
            types[name] = type_
            paths.append(child_path("", name))
    return Promised(Columns(table, types), tuple(paths), complete=None not in written)
