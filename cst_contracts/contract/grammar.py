"""The contract language as data: its clauses, and every mapping with its keys and what may stand under them.

Reading (`reading.py`), the hints in its messages (`hints.py`) and the JSON Schema (`json_schema.py`)
are made from it. A new clause is a module under `clauses/`, a line in `CLAUSES`, and a field of its
name in `TableContract` or `SessionContract`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.contract.clauses.aggregates import AGGREGATES
from cst_contracts.contract.clauses.catalog import CATALOG
from cst_contracts.contract.clauses.clause import SESSION, TABLE, Clause
from cst_contracts.contract.clauses.consumers import CONSUMERS
from cst_contracts.contract.clauses.evolution import EVOLUTION
from cst_contracts.contract.clauses.fields import EXTRA_FIELDS, FIELD_ORDER, FIELDS, NULLABILITY
from cst_contracts.contract.clauses.freshness import FRESHNESS
from cst_contracts.contract.clauses.functions import FUNCTIONS
from cst_contracts.contract.clauses.heading import DESCRIPTION, OWNER, VERSION
from cst_contracts.contract.clauses.interop import INTEROP
from cst_contracts.contract.clauses.keys import KEYS
from cst_contracts.contract.clauses.metadata import METADATA
from cst_contracts.contract.clauses.queries import QUERIES
from cst_contracts.contract.clauses.references import REFERENCES
from cst_contracts.contract.clauses.rules import RULES
from cst_contracts.contract.clauses.settings import PRESET, SETTINGS
from cst_contracts.contract.clauses.source import SOURCE
from cst_contracts.contract.clauses.views import VIEWS
from cst_contracts.contract.clauses.waivers import WAIVERS
from cst_contracts.contract.kinds import (
    TABLE_NAME,
    TEXT,
    Foreign,
    Record,
    keys_by_name,
    required_key,
)

LANGUAGE_VERSION = 1

CLAUSES: tuple[Clause, ...] = (
    VERSION,
    DESCRIPTION,
    OWNER,
    SOURCE,
    FIELDS,
    NULLABILITY,
    EXTRA_FIELDS,
    FIELD_ORDER,
    METADATA,
    KEYS,
    REFERENCES,
    RULES,
    AGGREGATES,
    FRESHNESS,
    QUERIES,
    CONSUMERS,
    INTEROP,
    EVOLUTION,
    VIEWS,
    PRESET,
    SETTINGS,
    CATALOG,
    FUNCTIONS,
    WAIVERS,
)

_TABLE_NAME_KEY = required_key(
    TABLE,
    TABLE_NAME,
    "Name as SQL knows it: table, schema.table or catalog.schema.table.",
    "cst_refs",
)
_SESSION_NAME_KEY = required_key(SESSION, TEXT, "Name of the session.", "cst-runtime")


def clauses_of(contract: str) -> tuple[Clause, ...]:
    """The clauses that may stand in a `TABLE` contract, or in a `SESSION` contract."""
    return tuple(clause for clause in CLAUSES if contract in clause.contracts)


_TABLE_RECORD = Record(
    "table contract",
    "What one table promises.",
    keys_by_name(_TABLE_NAME_KEY, *(clause.key for clause in clauses_of(TABLE))),
    foreign=(
        Foreign(("name",), "write `table: $value`", means="table"),
        Foreign(("columns", "schema", "properties"), "write `fields:`", means="fields"),
        Foreign(
            ("location", "path", "uri", "url", "file", "folder"),
            "write `source: {format: parquet, location: $value}`",
        ),
        Foreign(("format",), "write `source: {format: $value, location: …}`"),
        Foreign(("primary_key", "unique", "unique_key", "primary"), "write `keys: $keys`"),
        Foreign(
            ("required", "not_null", "non_null", "not_nullable"),
            "write `nullable: false` at $fields under `fields`",
        ),
        Foreign(
            ("foreign_key", "foreign_keys"),
            "write `references: [{fields: […], table: …, to: […]}]`",
        ),
        Foreign(
            ("check", "checks", "constraints", "tests", "expectations"),
            "write `rules: [{name: …, sql: …}]`",
        ),
        Foreign(("partition_by", "partitions"), "write `partitioned_by: $list` under `source`"),
        Foreign(("order_by", "sort_by", "sorted_by"), "write `ordered_by: $list` under `source`"),
    ),
)

_SESSION_RECORD = Record(
    "session contract",
    "What the session itself promises.",
    keys_by_name(_SESSION_NAME_KEY, *(clause.key for clause in clauses_of(SESSION))),
    at_least_one=("preset", "settings", "catalog", "functions"),
    foreign=(
        Foreign(("name",), "write `session: $value`", means="session"),
        Foreign(("options", "config", "configuration", "variables"), "write `settings:`"),
    ),
)

RECORDS: Mapping[str, Record] = MappingProxyType(
    {
        TABLE: _TABLE_RECORD,
        SESSION: _SESSION_RECORD,
        **{name: record for clause in CLAUSES for name, record in clause.records.items()},
    }
)
