"""What was observed, as frozen values. None means that nobody looked."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property

import pyarrow as pa
from msgspec import Struct, field

from cst_contracts.datatypes import child_nodes, walk_nodes


class Trouble(StrEnum):
    """The kinds of trouble that stand in the way of a look. Most need no more than their reason told."""

    UNREADABLE = "unreadable"
    ENGINE = "engine"
    """The reason is in the words of the engine, or of the system below it."""
    EMPTY_FILE = "empty file"
    """A data file of no bytes, as a write that was cut short leaves it."""
    FILE_GONE = "file gone"
    """A Delta log names a data file that is not there."""
    MISSING = "missing"
    """Looked where the contract says, and there is no table."""
    UNDEFINED = "undefined"
    """No contract defines the relation; one of the files that could not be read, `names`, may."""
    VERSION_ABSENT = "version absent"
    """The Delta table is there, and the version that the contract names never was."""
    VERSION_VACUUMED = "version vacuumed"
    """The version is in the log, and its data files are gone."""
    VERSION_TOO_OLD = "version too old"
    """The time that the contract names is before the first commit that the log still has."""
    FEATURE = "feature"
    """The Delta table needs features of its readers that nothing here can read."""
    DELTA_FOLDER = "delta folder"
    """A Delta table where a contract names Parquet files: the files alone hold deleted rows, too."""
    STREAM = "stream"
    """An unbounded table is there, and its rows could not be read, or none came."""
    LAYOUT = "layout"
    """Files lie outside of the folders of the other files' partitions."""
    FILE_TYPES = "file types"
    """A field, `names`, has types in several files that are not read as one."""
    FILE_LACKS = "file lacks"
    """A data file lacks a field, `names`, and the engine cannot read the others beside it."""
    FIELD = "field"
    """The relation can be read, and has no such field to look at."""
    REFERENCE_TYPES = "reference types"
    """Both sides of a reference can be read, and their values are of types that are not compared."""
    FUNCTION = "function"
    """A view cannot be planned: it calls a function, `names`, that the session does not have."""
    RULE = "rule"
    """The engine cannot plan a rule of a contract, or it is no boolean expression."""
    LIBRARY = "library"
    """A library that rows were to be handed to cannot be used; `names` says which one can."""
    ELSEWHERE = "elsewhere"
    """Other machines were to read the rows, and did not."""
    SLOW = "slow"
    """The engine took longer than a query may, and was left."""
    PROOF = "proof"
    """A data file is not as it was kept, though nothing that tells files apart says so."""


#: Those that a Delta table's promised version answers for, and not the table.
VERSION_TROUBLES = frozenset(
    {Trouble.VERSION_ABSENT, Trouble.VERSION_VACUUMED, Trouble.VERSION_TOO_OLD}
)

#: Those that the promise of the one field answers for that data files do not agree on.
FIELD_TROUBLES = frozenset({Trouble.FILE_TYPES, Trouble.FILE_LACKS})


class CouldNotLook(Struct, frozen=True):
    """The answer to a question that nobody could answer, with what stood in the way.

    `relation` is the one that could not be looked at, which need not be the one that was asked about;
    None where it is the session itself. `location` is the URL where somebody tried to look.
    """

    reason: str
    relation: str | None = None
    location: str | None = None
    trouble: Trouble = Trouble.UNREADABLE
    names: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        subject = f"table {self.relation}" if self.relation else "the session"
        where = f" at {self.location}" if self.location else ""
        return f"could not read {subject}{where}: {self.reason}"


class Basis(StrEnum):
    """What a result rests on."""

    SCHEMA = "schema"
    PLAN = "plan"
    STATISTICS = "statistics"
    SCAN = "scan"


class SortTerm(Struct, frozen=True):
    field: str
    descending: bool = False
    nulls_first: bool = False

    def __str__(self) -> str:
        direction = "desc" if self.descending else "asc"
        nulls = "nulls first" if self.nulls_first else "nulls last"
        return f"{self.field} {direction} {nulls}"


class StoredOrdering(Struct, frozen=True):
    """The order that one file's footer claims (`sorting_columns`); empty where it claims none."""

    file: str
    terms: tuple[SortTerm, ...]


