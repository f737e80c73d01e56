"""What every script checks, and how it ends. Each runs in its own environment, so nothing else is shared."""

import json
import sys
from collections.abc import Mapping
from typing import NoReturn

TEXTS = (
    "file_id",
    "path",
    "file_sha256",
    "ref_id",
    "ref_kind",
    "ref_text",
    "expr_ctx",
    "scope_type",
    "scope_name",
)
WHOLES = ("bstart", "bend")
FIELDS = (*TEXTS, *WHOLES, "attrs")
REQUIRED = ("file_id", "path", "ref_id", "bstart", "bend")
CONTEXTS = ("LOAD", "STORE", "DEL")

NULLS, DUPLICATES, DISORDER = "nulls", "duplicates", "disorder"
OUTSIDE, BACKWARDS = "outside", "backwards"
MISSING_FIELD, WRONG_TYPE = "missing-field", "wrong-type"


def end(found: Mapping[str, int]) -> NoReturn:
    """Prints the violations by kind, as the benchmark reads them, and exits as a check does."""
    red = {kind: count for kind, count in found.items() if count}
    print("found", json.dumps(red))
    sys.exit(1 if red else 0)


def end_if_the_fields_differ(found: Mapping[str, str], promised: Mapping[str, str]) -> None:
    """Types are compared as their engine prints them."""
    missing = [name for name in promised if name not in found]
    retyped = [name for name in promised if name in found and found[name] != promised[name]]
    if missing or retyped or list(found) != list(promised):
        end({MISSING_FIELD: len(missing), WRONG_TYPE: len(retyped)})
