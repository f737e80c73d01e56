from typing import Any

import pyarrow as pa
import pytest

from cst_contracts.extract.calls import CallArg, CallSite
from cst_contracts.extract.columns import array
from cst_contracts.extract.defs import Decorator, Def, Docstring
from cst_contracts.extract.failures import ParseError
from cst_contracts.extract.imports import Import
from cst_contracts.extract.manifest import ParseManifest
from cst_contracts.extract.nodes import Edge, Node
from cst_contracts.extract.refs import Ref
from cst_contracts.extract.schema import FILES_SCHEMA, IDENTITY, TABLES, table_fields
from cst_contracts.extract.type_exprs import TypeExpr

ROWS: dict[str, Any] = {
    "nodes": Node,
    "edges": Edge,
    "parse_manifest": ParseManifest,
    "parse_errors": ParseError,
    "refs": Ref,
    "imports": Import,
    "callsites": CallSite,
    "defs": Def,
    "type_exprs": TypeExpr,
    "docstrings": Docstring,
    "decorators": Decorator,
    "call_args": CallArg,
}


@pytest.mark.parametrize("table", TABLES)
def test_rows_have_the_fields_of_the_schema_in_its_order(table: str) -> None:
    assert list(ROWS[table]._fields) == [field.name for field in table_fields(table)]


@pytest.mark.parametrize("table", TABLES)
def test_only_ids_paths_and_keys_are_promised_not_to_be_null(table: str) -> None:
    required = {field.name for field in table_fields(table) if not field.nullable}
    common = set() if table in {"nodes", "edges"} else {"file_id", "path"}
    own = {
        "nodes": {"cst_id"},
        "edges": {"src", "dst"},
        "refs": {"ref_id"},
        "callsites": {"call_id"},
        "call_args": {"call_id", "arg_index"},
        "defs": {"def_id"},
        "decorators": {"owner_def_id", "decorator_index"},
        "docstrings": {"bstart"},
        "imports": {"alias_bstart"},
    }

    assert required == common | own.get(table, set())


def test_ids_and_spans_say_what_they_are() -> None:
    fields = {field.name: field.metadata for field in table_fields("refs")}

    assert fields["ref_id"] == {b"semantic": b"RefId"}
    assert fields["bend"] == {b"unit": b"byte", b"bound": b"exclusive"}
    assert FILES_SCHEMA.field("path").metadata == {b"semantic": b"Path"}
    assert FILES_SCHEMA.metadata[b"schema_identity_hash"] == IDENTITY.encode()


def test_tuples_become_the_arrays_that_dicts_would() -> None:
    inner = pa.struct([pa.field("n", pa.int64(), nullable=False), ("s", pa.string())])
    type_ = pa.list_(pa.struct([("inner", inner), ("many", pa.list_(inner))]))

    built = array(type_, [[((1, "a"), [(2, None)])], [], [((3, "b"), []), ((4, None), [])]])

    assert built.type == type_
    assert built.to_pylist() == [
        [{"inner": {"n": 1, "s": "a"}, "many": [{"n": 2, "s": None}]}],
        [],
        [
            {"inner": {"n": 3, "s": "b"}, "many": []},
            {"inner": {"n": 4, "s": None}, "many": []},
        ],
    ]