class ColumnChunks(Struct, frozen=True):
    """Column chunks of one column that are alike in one trait, over all files. `found` are the codec, the
    encodings, or what is missing; `untold`, why the footers do not say what was asked. `file` and `group`
    are those of the first of them. The trait is called as the contract calls it."""

    trait: str
    path: str
    found: tuple[str, ...]
    untold: str
    chunks: int
    file: str
    group: int


class FooterGroup(Struct, frozen=True):
    """`terms` are the order that the footer claims for it."""

    rows: int
    terms: tuple[SortTerm, ...]


class FileFooter(Struct, frozen=True):
    """`bytes` is None where nobody asked for it."""

    file: str
    groups: tuple[FooterGroup, ...]
    bytes: int | None = None


class FootersFacts(Struct, frozen=True):
    """What the footers of a relation's data files say of what is promised of them."""

    files: tuple[FileFooter, ...]
    chunks: tuple[ColumnChunks, ...] = ()

    @property
    def rows(self) -> int:
        return sum(group.rows for file in self.files for group in file.groups)


class OrderingFacts(Struct, frozen=True):
    """`planned` is the scan's `output_ordering` in the engine's plan.

    It is the plan of the relation that the session hands to readers: the project's own registration where
    `supplied`, else ours, which is made with the promised order once all rows have been found to be in it.
    Only of a Delta table, whose provider takes no order, is it that of a registration of its data files.
    `sorts`: a query that is sorted by the promised order still sorts there. `refused`: why we have not
    registered the table with the order.
    """

    planned: tuple[SortTerm, ...]
    supplied: bool
    stored: tuple[StoredOrdering, ...] = ()
    sorts: bool = False
    refused: str | None = None


class DeclaredFacts(Struct, frozen=True):
    """What a registration of the project's own declares of rows, and the engine believes without a look:
    fields that are NOT NULL, sets of fields that are unique, and sort orders."""

    not_null: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    orders: tuple[tuple[SortTerm, ...], ...] = ()


class PartitionFacts(Struct, frozen=True):
    """One partition field as the storage has it. `unparsed` are values that the promised type, `wanted`,
    refuses."""

    name: str
    type: pa.DataType
    values: int
    unparsed: tuple[str, ...] = ()
    wanted: pa.DataType | None = None


class DeclaredPartition(Struct, frozen=True):
    """What a registration shows that declares a partition field's promised type. `type` is None where the
    engine refused to register it so; `refusal` are its words where it cannot read the values as that type.
    """

    type: pa.DataType | None
    refusal: str | None = None


class ConstraintKind(StrEnum):
    """Where a Delta log keeps a constraint."""

    CHECK = "CHECK constraint"
    INVARIANT = "invariant"
    GENERATED = "generated column"


class LoggedConstraint(Struct, frozen=True):
    """What a Delta log holds writers to, as it is written there."""

    kind: ConstraintKind
    name: str
    sql: str


class Condition(Struct, frozen=True):
    """A boolean expression as the engine's planner understands it: all of its terms must hold.

    Two expressions with the same terms say the same. `refusal` is the planner's own error on text that
    it does not understand.
    """

    sql: str
    terms: frozenset[str] = frozenset()
    refusal: str | None = None


class ConstraintFacts(Struct, frozen=True):
    logged: LoggedConstraint
    condition: Condition


class EnforcementFacts(Struct, frozen=True):
    """The constraints of a Delta log, beside the rules of a contract by name, and what NOT NULL would be
    as a condition by field."""

    constraints: tuple[ConstraintFacts, ...]
    rules: Mapping[str, Condition]
    not_null: Mapping[str, Condition]


class DeltaFacts(Struct, frozen=True):
    """The one `version` of a Delta table that a run reads, and the `latest` when the run came to it.

    `features` are what the table needs of its readers. The latest commit's time was looked at only where
    the contract names a time.
    """

    version: int
    latest: int
    latest_time: datetime | None = None
    features: tuple[str, ...] = ()
    constraints: tuple[LoggedConstraint, ...] = ()


class FieldDiagnostic(Struct, frozen=True):
    """A field, or a node below one, in the engine's own words. `audit_type` is its type without what
    engines change in passing."""

    path: str
    arrow_type: str
    audit_type: str
    nullable: bool
    metadata: tuple[tuple[str, str], ...] = ()


