"""Fingerprints: short texts that are the same wherever a schema, or a change, is the same."""

import json
from hashlib import sha256

import pyarrow as pa
from msgspec import Struct, to_builtins
from msgspec.structs import astuple

from cst_contracts.datatypes import walk_nodes
from cst_contracts.drift.snapshot import node_snapshot


def schema_fingerprint(schema: pa.Schema) -> str:
    """A digest of every node in order: path, type, nullability and metadata, spelled as in snapshots."""
    nodes = [astuple(node_snapshot(node)) for node in walk_nodes(schema)]
    text = json.dumps(nodes, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def change_fingerprint(contract: str, rule: str, change: Struct) -> str:
    """Eight letters that stand for one change of one contract: the same in every run, and others as soon as
    either side of the change is another."""
    said = [contract, rule, to_builtins(change)]
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode()).hexdigest()[:8]
