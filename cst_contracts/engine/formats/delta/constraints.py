"""Reads what a Delta log holds its writers to: CHECK constraints, invariants, generated columns."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from cst_contracts.facts import (
    ConstraintKind,
    LoggedConstraint,
)
from cst_contracts.sql.names import identifier

if TYPE_CHECKING:
    from deltalake import DeltaTable

_CHECK = "delta.constraints."


_INVARIANT = b"delta.invariants"


_GENERATED = b"delta.generationExpression"


def logged_constraints(opened: "DeltaTable") -> tuple[LoggedConstraint, ...]:
    return (*_checks(opened), *_of_fields(pa.schema(opened.schema().to_arrow())))


def _checks(opened: "DeltaTable") -> Iterator[LoggedConstraint]:
    for key, sql in sorted(opened.metadata().configuration.items()):
        if key.startswith(_CHECK):
            yield LoggedConstraint(ConstraintKind.CHECK, key.removeprefix(_CHECK), sql)


def _of_fields(schema: pa.Schema) -> Iterator[LoggedConstraint]:
    for field in schema:
        metadata = field.metadata or {}
        if _INVARIANT in metadata:
            sql = json.loads(metadata[_INVARIANT])["expression"]["expression"]
            yield LoggedConstraint(ConstraintKind.INVARIANT, field.name, sql)
        if _GENERATED in metadata:
            made = metadata[_GENERATED].decode()
            sql = f"{identifier(field.name)} = ({made})"
            yield LoggedConstraint(ConstraintKind.GENERATED, field.name, sql)