class QueryFacts(Struct, frozen=True):
    """What a view asks for: the SQL that made it, where the session has it, and its logical plan as it was
    written, a line each; and the functions that it calls. The optimizer has not seen the plan: it would fold
    today's date and its own counters into it."""

    plan: tuple[str, ...]
    functions: tuple[str, ...]


class FieldRead(Struct, frozen=True, order=True):
    """A field that a plan's scan takes from a relation: a top-level field, or the one node below it that is
    taken out of a struct right where it is scanned."""

    relation: str
    path: str


class QueryPlan(Struct, frozen=True):
    """How a reader's query is planned: what its scans `read`, the functions that it calls, and the types as
    which the engine takes parameters, as far as it tells."""

    reads: tuple[FieldRead, ...]
    functions: tuple[str, ...]
    parameters: tuple[tuple[str, pa.DataType], ...] = ()


class QueryRun(Struct, frozen=True):
    """What came of running a reader's query: the schema of its output, how many rows it gave, as far as they
    were fetched, and what these `hold`, in the sequence of the questions about them."""

    schema: pa.Schema
    rows: int
    hold: tuple["NullCount | ValueCount | CouldNotLook", ...] = ()


class Refusal(Struct, frozen=True):
    """A field that a library does not take, or all of them where `path` is empty, and what it says."""

    path: str
    type: str
    reason: str


class Exchange(Struct, frozen=True):
    """What came of a relation's first rows in another library.

    `handed` and `rows` are what it was handed, without what it `refused`; `returned` and `rows_returned` what
    it gave back; `differing` are fields, with the number of rows in which they have another value then.
    `zone` is the one in which the library gives all times that have any; None where it keeps that of each.
    """

    handed: pa.Schema
    rows: int
    returned: pa.Schema
    rows_returned: int
    version: str
    zone: str | None = None
    differing: tuple[tuple[str, int], ...] = ()
    refused: tuple[Refusal, ...] = ()


class StatisticsFacts(Struct, frozen=True):
    """`counted`: metadata answer `count(*)`. Of the fields that were `asked` about, `scanned` are those
    whose rows have to be read for what statistics could tell."""

    counted: bool
    asked: tuple[str, ...]
    scanned: tuple[str, ...]


class PruningFacts(Struct, frozen=True):
    """`row_groups`: the format has them. `statistics`: some field has the ranges of its row groups stored.
    `empty`: no file has a row.

    `left_out`: row groups were left unread for the `predicate`; None where the stored ranges allow for no
    such predicate. `files_left_out`: files of other values of the `partition` were; None where there is
    no partition of several values.
    """

    row_groups: bool
    statistics: bool = False
    empty: bool = False
    predicate: str | None = None
    left_out: bool | None = None
    partition: str | None = None
    files_left_out: bool | None = None


class UnboundedFacts(Struct, frozen=True):
    """`infinite`: the engine's plan reads the table as a source without an end. `pipe`: a named pipe lies
    there; None where nobody can tell."""

    infinite: bool
    pipe: bool | None


class TableFacts(Struct, frozen=True, dict=True):
    """One relation as the session and its storage show it.

    `schema` is what the session says (its nullability is the *declared* flag); `stored_schema` what the
    storage says (the *live* flag): the Parquet footers or the Delta log. `partitions` is None where nobody
    can tell how the relation is stored. `hive_partitions` are the fields that stand in folder names only.
    `text` is stored without types, flags and metadata: `schema` is then what all values could be read as.
    `skipped` are data files under its folder that nobody reads, and partitions' folders without a file that
    is read; `ignored` are files that are read, and that the contract means to be left unread.
    `delimiter` is that of CSV files where it is no comma, and the header told it, not the contract.
    """

    name: str
    format: str
    schema: pa.Schema
    location: str | None = None
    stored_schema: pa.Schema | None = None
    partitions: tuple[PartitionFacts, ...] | None = None
    delta: DeltaFacts | None = None
    files: int | None = None
    hive_partitions: frozenset[str] = frozenset()
    text: bool = False
    skipped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    delimiter: str | None = None

    @property
    def schema_basis(self) -> Basis:
        return Basis.SCAN if self.text else Basis.SCHEMA

    @cached_property
    def names_below(self) -> Mapping[str, tuple[str, ...]]:
        """By the path of each node, the names of those below it in their order; below the empty path those of
        the table whose order the storage decides: an engine appends hive partitions at the end. Found once,
        as there may be thousands of fields, of which each asks for those beside it."""
        names = (name for name in self.schema.names if name not in self.hive_partitions)
        below = {"": tuple(names)}
        for node in walk_nodes(self.schema):
            children = child_nodes(node.path, node.field.type)
            if children:
                below.setdefault(node.path, tuple(child.name for child in children))
        return below

    @property
    def is_bare(self) -> bool:
        """Nobody has written a data file yet, and no log tells a schema."""
        return self.files == 0 and self.delta is None

    @property
    def delta_version(self) -> int | None:
        return None if self.delta is None else self.delta.version


