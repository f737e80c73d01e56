"""Is the table there, with rows, with the promised fields in their order and no others?"""

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import (
    INVALID_CHECK,
    VERSION_CHECK,
    FieldsComplete,
    RowsPresent,
    TablePresent,
)
from cst_contracts.checks.verdict import (
    Broken,
    Cause,
    Finding,
    Kept,
    Observation,
    Undecided,
    Vacuous,
    Verdict,
)
from cst_contracts.datatypes import moved_names, print_type
from cst_contracts.errors import (
    DeltaFolder,
    FeatureUnsupported,
    IntrospectionError,
    StreamUnreadable,
    TableMissing,
    TableUndefined,
    VersionUnavailable,
)
from cst_contracts.facts import Basis, TableFacts
from cst_contracts.location import Location

_ALLOW_EMPTY = "write `allow_empty: true` under `source` if an empty table is fine"


def unreadable(place: Location, table: str, error: IntrospectionError) -> Undecided:
    """What every check of a table says while the table itself is red, or the one that it is made of."""
    own = error.table is None or error.table == table
    observed = error.cause if own else f"{error.table}: {error.cause}"
    promised = "a table that can be looked at"
    finding = Finding(FindingCode.TABLE_UNREADABLE, place, table, promised, observed)
    answers = VERSION_CHECK if isinstance(error, VersionUnavailable) else "table"
    if isinstance(error, StreamUnreadable):
        answers = "rows"
    return Undecided(finding, Cause(error.table or table, answers))


def evaluate_table(check: TablePresent, observation: Observation) -> Verdict:
    match observation.table:
        case TableFacts() as facts:
            return Kept(Basis.SCHEMA, facts.rows, notes=_skipped(check, facts))
        case IntrospectionError(table=None) as error:
            promised, hint = "a session to look at", "see the cause; no table can be checked before"
            finding = Finding(
                FindingCode.SESSION_UNREADABLE,
                check.place,
                check.table,
                promised,
                error.cause,
                hint,
            )
            return Undecided(finding)
        case IntrospectionError(table=str(other)) as error if other != check.table:
            return unreadable(check.place, check.table, error)
        case TableUndefined(unread=(file, *_)) as error:
            return Undecided(_absent(check, error).findings[0], Cause(file, INVALID_CHECK))
        case VersionUnavailable() as error:
            return unreadable(check.place, check.table, error)
        case IntrospectionError() as error:
            return _absent(check, error)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _skipped(check: TablePresent, facts: TableFacts) -> tuple[Finding, ...]:
    """Files of the table's folder that the engine does not read; where a layout is promised, its own
    promises are red for them."""
    if not facts.skipped:
        return ()
    observed = told_skipped(facts.skipped)
    hint = "it enters no folder whose name is not `key=value`"
    code = FindingCode.PARTITION_LAYOUT
    return (Finding(code, check.place, check.table, "all files of the folder", observed, hint),)


def told_skipped(files: tuple[str, ...]) -> str:
    more = f" and {len(files) - 3} more" if len(files) > 3 else ""
    return f"the engine skips {', '.join(files[:3])}{more}"


def _absent(check: TablePresent, error: IntrospectionError) -> Broken:
    code, hint = _told_as(error)
    where = f" at {error.location}" if error.location else ""
    promised = f"a table that the engine can read{where}"
    finding = Finding(code, check.place, check.table, promised, error.cause, hint)
    return Broken((finding,), Basis.SCHEMA)


def _told_as(error: IntrospectionError) -> tuple[FindingCode, str]:
    """With the way out."""
    match error:
        case TableMissing():
            hint = "check `source`, the lake root (--cst-lake), or the session that the project supplies"
            return FindingCode.TABLE_MISSING, hint
        case DeltaFolder():
            return FindingCode.DELTA_READ_AS_PARQUET, "write `format: delta` under `source`"
        case FeatureUnsupported():
            hint = "have the table written without it, or read it with an engine that knows it"
            return FindingCode.FEATURE_UNSUPPORTED, hint
        case _:
            hint = "the cause is in the engine's words; the other tables were still checked"
            return FindingCode.TABLE_UNREADABLE, hint


def evaluate_rows(check: RowsPresent, observation: Observation) -> Verdict:
    match observation.table, observation.values:
        case StreamUnreadable() as error, _:
            promised = "rows that can be read"
            code = FindingCode.TABLE_UNREADABLE
            finding = Finding(code, check.place, check.table, promised, error.cause)
            return Broken((finding,), Basis.SCAN)
        case IntrospectionError() as error, _:
            return unreadable(check.place, check.table, error)
        case _, IntrospectionError() as error:
            finding = Finding(
                FindingCode.TABLE_UNREADABLE,
                check.place,
                check.table,
                "rows that can be read",
                error.cause,
            )
            return Broken((finding,), Basis.SCAN)
        case TableFacts(rows=int(counted)), values if values is not None and values.rows != counted:
            finding = Finding(
                FindingCode.ROW_COUNT_DISAGREES,
                check.place,
                check.table,
                f"count(*) = {counted}, as the engine answers it",
                f"{values.rows} rows read",
                "metadata and data disagree: a data file is damaged, missing or of an unknown layout",
            )
            return Broken((finding,), Basis.SCAN, values.rows)
        case TableFacts(rows=0, rows_basis=basis), _:
            return _empty(check, basis or Basis.SCAN)
        case TableFacts(rows=int(rows), rows_basis=basis), values:
            return Kept(values.basis if values is not None else basis or Basis.SCAN, rows)
        case _:
            raise AssertionError(f"{check.id} was evaluated without a row count")


def _empty(check: RowsPresent, basis: Basis) -> Vacuous:
    finding = Finding(
        FindingCode.EMPTY_TABLE,
        check.place,
        check.table,
        "at least one row",
        "0 rows",
        "" if check.allow_empty else _ALLOW_EMPTY,
    )
    return Vacuous(finding, check.allow_empty, basis)


def evaluate_fields(check: FieldsComplete, observation: Observation) -> Verdict:
    match observation.table:
        case IntrospectionError() as error:
            return unreadable(check.place, check.table, error)
        case TableFacts() as facts:
            findings = (*_unpromised(check, facts), *_reordered(check, facts))
            basis = facts.schema_basis
            return Broken(findings, basis) if findings else Kept(basis)
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _unpromised(check: FieldsComplete, facts: TableFacts) -> tuple[Finding, ...]:
    if not check.forbid_extra:
        return ()
    return tuple(
        Finding(
            FindingCode.FIELD_UNPROMISED,
            check.place,
            f"{check.table}.{field.name}",
            "no such field",
            f"{field.name}: {print_type(field.type)}",
            "promise it under `fields`, or write `extra_fields: allow`",
        )
        for field in facts.schema
        if field.name not in check.names
    )


def _reordered(check: FieldsComplete, facts: TableFacts) -> tuple[Finding, ...]:
    observed = ordered_names(facts)
    if not moved_names(check.ordered, observed):
        return ()
    present = set(observed)
    finding = Finding(
        FindingCode.FIELD_ORDER,
        check.place,
        check.table,
        ", ".join(name for name in check.ordered if name in present),
        ", ".join(name for name in observed if name in check.ordered),
        "write `field_order: any` if the order does not matter to readers",
    )
    return (finding,)


def ordered_names(facts: TableFacts) -> tuple[str, ...]:
    """The names whose order the storage decides: an engine appends hive partitions at the end."""
    return tuple(name for name in facts.schema.names if name not in facts.hive_partitions)
