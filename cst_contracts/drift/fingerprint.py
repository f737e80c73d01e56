"""Fingerprints a schema: a short text that is the same wherever the schema is."""

import json
from hashlib import sha256

import pyarrow as pa
from msgspec.structs import astuple

from cst_contracts.datatypes import walk_nodes
from cst_contracts.drift.snapshot import node_snapshot


def schema_fingerprint(schema: pa.Schema) -> str:
    """A digest of every node in order: path, type, nullability and metadata, spelled as in snapshots."""
    nodes = [astuple(node_snapshot(node)) for node in walk_nodes(schema)]
    text = json.dumps(nodes, ensure_ascii=True, separators=(",", ":"))
    return f"sha256:{sha256(text.encode()).hexdigest()}"