class MetadataInFiles(Struct, frozen=True):
    """A key of a field's metadata whose value, None where it is absent, differs from file to file."""

    key: str
    values: tuple[tuple[str | None, tuple[str, ...]], ...]


class Adapting(StrEnum):
    """What an engine does to a node of a data file, so that it is as the table has it."""

    CAST = "cast"
    """Its values are read as another type."""
    DROPPED = "dropped"
    """The table has no such node, and nobody reads it."""
    RECASED = "recased"
    """The table's node of this name differs from it in upper and lower case: it is not read, and the table's
    is null."""
    MOVED = "moved"
    """It stands at another place among its neighbours, and is found by its name."""
    RESPELLED = "respelled"
    """Its type counts as the same: another layout of text, another name of a list's child."""


class Adapted(Struct, frozen=True):
    """What an engine does to one node of some data files.

    `stored` is its type in the files, and `read` the table's; of one that is dropped `read` is empty, and of
    one that has moved both are places. Of one that differs in case, `stored` is what it is called there.
    """

    how: Adapting
    stored: str
    read: str
    files: tuple[str, ...]


class FilesFacts(Struct, frozen=True):
    """How the data files of a relation differ in the schemas that they have of their own.

    Files are named by their paths below the table's location. `lacking` are, by path, the files without a
    node that others or the table have, though they have the node above. `strangers` lack more than half of
    the fields that most files have, and `strange_fields` stand in no other file. `metadata` are the keys in
    whose values files differ, by path. `adapted` is, by path, what else differs from what the table is read
    as, strangers among them. `files` is 0 where nobody can tell, as of text.
    """

    files: int
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()
    strange_fields: frozenset[str] = frozenset()
    metadata: Mapping[str, tuple[MetadataInFiles, ...]] = field(default_factory=dict)
    adapted: Mapping[str, tuple[Adapted, ...]] = field(default_factory=dict)


class SeenTable(Struct, frozen=True):
    """One relation; None where nobody has asked, or nobody could look. `trouble` is why it could not be
    opened."""

    name: str
    facts: TableFacts | None
    rows: int | None = None
    ordering: OrderingFacts | None = None
    query: QueryFacts | None = None
    diagnostics: tuple[FieldDiagnostic, ...] = ()
    trouble: CouldNotLook | None = None


class RowCount(Struct, frozen=True):
    """How many rows a relation has, and what that rests on. `fields`: of how many fields all pages were read,
    since somebody wants the data verified."""

    rows: int
    basis: Basis
    fields: int = 0


class StreamFacts(Struct, frozen=True):
    """What one reading of an unbounded table saw. `cut` says what ended it; None: the source itself did.
    `schema` is what the rows that came could be read as."""

    rows: int
    schema: pa.Schema
    cut: str | None = None


class RowPlace(Struct, frozen=True, order=True):
    """`row` counts from 0 in the file that `file` names, as the engine names it."""

    file: str
    row: int


class ShownField(Struct, frozen=True):
    """A field of a sample, whose values may not be told where it, or a field below it, is sensitive."""

    name: str
    sensitive: bool


class Others(StrEnum):
    """Of a sample's row: the fields that nobody has named."""

    LEFT_OUT = "left out"
    REDACTED = "redacted"
    SHOWN = "shown"


class ShownRows(Struct, frozen=True):
    """What samples show of a relation's rows."""

    fields: tuple[ShownField, ...] = ()
    others: Others = Others.LEFT_OUT


