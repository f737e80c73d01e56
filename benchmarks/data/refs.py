"""Rows of `cst_refs` by their number: a hundred to a path, sorted by path, file_id and bstart."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SEED = 7
ROWS_A_PATH = 100
ROW_GROUP = 131_072

_Numbers: TypeAlias = npt.NDArray[np.int64]
_Hashes: TypeAlias = npt.NDArray[np.uint64]

_KINDS = ("name", "attribute", "import")
CONTEXTS = ("LOAD", "STORE", "DEL")
_SCOPES = ("GlobalScope", "ClassScope", "FunctionScope", "ComprehensionScope")
_VERBS = ("get", "set", "load", "visit", "emit", "scan", "plan", "parse")
_NOUNS = ("name", "id", "index", "value", "items", "span", "parent", "child", "type", "text")
_WORDS = [f"{verb}_{noun}" for verb in _VERBS for noun in _NOUNS]
_SCOPE_NAMES = [f"{a}.{b}.{c}" for a in ("core", "api") for b in ("Reader", "Plan") for c in _VERBS]
_ATTRIBUTES = ("qname", "inferred_type", "origin")

_REQUIRED = ("file_id", "path", "ref_id", "bstart", "bend")
_STORED_NULLABLE = pa.schema(
    [
        *((name, pa.string()) for name in ("file_id", "path", "file_sha256", "ref_id", "ref_kind")),
        *((name, pa.string()) for name in ("ref_text", "expr_ctx", "scope_type", "scope_name")),
        ("bstart", pa.int64()),
        ("bend", pa.int64()),
        ("attrs", pa.map_(pa.string(), pa.string())),
    ]
)
SCHEMA = pa.schema([field.with_nullable(field.name not in _REQUIRED) for field in _STORED_NULLABLE])


def nullable(table: pa.Table) -> pa.Table:
    """Faulty rows need a schema that lets a null be stored."""
    return table.cast(_STORED_NULLABLE)


def rows(start: int, count: int) -> pa.Table:
    """`start` is the number of a path's first row."""
    random = np.random.default_rng([SEED, start])
    numbers = np.arange(start, start + count, dtype=np.int64)
    paths, path_of_row = np.unique(numbers // ROWS_A_PATH, return_inverse=True)
    bstart = _starts(numbers, random)
    bend = bstart + random.integers(1, 25, count)
    at = pa.array(path_of_row.astype(np.int32))
    columns = [
        file_ids(paths).take(at),
        _path_names(paths).take(at),
        _digests(paths).take(at),
        ref_ids(numbers),
        _picked(_KINDS, count, random, (0.62, 0.33, 0.05)),
        _picked(_WORDS, count, random),
        _picked(CONTEXTS, count, random, (0.8, 0.19, 0.01)),
        _picked(_SCOPES, count, random),
        _picked(_SCOPE_NAMES, count, random),
        pa.array(bstart),
        pa.array(bend),
        _attributes(count, random),
    ]
    return pa.table(columns, schema=SCHEMA)


def file_ids(paths: _Numbers) -> pa.Array:
    return _hex(_mixed(paths.astype(np.uint64) * np.uint64(3) + np.uint64(1)))


def ref_ids(numbers: _Numbers) -> pa.Array:
    return _hex(_mixed(numbers.astype(np.uint64)))


def _path_names(paths: _Numbers) -> pa.Array:
    """Padded, so that the order of the texts is that of the numbers."""
    return pa.array(
        [f"src/pkg_{i // 5000:04d}/sub_{(i // 50) % 100:02d}/module_{i:07d}.py" for i in paths]
    )


def _digests(paths: _Numbers) -> pa.Array:
    seeds = paths.astype(np.uint64) * np.uint64(11)
    return _hex(*(_mixed(seeds + np.uint64(part)) for part in range(4)))


def _starts(numbers: _Numbers, random: np.random.Generator) -> _Numbers:
    """Rising within a path."""
    reached = np.cumsum(random.integers(5, 60, len(numbers)))
    first = numbers % ROWS_A_PATH == 0
    starts: _Numbers = reached - np.maximum.accumulate(np.where(first, reached, 0))
    return starts


def _picked(
    texts: Sequence[str],
    count: int,
    random: np.random.Generator,
    shares: Sequence[float] | None = None,
) -> pa.Array:
    return pa.array(texts).take(pa.array(random.choice(len(texts), count, p=shares)))


def _attributes(count: int, random: np.random.Generator) -> pa.Array:
    """One to three entries a row, their keys in the same order everywhere."""
    sizes = random.integers(1, 4, count)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    entry_of_row = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes)
    keys = pa.array(_ATTRIBUTES).take(pa.array(entry_of_row))
    return pa.MapArray.from_arrays(
        pa.array(offsets), keys, _picked(_WORDS, int(offsets[-1]), random)
    )


def _mixed(numbers: _Hashes) -> _Hashes:
    """The last step of splitmix64, one to one: other numbers give other ids."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _hex(*parts: _Hashes) -> pa.Array:
    """Sixteen lower-case digits a part."""
    octets = np.stack([part.astype(">u8") for part in parts], axis=1).view(np.uint8)
    count, width = octets.shape[0], octets.shape[1] * 2
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    text = np.empty((count, width), dtype=np.uint8)
    text[:, 0::2] = digits[octets >> 4]
    text[:, 1::2] = digits[octets & 15]
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))
