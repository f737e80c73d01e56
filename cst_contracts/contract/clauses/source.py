"""The clause that says where a table is stored, in which format, and how it is registered."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from cst_contracts.contract.clauses.as_of import (
    AS_OF,
    AS_OF_RECORD,
    AsOfTimestamp,
    AsOfVersion,
    build_as_of,
)
from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.clauses.files import FILES, FILES_RECORDS, FilePromise, build_files
from cst_contracts.contract.clauses.ordering import (
    ORDERED_BY,
    ORDERING,
    OrderingTerm,
    build_ordering,
)
from cst_contracts.contract.clauses.partition import (
    PARTITION,
    PARTITIONED_BY,
    PartitionContract,
)
from cst_contracts.contract.clauses.text_options import (
    OPTIONS,
    OPTIONS_RECORD,
    TextOptions,
    build_options,
)
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    FLAG,
    PLACE,
    Condition,
    Foreign,
    Key,
    ListKind,
    Record,
    RecordKind,
    Refusal,
    TextKind,
    choice_of,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.urls import refuse_credentials
from cst_contracts.contract.wording import shown
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class SourceFormat(StrEnum):
    PARQUET = "parquet"
    DELTA = "delta"
    CSV = "csv"
    JSON = "json"
    ARROW = "arrow"
    VIEW = "view"
    CATALOG = "catalog"


TEXT_FORMATS = (SourceFormat.CSV, SourceFormat.JSON)
STORED_NOWHERE = (SourceFormat.VIEW, SourceFormat.CATALOG)
PLACE_PATTERN = TextKind("a pattern of paths such as `*.bak` or `old/**`", r"[^/\s](.*\S)?")
FILE_FORMATS = tuple(each for each in SourceFormat if each not in STORED_NOWHERE)
_WITHOUT_VERSIONS = tuple(each for each in SourceFormat if each is not SourceFormat.DELTA)


class ExtraConstraints(StrEnum):
    """What constraints of a Delta log mean that no rule promises."""

    FORBID = "forbid"
    ALLOW = "allow"


class MissingInFiles(StrEnum):
    """What it means that a data file lacks a promised field which others have."""

    FORBID = "forbid"
    ALLOW = "allow"


class PolicyContract(Struct, frozen=True):
    """What the contract says about `statistics` or `pruning`, if it says anything."""

    name: str
    wanted: bool
    place: Location


class SourceContract(Struct, frozen=True):
    format: SourceFormat
    place: Location
    location: str | None = None
    partitioned_by: tuple[PartitionContract, ...] = ()
    ordered_by: tuple[OrderingTerm, ...] = ()
    unbounded: bool = False
    fifo: bool = False
    as_of: AsOfVersion | AsOfTimestamp | None = None
    extra_constraints: ExtraConstraints = ExtraConstraints.ALLOW
    statistics: bool = True
    pruning: bool = True
    policies: tuple[PolicyContract, ...] = ()
    allow_empty: bool = False
    missing_in_files: MissingInFiles | None = None
    options: TextOptions = TextOptions()
    ignore: tuple[str, ...] = ()
    files: tuple[FilePromise, ...] = ()


_SOURCE_RECORD = Record(
    "source",
    "Where a table is stored, and how.",
    keys_by_name(
        required_key("format", choice_of(SourceFormat), "How the table is stored.", "parquet"),
        Key(
            "location",
            PLACE,
            "Where the table is stored: a path relative to the lake root, or a URI; `${NAME}` is filled in "
            "from the environment.",
            "cst_refs",
            suggestion="$table",
        ),
        PARTITIONED_BY,
        ORDERED_BY,
        Key(
            "unbounded",
            FLAG,
            "Whether the table is a stream without an end.",
            "true",
            default=False,
        ),
        Key(
            "fifo",
            FLAG,
            "Whether an unbounded table's location must be a named pipe, and no file that ends.",
            "true",
            default=False,
        ),
        AS_OF,
        Key(
            "extra_constraints",
            choice_of(ExtraConstraints),
            "Whether the Delta log may enforce constraints that no rule promises.",
            "forbid",
            default=ExtraConstraints.ALLOW,
        ),
        Key(
            "statistics",
            FLAG,
            "Whether the engine collects statistics when the table is registered.",
            "false",
            default=True,
        ),
        Key(
            "pruning",
            FLAG,
            "Whether the engine leaves out row groups and pages that a predicate excludes.",
            "false",
            default=True,
        ),
        Key(
            "allow_empty",
            FLAG,
            "Whether a table without rows keeps its contract.",
            "true",
            default=False,
        ),
        Key(
            "missing_in_files",
            choice_of(MissingInFiles),
            "Whether a data file may lack a promised field: by default only in a Delta table, whose log says "
            "what that means, and where `evolution` allows fields that came.",
            "allow",
        ),
        OPTIONS,
        Key(
            "ignore",
            ListKind(PLACE_PATTERN, "a pattern"),
            "Files below the location that are meant to be left unread; * and ** stand for any names.",
            '["*.bak", "old/**"]',
            default=(),
        ),
        FILES,
    ),
    conditions=(
        Condition("format", FILE_FORMATS, needs=("location",)),
        Condition("fifo", needs=("unbounded",)),
        Condition(
            "format",
            STORED_NOWHERE,
            refuses=(
                Refusal(
                    "ignore",
                    "`ignore` beside a format that is stored nowhere",
                    "leave `ignore` out, or name the format that is stored there",
                ),
                Refusal(
                    "location",
                    "`location` beside a format that is stored nowhere",
                    "leave `location` out, or name the format that is stored there",
                ),
            ),
        ),
        Condition(
            "format",
            _WITHOUT_VERSIONS,
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
            tuple(each for each in SourceFormat if each not in TEXT_FORMATS),
            refuses=(
                Refusal(
                    "options",
                    "`options` beside a format whose files are no text",
                    "leave `options` out, or write `format: csv` or `format: json`",
                ),
            ),
        ),
        Condition(
            "format",
            (*STORED_NOWHERE, *TEXT_FORMATS),
            refuses=(
                Refusal(
                    "missing_in_files",
                    "`missing_in_files` beside a format whose files have no schemas of their own",
                    "leave `missing_in_files` out",
                ),
            ),
        ),
        Condition(
            "format",
            (*TEXT_FORMATS, SourceFormat.ARROW, *STORED_NOWHERE),
            refuses=(
                Refusal(
                    "files",
                    "`files` beside a format whose files have no footers",
                    "leave `files` out, or write `format: parquet` or `format: delta`",
                ),
            ),
        ),
        Condition(
            "options",
            refuses=(
                Refusal(
                    "unbounded",
                    "`options` beside `unbounded: true`",
                    "leave one of them out: a stream is read as plain text with a header",
                    only_true=True,
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
    foreign=(
        Foreign(
            ("delimiter", "separator", "sep", "quote", "header", "compression"),
            'write it below `options`, as in `options: {delimiter: ";"}`',
        ),
        Foreign(
            ("path", "uri", "url", "file", "folder", "directory", "dir"),
            "write `location: $value`",
            means="location",
        ),
        Foreign(("type", "kind"), "write `format: $value`", means="format"),
        Foreign(("partition_by", "partitions"), "write `partitioned_by: $list`"),
        Foreign(("order_by", "sort_by", "sorted_by", "sort"), "write `ordered_by: $list`"),
        Foreign(("version",), "write `as_of: {version: $value}`"),
        Foreign(("timestamp",), "write `as_of: {timestamp: $value}`"),
        Foreign(("stream", "streaming"), "write `unbounded: $value`"),
    ),
)


def _build(scope: Scope) -> SourceContract | None:
    form = scope.form.value("source", Form)
    if form is None:
        return None
    _refuse_contradictions(scope)
    refuse_credentials(form.text("location"), scope.problems)
    ordering = build_ordering(form, scope.promised, scope.problems)
    if (format_ := form.text("format")) is None:
        return None
    return SourceContract(
        SourceFormat(format_.text),
        scope.form.key_places["source"],
        form.optional("location"),
        scope.partitions,
        ordering,
        unbounded=_unbounded(form, scope),
        fifo=form.flag("fifo"),
        as_of=build_as_of(form),
        extra_constraints=form.choice("extra_constraints", ExtraConstraints),
        statistics=form.flag("statistics"),
        pruning=form.flag("pruning"),
        policies=tuple(_policies(form)),
        allow_empty=form.flag("allow_empty"),
        missing_in_files=_missing_in_files(form),
        options=build_options(form, scope.problems),
        ignore=tuple(pattern.text for pattern in form.texts("ignore")),
        files=build_files(
            form,
            scope.promised,
            (each.name for each in scope.partitions),
            ordering,
            scope.problems,
        ),
    )


def _missing_in_files(form: Form) -> MissingInFiles | None:
    """None where nothing is written: then the format decides."""
    written = form.optional("missing_in_files")
    return None if written is None else MissingInFiles(written)


def _policies(form: Form) -> Iterable[PolicyContract]:
    for name in ("statistics", "pruning"):
        if name in form.values:
            yield PolicyContract(name, form.flag(name), form.key_places[name])


def _refuse_contradictions(scope: Scope) -> None:
    """Refuses a partition field that `fields` promises, too, but as another type."""
    types = {field.name: field.type for field in scope.fields}
    for partition in scope.partitions:
        other = types.get(partition.name)
        if other is None or partition.type is None or same_type(partition.type, other):
            continue
        written = shown(print_type(partition.type))
        what = f"partition field {shown(partition.name)} is {written} here"
        instead = f"write {shown(print_type(other))} as under `fields`, or leave `type` out"
        scope.problems.append(Problem(partition.place, what, instead))


def _unbounded(form: Form, scope: Scope) -> bool:
    """DataFusion 55 ignores PARTITIONED BY of an unbounded table, therefore the two are refused together."""
    unbounded = form.flag("unbounded")
    if unbounded and scope.partitions:
        what = "`partitioned_by` beside `unbounded: true`"
        instead = "leave one of them out: an unbounded source has no folders"
        scope.problems.append(Problem(form.key_places["partitioned_by"], what, instead))
    return unbounded


SOURCE = Clause(
    Key(
        "source",
        RecordKind("source"),
        "Where the table is stored; without it the session must already know the table.",
        "{format: parquet, location: cst_refs}",
    ),
    _build,
    {
        "source": _SOURCE_RECORD,
        "partition": PARTITION,
        "ordering": ORDERING,
        "as_of": AS_OF_RECORD,
        "options": OPTIONS_RECORD,
        **FILES_RECORDS,
    },
)
