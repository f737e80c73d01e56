"""The measure of keys: how many rows share the values of a key with another, and where they stand."""

from collections.abc import Mapping, Sequence
from functools import partial

import pyarrow as pa
from datafusion import SessionContext

from cst_contracts.datatypes import child_path, find_node
from cst_contracts.engine.rows.key_queries import count_keys, duplicate_places
from cst_contracts.engine.rows.key_tally import KeyPart
from cst_contracts.engine.rows.measure import FromFooters, Measure, Scanning
from cst_contracts.engine.rows.plan import Answer, Compared, Hashed, Ordered, Queried, Scannable
from cst_contracts.engine.rows.queries import Queries
from cst_contracts.engine.rows.results import Results, attempt
from cst_contracts.engine.session.waiting import table_of
from cst_contracts.facts import KeyCount, RowPlace
from cst_contracts.needs import KeyNeed
from cst_contracts.sql.keys import flattened, rows_with, shared_keys

#: Types of which equal values have equal hashes. Floats have several zeros and NaNs, and the engine
#: hashes no unsigned integers.
_HASHED = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_signed_integer,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_timestamp,
)

#: Of the memory that a run may take, what the hashes of all keys may: the engine that reads the rows has
#: been seen to keep more than a gigabyte of what it has freed.
_SHARE_OF_HASHES = 1 / 16
_BYTES_A_HASH = 8


class KeyMeasure(Measure[KeyNeed]):
    """A key is unique where no two rows have equal hashes; the few rows that do are looked up."""

    def from_footers(self, need: KeyNeed) -> FromFooters:
        """Of lists and maps footers know how many elements there are."""
        return FromFooters(nulls=tuple(path for path in need.paths if "[]" in path or "{}" in path))

    def paths_read(self, need: KeyNeed) -> Sequence[str]:
        return need.paths

    def plan(
        self, needs: Sequence[KeyNeed], scannable: Scannable, planned: Sequence[Answer]
    ) -> Sequence[Answer]:
        """An order that begins with a key's fields answers for that key, and for one key only."""
        free = [answer for answer in planned if isinstance(answer, Compared)]
        room = _room(len(needs), scannable.memory)
        answers: list[Answer] = []
        for need in needs:
            otherwise = _hashed(need, scannable, room)
            order = next((order for order in free if _begins_with(order, need)), None)
            if isinstance(otherwise, Hashed) and order is not None:
                free.remove(order)
                answers.append(Ordered(need, order.need, otherwise))
            else:
                answers.append(otherwise)
        return answers

    def paths(self, answers: Sequence[Answer], schema: pa.Schema) -> Sequence[str]:  # noqa: ARG002
        return [path for answer in _flat(answers) for path in answer.need.paths]

    def parts(self, answers: Sequence[Answer], scanning: Scanning) -> Sequence[KeyPart]:
        """Rows that lie in no files cannot be looked up."""
        files = scanning.files
        if files is None:
            return []
        return [
            KeyPart(answer.need, answer.need.paths, answer.room, files, number, scanning.samples)
            for number, answer in enumerate(_flat(answers))
        ]

    def by_query(self, needs: Sequence[KeyNeed], queries: Queries) -> Results:
        return {need: attempt(partial(_counted, need, queries)) for need in needs}

    def violations(self, fact: KeyCount) -> int:
        return fact.duplicates

    def looked_at(self, fact: KeyCount) -> int:
        return fact.rows

    def places(self, need: KeyNeed, queries: Queries, most: int) -> tuple[RowPlace, ...]:
        context = queries.session(need.paths)
        if not queries.reads_files(context):
            return ()
        with queries.spilling([context], queries.relation):
            return duplicate_places(context, queries.relation, need.paths, most)

    def rows(
        self,
        need: KeyNeed,
        context: SessionContext,
        queries: Queries,
        carried: Mapping[str, str],
        most: int,
    ) -> pa.Table:
        fields = len(need.paths)
        schema, relation = queries.schema(context), queries.relation
        few = shared_keys(flattened(schema, relation, need.paths), fields)
        here = flattened(schema, relation, need.paths, carried)
        with queries.spilling([context], relation):
            query = rows_with(few, here, fields, list(carried), most)
            return table_of(context.sql(query))


KEYS = KeyMeasure()


def _counted(need: KeyNeed, queries: Queries) -> KeyCount:
    context = queries.session(need.paths)
    with queries.spilling([context], queries.relation):
        return count_keys(context, queries.relation, need.paths)


def _flat(answers: Sequence[Answer]) -> list[Hashed]:
    """Those whose hashes are gathered in the one scan."""
    return [answer for answer in answers if isinstance(answer, Hashed) and answer.flat]


def _hashed(need: KeyNeed, scannable: Scannable, room: int) -> Hashed | Queried:
    nodes = [find_node(scannable.schema, path) for path in need.paths]
    if any(node is None for node in nodes):
        return Queried(need, "no file has all of its fields")
    if not all(node and _is_hashed(node.field.type) for node in nodes):
        return Queried(need, "equal values of its types need not have equal hashes")
    flat = all(path in _names(scannable.schema) for path in need.paths)
    return Hashed(need, flat, min(room, scannable.evidence.rows) if flat else room)


def _room(keys: int, memory: int) -> int:
    """For the hashes of one key."""
    return max(1, int(memory * _SHARE_OF_HASHES) // (_BYTES_A_HASH * max(1, keys)))


def _is_hashed(type_: pa.DataType) -> bool:
    """No dictionary: DataFusion 55 hashes some of them as what they do not hold."""
    return any(test(type_) for test in _HASHED)


def _begins_with(order: Compared, key: KeyNeed) -> bool:
    terms = [child_path("", term.field) for term in order.terms[: len(key.paths)]]
    return set(terms) == set(key.paths)


def _names(schema: pa.Schema) -> frozenset[str]:
    """Of the fields whose path is their name."""
    return frozenset(name for name in schema.names if child_path("", name) == name)
