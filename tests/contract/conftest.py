"""The two contracts that document the language, as text."""

import pytest

ABRIDGED_TABLE = """\
# yaml-language-server: $schema=…
table: cst_refs                   # name as SQL knows it; schema.table and catalog.schema.table work too
version: 1.2.0                    # optional semantic version of this promise; the change gate reads it
description: One row per name reference that LibCST found.
owner: cst-platform

source:                           # optional: without it the table must already be registered in the session
  format: delta                   # parquet | delta | csv | json | arrow | view | catalog
  location: cst_refs              # relative to the lake root, or a URI (file://, s3://, …)
  partitioned_by: [repo, {name: commit, type: string}]
  ordered_by: [path, {field: bstart, direction: desc, nulls: last}]   # default: asc, nulls last
  unbounded: false
  as_of: {version: 12}            # delta only; or {timestamp: 2026-01-31T00:00:00Z}
  statistics: true                # collect statistics at registration
  pruning: true                   # row-group / page pruning
  allow_empty: false              # an empty table breaks its contract unless this says otherwise

fields:
  - {name: file_id, type: string, nullable: false, description: Stable id of the source file.}
  - {name: bstart,  type: int64,  nullable: false}
  - {name: ref_text, type: string, sensitive: true}   # never shown in samples
  - {name: attrs,   type: "map<string, string>", metadata: {semantic: attributes}}
  - name: qnames                  # nested types: in one line …
    type: "list<struct<name: string not null, source: string>>"
  - name: refs                    # … or spelled out, when the leaves deserve words of their own
    type: list<struct>
    fields:
      - {name: ref_id, type: string, nullable: false}
      - {name: span,   type: struct, fields: [{name: bstart, type: int64}, {name: bend, type: int64}]}   # map<string, struct> likewise: fields are the value's
nullability: strict               # values (default): only nulls found are red | strict: flags that allow null, too; also a key of a field
extra_fields: forbid              # forbid (default) | allow: what live fields nobody promised mean
field_order: strict               # strict (default) | any

keys:                             # each entry: a set of fields unique over the table; also reaches into lists (refs[].ref_id)
  - [ref_id]
references:                       # every non-null value exists in the other table
  - {fields: [file_id], table: libcst_files_v1, to: [file_id]}
rules:                            # a boolean SQL expression true of every row (NULL counts as kept, as in SQL CHECK)
  - {name: span_is_forward, sql: bend >= bstart}
  - {name: known_context, sql: "expr_ctx IN ('LOAD', 'STORE', 'DEL')", severity: warn}

views:                            # registered in the session, promised and checked like tables
  - {name: cst_refs_attrs,     expand: attrs, keep: [file_id, ref_id]}          # map → attr_key, attr_value
  - {name: cst_refs_attr_origin, extract: {attrs: origin}, keep: [file_id, ref_id]}
  - {name: cst_ref_spans,      pack: {span: [bstart, bend]}, keep: [file_id, path, ref_id]}
  - {name: cst_ref_span_unnest, flatten: span, of: cst_ref_spans}
  - {name: cst_load_refs,      sql: "SELECT file_id, ref_id FROM cst_refs WHERE expr_ctx = 'LOAD'",
     fields: [{name: file_id, type: string, nullable: false}, {name: ref_id, type: string}]}
  # explode: one row per element of a list<struct> column, its struct's fields as columns
  # - {name: cst_refs, explode: refs, of: libcst_files_v1, keep: [repo]}

functions: [arrow_typeof, unnest, map_entries]     # needed to use this table; see below

waivers:
  - {check: "rule[known_context]", reason: upstream fix pending, owner: cst-platform, expires: 2027-01-31}
"""  # noqa: E501 - as documented

LEFT_OUT = """\
  - {name: path, type: string}
  - {name: ref_id, type: string}
  - {name: bend, type: int64}
  - {name: expr_ctx, type: string}
"""

SESSION = """\
session: cst-runtime
preset: cst                       # a named policy of session settings shipped with the project
settings:                         # each promised as an effective value in information_schema.df_settings
  datafusion.execution.parquet.pushdown_filters: "true"
catalog:                          # auto-load a folder of artifacts as tables
  location: artifacts/
  format: parquet
  tables: [libcst_files_v1, cst_refs]          # reconciled with what was found: missing and unexpected both tell
functions:
  - arrow_typeof
  - {name: unnest, kind: table}
  - {name: map_entries, arguments: [map], returns: list}
"""  # noqa: E501 - as documented


@pytest.fixture
def abridged_table() -> str:
    """Refers to fields that it leaves out for brevity."""
    return ABRIDGED_TABLE


@pytest.fixture
def table() -> str:
    return ABRIDGED_TABLE.replace("nullability: strict", LEFT_OUT + "nullability: strict")


@pytest.fixture
def session() -> str:
    return SESSION
