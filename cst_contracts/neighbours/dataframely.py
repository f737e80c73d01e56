"""Contracts as the Python of dataframely's schemas, which hold types, nulls and limits at every depth."""

import keyword
import re
import unicodedata
from collections.abc import Iterator

import pyarrow as pa

from cst_contracts.contract.model import (
    ExtraFields,
    FieldContract,
    FieldOrder,
    KeyContract,
    TableContract,
)
from cst_contracts.datatypes import is_list
from cst_contracts.neighbours.dataframely_columns import column_text, holds_limit, holds_null
from cst_contracts.neighbours.exported import Exported, left, remarks
from cst_contracts.neighbours.pandera import plain_keys, polars_holds, polars_type
from cst_contracts.neighbours.parts import Part, Said, columns

#: What every schema of dataframely has of its own, so that no field may be called so in Python.
TAKEN = frozenset(
    {
        "cast", "column_names", "columns", "create_empty", "create_empty_if_none", "filter", "is_valid",
        "matches", "primary_key", "sample", "to_pydantic_model", "to_sqlalchemy_columns", "validate",
    }
)  # fmt: skip
#: What the schema's own text calls by these names, which a field would hide from all that follows it.
_IMPORTED = frozenset({"datetime", "dy", "pl"})
_OF_COLUMNS = frozenset({Part.DESCRIPTION, Part.DESCRIPTION_BELOW, Part.METADATA})


def dataframely_schema(contract: TableContract) -> Exported:
    """A class with a column for each field, whose `validate` producers call before they write."""
    keys = _keys(contract)
    names = attribute_names(contract)
    members = [
        *(_member(each, names[each.path], keys) for each in columns(contract)),
        *_joint_keys(contract, keys, {*names.values()}),
    ]
    lines = [
        *(f"# {each}" for each in remarks(contract)),
        "import datetime",
        "",
        "import dataframely as dy",
        "import polars as pl",
        "",
        "",
        f"class {_class_name(contract.name)}(dy.Schema):",
        *(members or ["    pass"]),
    ]
    text = "\n".join(lines) + "\n"
    return Exported(text.encode(), left(contract, lambda each: _holds(contract, keys, each)))


def _member(field: FieldContract, name: str, keys: tuple[KeyContract, ...]) -> str:
    unique = ["unique=True"] if any(key.fields == (field.path,) for key in keys) else []
    alias = [f"alias={field.name!r}"] if name != field.name else []
    return f"    {name} = {column_text(field, *alias, *unique)}"


def _joint_keys(
    contract: TableContract, keys: tuple[KeyContract, ...], taken: set[str]
) -> Iterator[str]:
    names = {each.path: each.name for each in columns(contract)}
    for position, key in enumerate((each for each in keys if len(each.fields) > 1), 1):
        told = ", ".join(repr(names[path]) for path in key.fields)
        yield ""
        yield "    @dy.rule()"
        yield f"    def {_free(f'unique_{position}', taken)}(cls) -> pl.Expr:"
        yield f"        return pl.struct({told}).is_unique()"


def _keys(contract: TableContract) -> tuple[KeyContract, ...]:
    """Of fields whose type polars has: what is in a map does not compare."""
    typed = {each.path for each in columns(contract) if polars_type(each.type)}
    return tuple(each for each in plain_keys(contract) if typed.issuperset(each.fields))


def attribute_names(contract: TableContract) -> dict[str, str]:
    """How Python calls the fields, by their paths: as the contract does where that is a name that is free."""
    made = {each.path: each.name for each in columns(contract) if _is_attribute(each.name)}
    for position, each in enumerate(columns(contract), 1):
        if each.path not in made:
            made[each.path] = _free(f"field_{position}", {*made.values()})
    return made


def _is_attribute(name: str) -> bool:
    """Python takes `ﬁ` for `fi`."""
    is_name = name.isidentifier() and name == unicodedata.normalize("NFKC", name)
    is_name = is_name and not keyword.iskeyword(name)
    return is_name and not name.startswith("_") and name not in TAKEN | _IMPORTED


def _free(name: str, taken: set[str]) -> str:
    return _free(f"{name}_", taken) if name in taken else name


def _class_name(table: str) -> str:
    words = re.split(r"[^A-Za-z0-9]+", table)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"Table{name}"


def _holds(contract: TableContract, keys: tuple[KeyContract, ...], said: Said) -> bool:
    match said.part:
        case Part.TYPE:
            return any(
                polars_holds(each.type) for each in columns(contract) if each.path == said.at
            )
        case Part.NULLABLE | Part.NULLABLE_BELOW:
            return any(holds_null(each) for each in _written(contract, said.at))
        case Part.LIMIT:
            return any(
                limit == said.value and holds_limit(each, limit)
                for each in _written(contract, said.at)
                for limit in each.constraints
            )
        case Part.KEY:
            return said.value in keys
        case Part.FIELD_SET:
            return _is_loose(contract, str(said.value))
        case _:
            of_columns = said.part in _OF_COLUMNS and any(_written(contract, said.at))
            return of_columns or said.part is Part.ABOUT


def _is_loose(contract: TableContract, key: str) -> bool:
    """A frame with other columns, or in another sequence, is valid."""
    if key == "extra_fields":
        return contract.extra_fields is ExtraFields.ALLOW
    return contract.field_order is FieldOrder.ANY


def _written(contract: TableContract, path: str) -> Iterator[FieldContract]:
    """The field of a path where a column stands for it: none is written for what is in a map."""
    for each in columns(contract):
        yield from (node for node in _columns_in(each) if node.path == path)


def _columns_in(field: FieldContract) -> Iterator[FieldContract]:
    yield field
    if pa.types.is_struct(field.type) or is_list(field.type):
        for child in field.children:
            yield from _columns_in(child)