class Sample(Struct, frozen=True):
    """A violating row: its fields as text. `place` is only a file where no more can be told, None where not
    even that."""

    place: RowPlace | str | None
    values: tuple[tuple[str, str], ...]


class Artifact(Struct, frozen=True):
    """A table in an artifact root: the file or folder `entry`, of `bytes` of data files.

    `rivals` are the other places that define a table of its name, each in words.
    """

    name: str
    entry: str
    table: TableFacts | CouldNotLook
    rows: RowCount | None = None
    bytes: int | None = None
    rivals: tuple[str, ...] = ()


class Stray(Struct, frozen=True):
    """A file or folder in an artifact root that is no table of its format."""

    entry: str
    why: str


class CatalogFacts(Struct, frozen=True):
    """What lies in an artifact root, by name. `contract` is the file that mounts it."""

    contract: str
    location: str
    format: str
    artifacts: tuple[Artifact, ...]
    strays: tuple[Stray, ...] = ()


class NullCount(Struct, frozen=True):
    """Of a relation of `rows` rows, `values` slots at a path whose parents are all there, `nulls` of them
    null. A refusal is the engine's own error on meeting a null in a field that the session declares NOT
    NULL: at least one null."""

    values: int
    nulls: int
    refusal: str | None = None
    basis: Basis = Basis.SCAN
    samples: tuple[Sample, ...] = ()
    rows: int = 0


class KeyCount(Struct, frozen=True):
    """Of `rows` key values without a null, `duplicates` are more than one row's own; `nulls` have a null
    in some field of the key and take no part."""

    rows: int
    duplicates: int
    nulls: int
    samples: tuple[Sample, ...] = ()


class ReferenceCount(Struct, frozen=True):
    """Of `rows` references without a null, `dangling` have no row to point at."""

    rows: int
    dangling: int
    samples: tuple[Sample, ...] = ()


class RuleCount(Struct, frozen=True):
    """Of `rows` rows, the rule is false for `violations`; NULL is no violation. `known`: it is NULL for not
    all of them."""

    rows: int
    violations: int
    samples: tuple[Sample, ...] = ()
    known: bool = True
    basis: Basis = Basis.SCAN


class RowGroup(Struct, frozen=True):
    """A group of `rows` rows, by the values of the fields that make it, as text."""

    values: tuple[tuple[str, str], ...]
    rows: int


class AggregateCount(Struct, frozen=True):
    """Of `rows` rows in `groups` groups (all in one, where no fields make them) an aggregate is false for
    `violations` groups and NULL for `unknown`. The largest of these are `false` and `null`.

    `computed` are, of all rows together, the values that are aggregated in it, and `fields` what it may
    read. No row violates it by itself, so that there are no samples.
    """

    rows: int
    groups: int
    violations: int
    unknown: int
    false: tuple[RowGroup, ...] = ()
    null: tuple[RowGroup, ...] = ()
    computed: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()


class ValueCount(Struct, frozen=True):
    """Of a relation of `rows` rows, `values` slots at a path that are not null, `violations` of them not as
    promised. `frequent` are the most frequent of these, as text, with how often each is met: none where there
    are too many different ones, and None where nobody may tell. `others` is how many more there are."""

    values: int
    violations: int
    frequent: tuple[tuple[str, int], ...] | None = None
    others: int | None = None
    basis: Basis = Basis.SCAN
    samples: tuple[Sample, ...] = ()
    rows: int = 0


class RowDifference(Struct, frozen=True):
    """Of two relations, each with as many equal rows as it has: rows that are `missing` from the one, and
    `extra` ones that the other does not have. Of very many rows, at least so many."""

    missing: int
    extra: int

    @property
    def is_none(self) -> bool:
        return not (self.missing or self.extra)


class ViewRun(Struct, frozen=True):
    """Of a view that was read: the number of its rows, and the number that its definition promises, None
    for a query. `changed`: rows that differ between what was packed and the same, flattened again; None
    for what is no such view. `absent` are the extracted keys that no row has. `differing`: how a view of
    the project's own differs from the definition in the contract; None for ours."""

    rows: RowCount
    promised: int | None = None
    changed: int | None = None
    absent: tuple[str, ...] = ()
    differing: RowDifference | None = None


