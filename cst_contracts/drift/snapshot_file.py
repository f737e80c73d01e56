"""The shape of a snapshot file: these structs are what is written, what is read, and its JSON Schema."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

SNAPSHOT_VERSION: Literal[2] = 2


class NodeJson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One field of a schema, or one node below a field.

    `type` is what the contract language compares. `arrow_type` is the engine's own word; it is left out
    where the engine was not asked.
    """

    path: str
    type: str
    arrow_type: str | None = None
    nullable: bool
    metadata: dict[str, str]


class ViewJson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A view of the table's contract: its fields, the functions that it calls, and its logical plan."""

    name: str
    fields: tuple[NodeJson, ...]
    functions: tuple[str, ...]
    plan: tuple[str, ...]


class ReaderJson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reader's query of the table's contract: the functions that it calls, and the fields that it scans."""

    name: str
    functions: tuple[str, ...]
    reads: tuple[str, ...]


class TableJson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table as it was accepted. `metadata` is the schema's own, left out where it has none. `functions`
    and `plan` are a view's, and empty for what is stored. `queries` are left out where there are none."""

    snapshot_version: Literal[2]
    table: str
    partitioned_by: tuple[str, ...]
    ordered_by: tuple[str, ...]
    metadata: dict[str, str] = {}
    fields: tuple[NodeJson, ...]
    functions: tuple[str, ...]
    plan: tuple[str, ...]
    views: tuple[ViewJson, ...]
    queries: tuple[ReaderJson, ...] = ()


class SignatureJson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One overload of a function; `returns` is null where the engine does not say."""

    arguments: tuple[str, ...]
    returns: str | None


class FunctionJson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One function of the session, with its overloads."""

    name: str
    kind: str
    deterministic: bool
    signatures: tuple[SignatureJson, ...]


class SessionJson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session as it was accepted: the settings that differ from the engine's defaults, and its
    functions. `shadowed` are the engine's own functions whose names stand for others."""

    snapshot_version: Literal[2]
    settings: dict[str, str | None]
    shadowed: tuple[str, ...]
    functions: tuple[FunctionJson, ...]


def snapshot_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of snapshot files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cst-contracts:snapshot:{SNAPSHOT_VERSION}",
        "title": "A snapshot of cst-contracts",
        **_either(TableJson, SessionJson),
    }


def _either(*shapes: type[Struct]) -> dict[str, Any]:
    references, definitions = msgspec.json.schema_components(shapes, ref_template="#/$defs/{name}")
    return {"anyOf": list(references), "$defs": definitions}
