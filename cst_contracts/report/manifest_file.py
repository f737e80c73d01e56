"""The shape of a manifest: these structs are what is written, what is read, and its JSON Schema.

A key without a default is part of the agreement with other programs, and always there. A key with `later`
or `none_yet` is always written, too, and manifests of earlier releases may lack it. A key with a plain
default is left out where it has it: nobody looked, or there is nothing to say.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct, field

from cst_contracts.checks.check import Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import Severity
from cst_contracts.drift.consumers import Affected
from cst_contracts.facts import Basis, ConstraintKind

MANIFEST_VERSION: Literal[1] = 1

Count: TypeAlias = Annotated[int, Meta(ge=0)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0)]
Fingerprint: TypeAlias = Annotated[str, Meta(pattern="^sha256:[0-9a-f]{64}$")]
Place: TypeAlias = Annotated[str, Meta(pattern=":[0-9]+:[0-9]+$")]
Option: TypeAlias = str | int | float | bool | None


def later() -> None:
    """The value of a key that manifests of earlier releases lack; as a factory, it is written all the same.

    msgspec's `omit_defaults` leaves out plain defaults, and what `list` and `tuple` make.
    """


def none_yet() -> tuple[()]:
    """Like `later`, for a key with a list."""
    return ()


class Outcome(StrEnum):
    """What came of a promise."""

    KEPT = "kept"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    VACUOUS = "vacuous"
    WAIVED = "waived"


class ContractKind(StrEnum):
    """What a contract file is about; `invalid`: its promises could not be read."""

    TABLE = "table"
    SESSION = "session"
    INVALID = "invalid"


class Unit(StrEnum):
    """What was looked at: rows of a relation, the elements of its lists and maps, what stands at a path (as
    far as all above it is there), or groups of rows."""

    ROW = "row"
    ELEMENT = "element"
    VALUE = "value"
    GROUP = "group"


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One object of the manifest. Keys that this release does not know are passed over when reading."""


class MemoryTaken(Entry, frozen=True, kw_only=True):
    """In bytes: what measuring may take, and the most that one process of the run held at once."""

    limit: Count
    peak: Count | None


class RunEntry(Entry, frozen=True, kw_only=True):
    """The run itself: when, over what, and how it ended.

    `duration` is in seconds. `options` are those of this project that change what is looked at, by name.
    `keyword` and `markers` are the expressions that selected promises (`-k`, `-m`), and `deselected` is
    the number of promises that they left out. `root` is the project's folder, `lake` the lake's. `commit`
    and `branch` are the project's, where it is under version control.
    """

    deselected: Count
    started: datetime | None = None
    duration: Seconds | None = None
    exit_status: int | None = None
    options: dict[str, Option] = field(default_factory=dict)
    keyword: str = ""
    markers: str = ""
    root: str | None = None
    lake: str | None = None
    commit: str | None = None
    branch: str | None = None


class ContractEntry(Entry, frozen=True, kw_only=True):
    """One contract file that was collected.

    `name` is its table or session. `source` has, by number, the lines that findings point to.
    """

    file: str
    kind: ContractKind
    name: str
    owner: str = ""
    version: str | None = None
    description: str = ""
    source: dict[str, str] = field(default_factory=dict)


class FunctionEntry(Entry, frozen=True, kw_only=True):
    """One function of the session; a signature is text such as `(Int64, …) -> Utf8`."""

    name: str
    kind: str
    deterministic: bool
    signatures: tuple[str, ...]


class SettingEntry(Entry, frozen=True, kw_only=True):
    """One promise of a setting; `effective` is null where the session has no value for it."""

    name: str
    promised: str
    effective: str | None
    contract: str
    place: Place


class FieldEntry(Entry, frozen=True, kw_only=True):
    """One field of a table, or one node below a field."""

    path: str
    type: str
    nullable: bool
    metadata: dict[str, str]


class DiagnosedField(Entry, frozen=True, kw_only=True):
    """A field in the engine's own words. `audit_type` leaves out what engines change in passing."""

    path: str
    arrow_type: str
    audit_type: str
    nullable: bool
    metadata: dict[str, str]


class ConstraintEntry(Entry, frozen=True, kw_only=True):
    """A constraint of a Delta log, as it is written there."""

    kind: ConstraintKind
    name: str
    sql: str


class ViewEntry(Entry, frozen=True, kw_only=True):
    """What a view asks for: the functions that it calls, and its logical plan, a line each."""

    functions: tuple[str, ...]
    plan: tuple[str, ...]


class TableDiagnostic(Entry, frozen=True, kw_only=True):
    """What one promise about the table found, red or only told."""

    check: str
    code: FindingCode
    observed: str | None


class TableEntry(Entry, frozen=True, kw_only=True):
    """One table that was looked at. `rows` is null where nobody has counted.

    `error` says why a table could not be opened; nothing else is then known of it.
    """

    table: str
    format: str
    location: str | None
    delta_version: Count | None
    delta_latest_version: Count | None = field(default_factory=later)
    delta_features: tuple[str, ...] = field(default_factory=none_yet)
    delta_constraints: tuple[ConstraintEntry, ...] = field(default_factory=none_yet)
    files: Count | None = field(default_factory=later)
    rows: Count | None
    fields: tuple[FieldEntry, ...]
    schema_diagnostics: tuple[DiagnosedField, ...] = field(default_factory=none_yet)
    partitioned_by: tuple[str, ...]
    ordered_by: tuple[str, ...]
    view: ViewEntry | None = field(default_factory=later)
    diagnostics: tuple[TableDiagnostic, ...]
    error: str | None = None
    seconds: Seconds | None = None