class SourceFacts(Struct, frozen=True):
    """How the relation that the session hands to readers compares with what a contract's `source` names.

    `supplied`: the project registered it; if not, we did, as the contract says. `view`: it is a query.
    Of the `files` that `source` names, `fewer` are not read, `more` are read beside them, and `repeated`
    are read several times. `without` are partition fields that it lacks. `version` is the one of a Delta
    table that is read, and `promised` the one that `source` names. Where no plan names files,
    `differing` is how the rows differ, as far as the two were compared.
    """

    supplied: bool
    basis: Basis = Basis.PLAN
    files: int = 0
    view: bool = False
    more: tuple[str, ...] = ()
    fewer: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    version: int | None = None
    promised: int | None = None
    differing: RowDifference | None = None

    @property
    def other_rows(self) -> bool:
        """The storage that is known is not the one whose rows readers get."""
        same = self.differing is None or self.differing.is_none
        return self.view or not same or bool(self.more or self.fewer or self.repeated)

    @property
    def same(self) -> bool:
        return not self.other_rows and not self.without and self.version == self.promised


class NewestValue(Struct, frozen=True):
    """Of `rows` rows that have a value, the greatest: a time with its zone, or without one where it is
    stored so. None where no row has a value. No row violates it, so that there are no samples."""

    rows: int
    value: datetime | None = None
    samples: tuple[Sample, ...] = ()


class ValueSpread(Struct, frozen=True):
    """Of `values` values that are not null, the least and the greatest, which no NaN is, and the different
    ones in order, as a contract writes them. `different` is None where they are too many to be told. No row
    violates it, so that there are no samples."""

    values: int
    nans: int = 0
    least: str | None = None
    greatest: str | None = None
    different: tuple[str, ...] | None = ()
    samples: tuple[Sample, ...] = ()
    rows: int = 0


class Misplaced(Struct, frozen=True):
    """Two rows of one file, the second of which should stand before the first. `row` counts from 0."""

    file: str
    row: int
    first: str
    second: str


class RowOrder(Struct, frozen=True):
    """Of `rows` rows in `files`, `violations` should stand before the row in front of them."""

    rows: int
    violations: int
    examples: tuple[Misplaced, ...] = ()
    basis: Basis = Basis.SCAN
    samples: tuple[Sample, ...] = ()


class Signature(Struct, frozen=True, order=True):
    """Argument types as the engine names them (an ellipsis last: variadic); None: it does not say."""

    arguments: tuple[str, ...]
    returns: str | None


class FunctionFacts(Struct, frozen=True):
    """One function of the session. No signatures: the engine lists it without."""

    name: str
    kind: str
    deterministic: bool
    signatures: tuple[Signature, ...] = ()


class FunctionProbe(Struct, frozen=True):
    """What the engine did with a call of a required function. `error` is None where it ran.

    `returns` are the types that it returned, several where all listed overloads were asked.

    `kind` is told for functions that the planner knows and `information_schema.routines` does not list.
    `casts` has, by position, the types that arguments were cast to before the function took them.
    """

    call: str
    returns: tuple[pa.DataType, ...]
    error: str | None = None
    kind: str | None = None
    casts: Mapping[int, pa.DataType] = field(default_factory=dict)


class SettingEffect(Struct, frozen=True):
    """How the engine behaves where a setting should show, in words, and whether that fits its value."""

    fits: bool
    seen: str


class SessionFacts(Struct, frozen=True):
    """`shadowed` are the engine's own functions whose names stand for others in this session; `added` are
    the names of all functions that are not the engine's own."""

    settings: Mapping[str, str | None]
    functions: tuple[FunctionFacts, ...]
    default_settings: Mapping[str, str | None] = field(default_factory=dict)
    shadowed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class SnapshotMatch(StrEnum):
    """What comes of holding what was observed against an accepted snapshot."""

    SAME = "same"
    WRITTEN = "written"
    """The run updates snapshots, and has accepted what was observed."""
    MISSING = "missing"
    DIFFERENT = "different"
    NOT_KEPT = "not kept"
    """The project keeps no snapshots yet."""


class SnapshotComparison(Struct, frozen=True):
    """`file` names the snapshot; `before` is the text that was accepted before, where there was one."""

    match: SnapshotMatch
    file: str
    before: str | None = None
