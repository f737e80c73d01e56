"""The contract language as data: every mapping, its keys, and what may stand under them.

Reading (`reading.py`) and the JSON Schema (`json_schema.py`) are both made from it.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from cst_contracts.contract.kinds import (
    ARROW_TYPE,
    FIELD_NAME,
    FIELD_NAMES,
    FLAG,
    PROSE,
    SEMANTIC_VERSION,
    SQL,
    TABLE_NAME,
    TEXT,
    ChoiceKind,
    Condition,
    EitherKind,
    Key,
    ListKind,
    MomentKind,
    NumberKind,
    PairsKind,
    Record,
    RecordKind,
    Refusal,
    SettingKind,
    TextKind,
    choice_of,
)
from cst_contracts.contract.kinds import keys_by_name as _keys
from cst_contracts.contract.kinds import required_key as _required
from cst_contracts.contract.model import (
    ExtraConstraints,
    ExtraFields,
    FieldOrder,
    FunctionKind,
    NullabilityMode,
    SourceFormat,
)
from cst_contracts.contract.promise_grammar import REFERENCE, RULE, WAIVER

VERSION = 1


class Direction(StrEnum):
    ASC = "asc"
    DESC = "desc"


class Nulls(StrEnum):
    FIRST = "first"
    LAST = "last"


_FIELDS = ListKind(RecordKind("field"), "a field", least=1)
_STORED_NOWHERE = (SourceFormat.VIEW, SourceFormat.CATALOG)
_FILE_FORMATS = tuple(each for each in SourceFormat if each not in _STORED_NOWHERE)
_DEFINITIONS = ("expand", "extract", "pack", "flatten", "explode", "sql")

_VERSION_KEY = Key(
    "version", SEMANTIC_VERSION, "Semantic version of this promise; the change gate reads it."
)
_DESCRIPTION_KEY = Key("description", PROSE, "What this is, in a sentence or two.", default="")
_OWNER_KEY = Key("owner", TEXT, "Who answers for this promise.")
_FUNCTIONS_KEY = Key(
    "functions",
    ListKind(
        EitherKind(
            TextKind("a function name"),
            RecordKind("function"),
            "a function name, or a mapping with `name`",
        ),
        "a function",
    ),
    "Functions that the session has to offer.",
)
_WAIVERS_KEY = Key(
    "waivers",
    ListKind(RecordKind("waiver"), "a waiver"),
    "Promises known to be broken, each with a reason, an owner and a last day.",
)

_TABLE = Record(
    "table contract",
    "What one table promises.",
    _keys(
        _required(
            "table",
            TABLE_NAME,
            "Name as SQL knows it: table, schema.table or catalog.schema.table.",
            "cst_refs",
        ),
        _VERSION_KEY,
        _DESCRIPTION_KEY,
        _OWNER_KEY,
        Key(
            "source",
            RecordKind("source"),
            "Where the table is stored; without it the session must already know the table.",
        ),
        _required(
            "fields", _FIELDS, "The promised fields, in order.", "[{name: file_id, type: string}]"
        ),
        Key(
            "nullability",
            choice_of(NullabilityMode),
            "Whether `nullable: false` answers for the storage's flag and the values, or for the "
            "values alone.",
            default=NullabilityMode.STRICT,
        ),
        Key(
            "extra_fields",
            choice_of(ExtraFields),
            "Whether the table may have fields that nobody promised.",
            default=ExtraFields.FORBID,
        ),
        Key(
            "field_order",
            choice_of(FieldOrder),
            "Whether the fields must stand in the promised order.",
            default=FieldOrder.STRICT,
        ),
        Key(
            "keys",
            ListKind(FIELD_NAMES, "a key"),
            "Sets of fields that are unique over the table; paths such as refs[].ref_id reach "
            "into lists.",
        ),
        Key(
            "references",
            ListKind(RecordKind("reference"), "a reference"),
            "Fields whose every non-null value exists in another table.",
        ),
        Key(
            "rules",
            ListKind(RecordKind("rule"), "a rule"),
            "Boolean SQL expressions that are true of every row; NULL counts as kept.",
        ),
        Key(
            "views",
            ListKind(RecordKind("view"), "a view"),
            "Views to register in the session, promised and checked like tables.",
        ),
        _FUNCTIONS_KEY,
        _WAIVERS_KEY,
    ),
)

_SESSION = Record(
    "session contract",
    "What the session itself promises.",
    _keys(
        _required("session", TEXT, "Name of the session.", "cst-runtime"),
        _VERSION_KEY,
        _DESCRIPTION_KEY,
        _OWNER_KEY,
        Key("preset", TEXT, "A named policy of session settings shipped with the project."),
        Key(
            "settings",
            PairsKind(SettingKind(), "a setting"),
            "Settings, each promised as the session's effective value.",
        ),
        Key("catalog", RecordKind("catalog"), "A folder of artifacts to load as tables."),
        _FUNCTIONS_KEY,
        _WAIVERS_KEY,
    ),
    at_least_one=("preset", "settings", "catalog", "functions"),
)

_SOURCE = Record(
    "source",
    "Where a table is stored, and how.",
    _keys(
        _required("format", choice_of(SourceFormat), "Storage format.", "parquet"),
        Key("location", TEXT, "Path relative to the lake root, or a URI.", example="cst_refs"),
        Key(
            "partitioned_by",
            ListKind(
                EitherKind(
                    FIELD_NAME,
                    RecordKind("partition"),
                    "a field name, or a mapping with `name` and `type`",
                ),
                "a partition field",
            ),
            "Partition fields, outermost first.",
        ),
        Key(
            "ordered_by",
            ListKind(
                EitherKind(
                    FIELD_NAME, RecordKind("ordering"), "a field name, or a mapping with `field`"
                ),
                "an ordering field",
            ),
            "The order of the stored rows, most significant field first.",
        ),
        Key(
            "unbounded",
            FLAG,
            "Whether the table is a stream without an end.",
            default=False,
            example="true",
        ),
        Key(
            "fifo",
            FLAG,
            "Whether an unbounded table's location must be a named pipe, and no file that ends.",
            default=False,
        ),
        Key("as_of", RecordKind("as_of"), "The Delta version or time to read."),
        Key(
            "extra_constraints",
            choice_of(ExtraConstraints),
            "Whether the Delta log may enforce constraints that no rule promises.",
            default=ExtraConstraints.ALLOW,
        ),
        Key("statistics", FLAG, "Collect statistics at registration.", default=True),
        Key("pruning", FLAG, "Prune row groups and pages.", default=True),
        Key("allow_empty", FLAG, "Whether a table without rows keeps its contract.", default=False),
    ),
    conditions=(
        Condition("format", _FILE_FORMATS, needs=("location",)),
        Condition("fifo", needs=("unbounded",)),
        Condition(
            "format",
            _STORED_NOWHERE,
            refuses=(
                Refusal(
                    "location",
                    "`location` beside a format that is stored nowhere",
                    "leave `location` out, or name the format that is stored there",
                ),
            ),
        ),
        Condition(
            "format",
            tuple(each for each in SourceFormat if each is not SourceFormat.DELTA),
            refuses=(
                Refusal(
                    "as_of",
                    "`as_of` beside a format that keeps no versions",
                    "leave `as_of` out, or write `format: delta`",
                ),
                Refusal(
                    "extra_constraints",
                    "`extra_constraints` beside a format that enforces no constraints",
                    "leave `extra_constraints` out, or write `format: delta`",
                ),
            ),
        ),
        Condition(
            "format",
            (SourceFormat.PARQUET, SourceFormat.DELTA, SourceFormat.ARROW),
            refuses=(
                Refusal(
                    "unbounded",
                    "`unbounded: true` beside a format that the engine only reads as bounded",
                    "write `format: csv` or `format: json`, or leave `unbounded` out",
                    only_true=True,
                ),
            ),
        ),
    ),
)

_FIELD = Record(
    "field",
    "One promised field.",
    _keys(
        _required("name", FIELD_NAME, "Name of the field.", "file_id"),
        _required(
            "type",
            ARROW_TYPE,
            "Type as Arrow prints it; a bare `struct` takes its children from `fields`.",
            "string",
        ),
        Key(
            "nullable",
            FLAG,
            "Whether null is allowed; `false` promises the declared flag, the stored flag and the "
            "values.",
            default=True,
        ),
        Key("description", PROSE, "What the field holds.", default=""),
        Key(
            "metadata",
            PairsKind(PROSE, "a metadata value"),
            "Promised field metadata, text to text.",
        ),
        Key(
            "exact",
            FLAG,
            "Compare types without equivalences such as string and large_string.",
            default=False,
        ),
        Key("sensitive", FLAG, "Never show values of this field in samples.", default=False),
        Key(
            "allow_empty",
            FLAG,
            "Whether the lists and maps of this field may all be empty, so that nothing below them "
            "can be looked at.",
            default=False,
        ),
        Key("fields", _FIELDS, "The children of the bare `struct` in `type`."),
    ),
)

_VIEW = Record(
    "view",
    "A view to register in the session.",
    _keys(
        _required("name", TABLE_NAME, "Name of the view.", "cst_refs_attrs"),
        Key("expand", FIELD_NAME, "A map column: one row per entry."),
        Key(
            "extract",
            PairsKind(
                EitherKind(
                    TextKind("a map key"),
                    ListKind(TextKind("a map key"), "a map key", least=1),
                    "a map key, or a list of map keys",
                ),
                "a map key",
                least=1,
            ),
            "Map columns and the keys whose values become columns.",
        ),
        Key(
            "pack",
            PairsKind(FIELD_NAMES, "the fields of a packed struct", least=1, most=1),
            "A struct column and the columns to make it of.",
        ),
        Key("flatten", FIELD_NAME, "A struct column whose fields become columns."),
        Key("explode", FIELD_NAME, "A list<struct> column: one row per element."),
        Key("sql", SQL, "A query."),
        Key("of", TABLE_NAME, "The relation to read; this contract's own table by default."),
        Key("keep", ListKind(FIELD_NAME, "a field name"), "Columns to carry along."),
        Key("fields", _FIELDS, "The promised fields of the view, in order."),
    ),
    exactly_one=_DEFINITIONS,
    conditions=(
        Condition(
            "sql",
            refuses=(
                Refusal("keep", "`keep` beside `sql`", "select the columns in the query instead"),
            ),
        ),
    ),
)

_FUNCTION = Record(
    "function",
    "A function that the session has to offer.",
    _keys(
        _required("name", TEXT, "Name of the function.", "map_entries"),
        Key("kind", choice_of(FunctionKind), "What kind of function it is."),
        Key(
            "arguments",
            ListKind(ARROW_TYPE, "an argument type"),
            "Argument types, or list, map and struct for any such type.",
        ),
        Key("returns", ARROW_TYPE, "Type of the result, or list, map or struct for any such type."),
    ),
)

_CATALOG = Record(
    "catalog",
    "A folder of artifacts to load as tables.",
    _keys(
        _required("location", TEXT, "The folder.", "artifacts/"),
        _required("format", ChoiceKind(_FILE_FORMATS), "Format.", "parquet"),
        Key(
            "tables",
            ListKind(TABLE_NAME, "a table name", least=1),
            "The tables to find there; missing and unexpected ones both tell. Without it any may be.",
        ),
    ),
)

TABLE = "table"
SESSION = "session"
RECORDS: Mapping[str, Record] = MappingProxyType(
    {
        TABLE: _TABLE,
        SESSION: _SESSION,
        "source": _SOURCE,
        "partition": Record(
            "partition field",
            "A partition field.",
            _keys(
                _required("name", FIELD_NAME, "Its name.", "commit"),
                Key("type", ARROW_TYPE, "Its type."),
            ),
        ),
        "ordering": Record(
            "ordering field",
            "One field of an order.",
            _keys(
                _required("field", FIELD_NAME, "Its name.", "bstart"),
                Key("direction", choice_of(Direction), "Direction.", default=Direction.ASC),
                Key("nulls", choice_of(Nulls), "Where nulls stand.", default=Nulls.LAST),
            ),
        ),
        "as_of": Record(
            "as_of",
            "A Delta version, or a point in time.",
            _keys(
                Key("version", NumberKind(), "A version of the Delta table."),
                Key("timestamp", MomentKind(), "A time, with its zone."),
            ),
            exactly_one=("version", "timestamp"),
        ),
        "field": _FIELD,
        "reference": REFERENCE,
        "rule": RULE,
        "view": _VIEW,
        "function": _FUNCTION,
        "catalog": _CATALOG,
        "waiver": WAIVER,
    }
)
