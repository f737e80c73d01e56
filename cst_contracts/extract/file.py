"""One source file → its row of `libcst_files_v1`, as a record batch of length one."""

import warnings
from collections.abc import Mapping, Sequence
from functools import partial

import pyarrow as pa

from cst_contracts.extract.calls import call_args, callsites
from cst_contracts.extract.columns import array
from cst_contracts.extract.deep import on_deep_stack
from cst_contracts.extract.defs import decorators, defs, docstrings
from cst_contracts.extract.failures import WorkerDiedError, parse_error
from cst_contracts.extract.identity import FileIdentity
from cst_contracts.extract.imports import imports
from cst_contracts.extract.manifest import parse_manifest
from cst_contracts.extract.module_names import ModuleName, module_name, source_folder
from cst_contracts.extract.nodes import edges, nodes
from cst_contracts.extract.parsing import parse
from cst_contracts.extract.refs import refs
from cst_contracts.extract.schema import FILES_SCHEMA, TABLES
from cst_contracts.extract.sources import SourceFile
from cst_contracts.extract.syntax import Syntax
from cst_contracts.extract.type_exprs import type_exprs

Rows = Mapping[str, Sequence[tuple[object, ...]]]


def extract_file(source: SourceFile) -> pa.RecordBatch:
    try:
        data = source.file.read_bytes()
    except OSError as error:
        identity = FileIdentity.of(source.repo, source.path, None)
        return row(identity, {"parse_errors": [parse_error(identity, "read", error)]})
    name = module_name(source.path, source.source_folder)
    return on_deep_stack(partial(_extracted, source.repo, source.path, name, data))


def extract_bytes(repo: str, path: str, data: bytes) -> pa.RecordBatch:
    """The row of a file with these bytes. What lies beside it is not known, so that a folder `src` is
    taken for no package."""
    name = module_name(path, source_folder(path))
    return on_deep_stack(partial(_extracted, repo, path, name, data))


def _extracted(repo: str, path: str, name: ModuleName, data: bytes) -> pa.RecordBatch:
    identity = FileIdentity.of(repo, path, data)
    # LibCST evaluates string literals, and Python warns of their escapes: a matter of that source.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        syntax, errors = parse(identity, name, data)
        try:
            tables = {} if syntax is None else _tables(syntax)
            return row(identity, {"parse_errors": errors, **tables}, size=len(data))
        except Exception as error:  # noqa: BLE001  # one file must not end the others' extraction
            errors = (*errors, parse_error(identity, "tables", error))
            return row(identity, {"parse_errors": errors}, size=len(data))


def lost_file(source: SourceFile) -> pa.RecordBatch:
    """The row of a file whose reading took its process down."""
    identity = FileIdentity.of(source.repo, source.path, None)
    error = WorkerDiedError("the process that read this file died")
    return row(identity, {"parse_errors": [parse_error(identity, "parse", error)]})


def row(identity: FileIdentity, tables: Rows, *, size: int | None = None) -> pa.RecordBatch:
    attrs = () if size is None else (("bytes", str(size)),)
    values = [
        identity.repo,
        identity.path,
        identity.file_id,
        identity.sha256,
        *(tables.get(table, ()) for table in TABLES),
        attrs,
    ]
    arrays = [array(field.type, [value]) for field, value in zip(FILES_SCHEMA, values, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=FILES_SCHEMA)


def _tables(syntax: Syntax) -> Rows:
    return {
        "nodes": list(nodes(syntax)),
        "edges": list(edges(syntax)),
        "parse_manifest": [parse_manifest(syntax)],
        "refs": list(refs(syntax)),
        "imports": list(imports(syntax)),
        "callsites": list(callsites(syntax)),
        "defs": list(defs(syntax)),
        "type_exprs": list(type_exprs(syntax)),
        "docstrings": list(docstrings(syntax)),
        "decorators": list(decorators(syntax)),
        "call_args": list(call_args(syntax)),
    }