class ArtifactEntry(Entry, frozen=True, kw_only=True):
    """One table in an artifact root, as far as it could be read."""

    table: str
    entry: str
    files: Count | None
    bytes: Count | None
    rows: Count | None
    delta_version: Count | None
    fingerprint: Fingerprint | None
    error: str | None


class StrayEntry(Entry, frozen=True, kw_only=True):
    """A file or folder in an artifact root that is no table."""

    entry: str
    why: str


class CatalogEntry(Entry, frozen=True, kw_only=True):
    """The inventory of an artifact root: enough to tell whether another run saw the same."""

    contract: str
    location: str
    format: str
    tables: tuple[ArtifactEntry, ...]
    strays: tuple[StrayEntry, ...]


class FindingEntry(Entry, frozen=True, kw_only=True):
    """One disagreement: the promised and the observed side, and the way out where there is one."""

    code: FindingCode
    place: Place
    subject: str
    promised: str
    observed: str
    hint: str | None = None


class CauseEntry(Entry, frozen=True, kw_only=True):
    """The promise that stands in the way. `contract` is left out where no such promise was selected."""

    subject: str
    check: str
    contract: str | None = None


class WaiverEntry(Entry, frozen=True, kw_only=True):
    """The waiver that names the promise; `expires` is the last day on which it holds."""

    reason: str
    owner: str
    expires: date


class ConsumerEntry(Entry, frozen=True, kw_only=True):
    """A consumer that reads what a promise is about; `through` is a view, or a field of another table, that
    it reads."""

    name: str
    owner: str = ""
    through: str = ""

    def __str__(self) -> str:
        return str(Affected(self.name, self.owner, self.through))


class SampleEntry(Entry, frozen=True, kw_only=True):
    """A row that breaks the promise. `row` counts from 0 in `file`, whose path is relative to the table.

    `values` are its fields as text, by path, where they were asked for; `cut` are the paths of values that
    are longer than what is shown. `leaf` is the path that breaks the promise, and `element` the index in
    the list or map that it lies in.
    """

    file: str | None = None
    row: Count | None = None
    element: Count | None = None
    leaf: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    cut: tuple[str, ...] = ()


class LookedAt(Entry, frozen=True, kw_only=True):
    """How much an answer covers: `rows` units are answered for, `read` of them were read, `of` all."""

    rows: Count
    read: Count | None = None
    of: Count | None = None
    unit: Unit = Unit.ROW


class Denominator(Entry, frozen=True, kw_only=True):
    """How many units decided a promise that is kept."""

    count: Count
    unit: Unit = Unit.ROW

    def __str__(self) -> str:
        return f"{self.count:,} {self.unit}{'' if self.count == 1 else 's'}"


class PromiseRecord(Entry, frozen=True, kw_only=True):
    """One promise of a contract, and what came of it.

    `id` is the same in every run. `subject` is the contract's table, or its session. `code`, `place`,
    `promised`, `observed` and `hint` are those of the first of `findings`. `rows` is null where no row was
    looked at. `decided_by` is how many values or groups a kept promise rests on, where these are not its
    `rows`. `failed`: the promise failed the run. `hidden_by` is the mark or fixture of the project that kept
    it from being looked at, or from failing the run. `consumers` are those that a failed promise concerns.
    """

    id: str = ""
    contract: str
    subject: str = ""
    check: str
    group: Group | None = field(default_factory=later)
    outcome: Outcome
    severity: Severity
    place: Place
    code: FindingCode | None
    promised: str | None
    observed: str | None
    basis: Basis | None
    rows: Count | None
    violations: Count | None
    hint: str | None
    failed: bool
    hidden_by: str | None = field(default_factory=later)
    samples: tuple[SampleEntry, ...] = field(default_factory=none_yet)
    findings: tuple[FindingEntry, ...] = ()
    field: str | None = None
    looked_at: LookedAt | None = None
    decided_by: Denominator | None = None
    cause: CauseEntry | None = None
    waiver: WaiverEntry | None = None
    consumers: tuple[ConsumerEntry, ...] = ()
    seconds: Seconds | None = None


class Manifest(Entry, frozen=True, kw_only=True):
    """What a run promised and observed. `settings` and `functions` are the whole session's."""

    manifest_version: Literal[1]
    versions: dict[str, str]
    run: RunEntry | None = None
    memory: MemoryTaken | None = field(default_factory=later)
    settings: dict[str, str | None]
    functions: tuple[FunctionEntry, ...]
    shadowed_functions: tuple[str, ...] = field(default_factory=none_yet)
    required_settings: tuple[SettingEntry, ...] = field(default_factory=none_yet)
    catalogs: tuple[CatalogEntry, ...] = field(default_factory=none_yet)
    contracts: tuple[ContractEntry, ...] = ()
    tables: tuple[TableEntry, ...]
    promises: tuple[PromiseRecord, ...]
    summary: dict[Outcome, Count]


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of manifests."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cst-contracts:manifest:{MANIFEST_VERSION}",
        "title": "The manifest of a cst-contracts run",
        **msgspec.json.schema(Manifest),
    }
