"""The Arrow schema of `libcst_files_v1`: one row a source file, its CST tables as lists of structs.

Every `*bstart`/`*bend` pair is a span of byte offsets in the file as stored, start inclusive, end
exclusive.
"""

import hashlib

import pyarrow as pa

TABLE = "libcst_files_v1"
ORDER = ("path", "file_id")
LINE_BASE = 1  # of parse_errors; the nodes' lines count from 0, as `line0` says
COLUMN_UNIT = "utf32"

ATTRS = pa.map_(pa.string(), pa.string())


def _field(name: str, type_: pa.DataType, *, nullable: bool = True, **metadata: str) -> pa.Field:
    return pa.field(name, type_, nullable=nullable, metadata=metadata or None)


def _text(name: str) -> pa.Field:
    return _field(name, pa.string())


def _id(name: str, semantic: str) -> pa.Field:
    return _field(name, pa.string(), nullable=False, semantic=semantic)


def _number(name: str, *, nullable: bool = True) -> pa.Field:
    return _field(name, pa.int32(), nullable=nullable)


def _flag(name: str) -> pa.Field:
    return _field(name, pa.bool_())


def _span(prefix: str = "", *, key: bool = False) -> tuple[pa.Field, pa.Field]:
    """`key`: the start tells the rows of a file apart."""
    start, end = (f"{prefix}bstart", f"{prefix}bend")
    return (
        _field(start, pa.int64(), nullable=not key, unit="byte", bound="inclusive"),
        _field(end, pa.int64(), unit="byte", bound="exclusive"),
    )


def _list(type_: pa.DataType) -> pa.DataType:
    return pa.list_(pa.field("element", type_))  # as Parquet and Delta call it


def _rows(*fields: pa.Field) -> pa.DataType:
    return _list(pa.struct(fields))


_FILE_ID = _id("file_id", "FileId")
_PATH = _id("path", "Path")
_SHA256 = _text("file_sha256")
_COMMON = (_FILE_ID, _PATH, _SHA256)
_ATTRS = _field("attrs", ATTRS)
_POINT = pa.struct([_number("line0"), _number("col")])
_QNAMES = _list(pa.struct([_text("name"), _text("source")]))
_TEXTS = _list(pa.string())

NODE_SPAN = pa.struct(
    [
        _field("start", _POINT),
        _field("end", _POINT),
        _flag("end_exclusive"),
        _text("col_unit"),
        _field("byte_span", pa.struct([_number("byte_start"), _number("byte_len")]), unit="byte"),
    ]
)

_TABLES: dict[str, pa.DataType] = {
    "nodes": _rows(
        _field("cst_id", pa.int64(), nullable=False, semantic="NodeId"),
        _text("kind"),
        _field("span", NODE_SPAN),
        _field("span_ws", NODE_SPAN),
        _ATTRS,
    ),
    "edges": _rows(
        _field("src", pa.int64(), nullable=False, semantic="NodeId"),
        _field("dst", pa.int64(), nullable=False, semantic="NodeId"),
        _text("kind"),
        _text("slot"),
        _number("idx"),
        _ATTRS,
    ),
    "parse_manifest": _rows(
        *_COMMON,
        _text("encoding"),
        _text("default_indent"),
        _text("default_newline"),
        _flag("has_trailing_newline"),
        _field("future_imports", _TEXTS),
        _text("module_name"),
        _text("package_name"),
        _text("libcst_version"),
        _text("parser_backend"),
        _text("parsed_python_version"),
        _text("schema_identity_hash"),
    ),
    "parse_errors": _rows(
        *_COMMON,
        _text("error_type"),
        _text("message"),
        _field("raw_line", pa.int64()),
        _field("raw_column", pa.int64()),
        _field("editor_line", pa.int64()),
        _field("editor_column", pa.int64()),
        _text("context"),
        _number("line_base"),
        _text("col_unit"),
        _flag("end_exclusive"),
        _field("meta", ATTRS),
    ),
    "refs": _rows(
        *_COMMON,
        _id("ref_id", "RefId"),
        _text("ref_kind"),
        _text("ref_text"),
        _text("expr_ctx"),
        _text("scope_type"),
        _text("scope_name"),
        _text("scope_role"),
        _text("parent_kind"),
        _text("inferred_type"),
        *_span(),
        _ATTRS,
    ),
    "imports": _rows(
        *_COMMON,
        _text("kind"),
        _text("module"),
        _number("relative_level"),
        _text("name"),
        _text("asname"),
        _flag("is_star"),
        *_span("stmt_"),
        *_span("alias_", key=True),
        _ATTRS,
    ),
    "callsites": _rows(
        *_COMMON,
        _id("call_id", "CallId"),
        *_span("call_"),
        *_span("callee_"),
        _text("callee_shape"),
        _text("callee_text"),
        _number("arg_count"),
        _text("callee_dotted"),
        _field("callee_qnames", _QNAMES),
        _field("callee_fqns", _TEXTS),
        _text("inferred_type"),
        _ATTRS,
    ),
    "defs": _rows(
        *_COMMON,
        _id("def_id", "DefId"),
        _text("container_def_kind"),
        *_span("container_def_"),
        _text("kind"),
        _text("name"),
        *_span("def_"),
        *_span("name_"),
        _field("qnames", _QNAMES),
        _field("def_fqns", _TEXTS),
        _text("docstring"),
        _number("decorator_count"),
        _ATTRS,
    ),
    "type_exprs": _rows(
        *_COMMON,
        _text("owner_def_kind"),
        *_span("owner_def_"),
        _text("param_name"),
        _text("expr_kind"),
        _text("expr_role"),
        *_span(),
        _text("expr_text"),
    ),
    "docstrings": _rows(
        *_COMMON,
        _field("owner_def_id", pa.string(), semantic="DefId"),
        _text("owner_kind"),
        *_span("owner_def_"),
        _text("docstring"),
        *_span(key=True),
    ),
    "decorators": _rows(
        *_COMMON,
        _id("owner_def_id", "DefId"),
        _text("owner_kind"),
        *_span("owner_def_"),
        _text("decorator_text"),
        _number("decorator_index", nullable=False),
        *_span(),
    ),
    "call_args": _rows(
        *_COMMON,
        _id("call_id", "CallId"),
        *_span("call_"),
        _number("arg_index", nullable=False),
        _text("keyword"),
        _text("star"),
        _text("arg_text"),
        *_span(),
    ),
}

TABLES = tuple(_TABLES)

_FIELDS = (
    _id("repo", "Repo"),
    _PATH,
    _FILE_ID,
    _SHA256,
    *(_field(name, type_) for name, type_ in _TABLES.items()),
    _ATTRS,
)

# Engines and languages print types and metadata differently, so the identity is that of the IPC
# message, which is the same wherever Arrow runs.
IDENTITY = hashlib.sha256(pa.schema(_FIELDS).serialize().to_pybytes()).hexdigest()

FILES_SCHEMA = pa.schema(
    _FIELDS,
    metadata={"table": TABLE, "ordered_by": ",".join(ORDER), "schema_identity_hash": IDENTITY},
)


def table_fields(table: str) -> list[pa.Field]:
    """The fields of one CST table's rows."""
    return list(FILES_SCHEMA.field(table).type.value_type.fields)
