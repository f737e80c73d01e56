"""Proposes keys: fields that tell the rows of a table apart, as far as today's rows bear it out."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import pyarrow as pa

from cst_contracts.datatypes import TypeNode, child_nodes, is_list
from cst_contracts.gate.observer import Observer
from cst_contracts.needs import KeyNeed
from cst_contracts.proposals.fields import top_nodes
from cst_contracts.proposals.looking import Seen, borne_out
from cst_contracts.proposals.outline import KeyLine

#: In a single row, every field is unique.
_LEAST_ROWS = 2
#: So many fields are tried two by two where none is unique alone.
_MOST_PAIRED = 6
_NAMED_SO = re.compile(
    r"(?:^|[^a-z])(?:id|key|uuid|guid|sku|code)$|Id$|ID$|[a-z]Key$", re.IGNORECASE
)


def key_lines(seen: Seen, observer: Observer) -> tuple[KeyLine, ...]:
    """Of fields that are called like keys, all that are unique, those of lists' elements too; else the first
    other field that is; else the first two that are unique together. Raises Unseen where counting takes too
    long."""
    if seen.rows < _LEAST_ROWS:
        return ()
    fields = [node for node in top_nodes(seen) if _may_tell_apart(seen, node)]
    called = [node for node in fields if is_called_like_a_key(node.name)]
    inner = [
        node
        for node in _in_lists(seen)
        if _may_tell_apart(seen, node) and is_called_like_a_key(node.name)
    ]
    found = _proven(seen, observer, [(node.path,) for node in called])
    if not found:
        others = [(node.path,) for node in fields if node not in called]
        found = _proven(seen, observer, others)[:1]
    if not found:
        pairs = combinations((node.path for node in (*called, *fields)[:_MOST_PAIRED]), 2)
        distinct = list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))
        found = _proven(seen, observer, distinct)[:1]
    return (*found, *_proven(seen, observer, [(node.path,) for node in inner]))


def is_called_like_a_key(name: str) -> bool:
    return _NAMED_SO.search(name) is not None


def _in_lists(seen: Seen) -> Iterator[TypeNode]:
    """The fields of structs that are the elements of a list."""
    for node in top_nodes(seen):
        if is_list(node.field.type):
            (element,) = child_nodes(node.path, node.field.type)
            yield from child_nodes(element.path, element.field.type)


def _may_tell_apart(seen: Seen, node: TypeNode) -> bool:
    """Numbers that are measured, nested values and what may be null are no keys."""
    count = seen.nulls.get(node.path)
    without_null = (
        count is not None and count.values > 1 and not count.nulls and count.refusal is None
    )
    return without_null and _is_discrete(node.field.type)


def _is_discrete(type_: pa.DataType) -> bool:
    plain = type_.value_type if pa.types.is_dictionary(type_) else type_
    tests = (
        pa.types.is_integer,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_binary,
        pa.types.is_binary_view,
        pa.types.is_fixed_size_binary,
        pa.types.is_date,
        pa.types.is_timestamp,
    )
    return any(test(plain) for test in tests)


def _proven(
    seen: Seen, observer: Observer, candidates: Sequence[tuple[str, ...]]
) -> tuple[KeyLine, ...]:
    """All candidates are measured together."""
    needs = [KeyNeed(seen.name, paths) for paths in candidates]
    observer.prepare(needs)
    answers = [(need.paths, borne_out(observer, need)) for need in needs]
    return tuple(
        KeyLine(paths, f"unique in {count.rows:,} {'values' if '[]' in paths[0] else 'rows'}")
        for paths, count in answers
        if count is not None and count.rows and not count.duplicates and not count.nulls
    )
