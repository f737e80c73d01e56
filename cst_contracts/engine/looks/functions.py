"""The session's functions: an inventory, and calls that prove what the inventory does not tell."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.contract.model import FunctionContract, FunctionKind, TypeFamily, TypePattern
from cst_contracts.datatypes import print_type
from cst_contracts.engine.session.boundary import looking_at
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import optimized_plan_of, table_of
from cst_contracts.facts import FunctionFacts, FunctionProbe, Signature, Trouble
from cst_contracts.sql.names import identifier, literal
from cst_contracts.sql.plan_text import column_casts

_ROUTINES = """
SELECT DISTINCT routine_name AS name, function_type AS kind, is_deterministic AS deterministic
FROM information_schema.routines"""
_PARAMETERS = """
SELECT specific_name AS name, rid, parameter_mode AS mode, ordinal_position AS position,
  data_type AS type, is_variadic AS variadic
FROM information_schema.parameters ORDER BY specific_name, rid, parameter_mode, ordinal_position"""

_ARGUMENTS = "__cst_arguments"

#: What the planner knows and information_schema.routines does not list (datafusion 55).
_PLANNER_FUNCTIONS: Mapping[str, tuple[FunctionKind, str, tuple[str, ...]]] = {
    "unnest": (FunctionKind.TABLE, "SELECT unnest([1, 2])", ("list<int64>",)),
}

_UNTOLD = "the engine does not say what it returns; promise its `arguments`, too"

#: Logical types whose name `arrow_cast` does not read, and those that stand for them.
_PHYSICAL: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"\bString\b"), "Utf8"),
    (re.compile(r"\bDate\b"), "Date32"),
    (re.compile(r"\bTime(?=\(m?s\))"), "Time32"),
    (re.compile(r"\bTime(?=\([nµ]s\))"), "Time64"),
    (re.compile(r"\bDecimal\b"), "Decimal128"),
)

#: One representative of each family, for a promise that names no more than the family.
_REPRESENTATIVES: Mapping[TypeFamily, pa.DataType] = {
    TypeFamily.LIST: pa.list_(pa.string()),
    TypeFamily.MAP: pa.map_(pa.string(), pa.string()),
    TypeFamily.STRUCT: pa.struct([pa.field("name", pa.string())]),
}


def function_inventory(context: SessionContext) -> tuple[FunctionFacts, ...]:
    """Sorted by name and kind. What only the planner knows has the signature that its probe shows."""
    signatures = _signatures(context.sql(_PARAMETERS).to_arrow_table().to_pylist())
    routines = context.sql(_ROUTINES).to_arrow_table().to_pylist()
    deterministic: dict[tuple[str, str], bool] = {}
    for row in routines:
        key = (row["name"], row["kind"].lower())
        deterministic[key] = bool(row["deterministic"]) and deterministic.get(key, True)
    listed = [
        FunctionFacts(name, kind, is_deterministic, signatures.get(name, ()))
        for (name, kind), is_deterministic in deterministic.items()
    ]
    found = (*listed, *_of_the_planner(context, {facts.name for facts in listed}))
    return tuple(sorted(found, key=lambda facts: (facts.name, facts.kind)))


def _of_the_planner(context: SessionContext, listed: Set[str]) -> Iterator[FunctionFacts]:
    for name, (kind, call, arguments) in _PLANNER_FUNCTIONS.items():
        probe = _run(context, call, call, (), kind)
        if name not in listed and probe.error is None:
            returned = " or ".join(map(print_type, probe.returns))
            signatures = (Signature(arguments, returned),)
            yield FunctionFacts(name, kind.value, deterministic=True, signatures=signatures)


def _signatures(rows: Iterable[Mapping[str, object]]) -> dict[str, tuple[Signature, ...]]:
    arguments: defaultdict[tuple[str, object], list[str]] = defaultdict(list)
    returns: dict[tuple[str, object], str | None] = {}
    for row in rows:
        overload = (str(row["name"]), row["rid"])
        type_ = None if row["type"] is None else str(row["type"])
        if row["mode"] == "OUT":
            returns[overload] = type_
        else:
            arguments[overload].extend([type_ or "any", *(["…"] if row["variadic"] else [])])
    found: defaultdict[str, set[Signature]] = defaultdict(set)
    for overload in {*arguments, *returns}:
        found[overload[0]].add(Signature(tuple(arguments[overload]), returns.get(overload)))
    return {
        name: tuple(sorted(overloads, key=lambda each: (each.arguments, each.returns or "")))
        for name, overloads in found.items()
    }


def probe_function(
    context: SessionContext, function: FunctionContract, inventory: Iterable[FunctionFacts]
) -> FunctionProbe | None:
    """Runs a call of the function; None where existence and kind are all that is promised of a listed one."""
    planner = _PLANNER_FUNCTIONS.get(function.name)
    named = [facts for facts in inventory if facts.name == function.name]
    listed = [facts for facts in named if planner is None or facts.kind != planner[0]]
    if function.arguments is not None:
        return _call(context, function, function.arguments, listed)
    if not listed and planner is not None:
        kind, call, _ = planner
        return _run(context, call, call, (), kind)
    if function.returns is None or not listed:
        return None
    names = {overload.returns for facts in listed for overload in facts.signatures} - {None}
    told = f"{function.name}(…)"
    if names:
        return _listed(context, told, sorted(map(str, names)))
    without = _call(context, function, (), listed)
    return without if without.error is None else FunctionProbe(told, (), _UNTOLD)


def _call(
    context: SessionContext,
    function: FunctionContract,
    arguments: Sequence[TypePattern],
    listed: Sequence[FunctionFacts],
) -> FunctionProbe:
    told = f"{function.name}({', '.join(map(_told, arguments))})"
    kinds = {facts.kind for facts in listed}
    planner = _PLANNER_FUNCTIONS.get(function.name)
    if kinds == {FunctionKind.TABLE}:
        return FunctionProbe(
            told, (), "a table function cannot be called with typed columns; promise its kind"
        )
    columns = ", ".join(f"a{index}" for index in range(len(arguments)))
    over = " OVER ()" if kinds == {FunctionKind.WINDOW} else ""
    source = f" FROM {_ARGUMENTS}" if arguments else ""
    call = f"SELECT {identifier(function.name)}({columns}){over}{source}"
    return _run(context, call, told, arguments, planner[0] if planner and not listed else None)


def _told(pattern: TypePattern) -> str:
    return pattern.value if isinstance(pattern, TypeFamily) else print_type(pattern)


def _run(
    context: SessionContext,
    call: str,
    told: str,
    arguments: Sequence[TypePattern],
    kind: FunctionKind | None,
) -> FunctionProbe:
    try:
        with looking_at(None), _argument_table(context, arguments):
            frame = context.sql(call)
            returned = pa.schema(frame.schema()).field(0).type
            casts = dict(_casts(context, optimized_plan_of(frame).display_indent()))
            table_of(frame)  # planning alone proves nothing
    except IntrospectionError as error:
        if error.trouble is Trouble.SLOW:
            raise
        return FunctionProbe(told, (), error.reason, kind)
    return FunctionProbe(told, (returned,), None, kind, casts)


def _casts(context: SessionContext, plan: str) -> Iterator[tuple[int, pa.DataType]]:
    """Of the arguments that the function does not take as they are."""
    for column, name in column_casts(plan, _ARGUMENTS):
        type_ = _named_type(context, name)
        if type_ is not None:
            yield int(column.removeprefix("a")), type_


@contextmanager
def _argument_table(context: SessionContext, arguments: Sequence[TypePattern]) -> Iterator[None]:
    """One row with a null of each type: what a call's arguments are typed by."""
    if not arguments:
        yield
        return
    types = [_REPRESENTATIVES[each] if isinstance(each, TypeFamily) else each for each in arguments]
    fields = [pa.field(f"a{index}", type_) for index, type_ in enumerate(types)]
    batch = pa.record_batch([pa.nulls(1, type_) for type_ in types], schema=pa.schema(fields))
    context.register_record_batches(_ARGUMENTS, [[batch]])
    try:
        yield
    finally:
        context.deregister_table(_ARGUMENTS)


def _listed(context: SessionContext, told: str, names: Iterable[str]) -> FunctionProbe:
    """The types that all listed overloads return."""
    returned = [_named_type(context, _castable(name)) for name in names]
    types = tuple(type_ for type_ in returned if type_ is not None)
    if len(types) < len(returned):
        return FunctionProbe(told, (), _UNTOLD)
    return FunctionProbe(told, types)


def _named_type(context: SessionContext, name: str) -> pa.DataType | None:
    """Resolved by the engine; None for a name that the engine itself cannot read."""
    try:
        with looking_at(None):
            cast = context.sql(f"SELECT arrow_cast(NULL, {literal(name)})")
            return pa.schema(cast.schema()).field(0).type
    except IntrospectionError:
        return None


def _castable(name: str) -> str:
    """The inventory names logical types (datafusion 55), casts want the physical ones."""
    for logical, physical in _PHYSICAL:
        name = logical.sub(physical, name)
    return name
