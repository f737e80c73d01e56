"""Turns what was observed into entries of the manifest: one function a kind of facts."""

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
from msgspec.structs import replace

from cst_contracts.contract.model import Contract, SessionContract, SettingContract, TableContract
from cst_contracts.datatypes import print_type, walk_nodes
from cst_contracts.drift.fingerprint import schema_fingerprint
from cst_contracts.facts import (
    Artifact,
    CatalogFacts,
    CouldNotLook,
    DeltaFacts,
    FieldDiagnostic,
    FunctionFacts,
    QueryFacts,
    SeenTable,
    SessionFacts,
    TableFacts,
)
from cst_contracts.report.manifest_file import (
    ArtifactEntry,
    CatalogEntry,
    ConstraintEntry,
    ContractEntry,
    ContractKind,
    DiagnosedField,
    Entry,
    FieldEntry,
    FunctionEntry,
    SettingEntry,
    StrayEntry,
    TableEntry,
    ViewEntry,
)


class SessionEntry(Entry, frozen=True, kw_only=True):
    """The settings and functions of the session, by name. In the manifest they are members of the whole."""

    settings: dict[str, str | None]
    functions: tuple[FunctionEntry, ...]
    shadowed_functions: tuple[str, ...]


class Observed(Entry, frozen=True, kw_only=True):
    """All that one process of a run has seen; it travels from a worker to where the manifest is written.

    `session` is None where no session could be opened, or none was needed.
    """

    session: SessionEntry | None = None
    required_settings: tuple[SettingEntry, ...] = ()
    catalogs: tuple[CatalogEntry, ...] = ()
    contracts: tuple[ContractEntry, ...] = ()
    tables: tuple[TableEntry, ...] = ()


def merged(processes: Iterable[Observed]) -> Observed:
    """What all processes of a run have seen. Each saw the same tables, but not each counted their rows."""
    session: SessionEntry | None = None
    settings: dict[tuple[str, str], SettingEntry] = {}
    catalogs: dict[str, CatalogEntry] = {}
    contracts: dict[str, ContractEntry] = {}
    tables: dict[str, TableEntry] = {}
    for process in processes:
        session = session or process.session
        for setting in process.required_settings:
            known = settings.get((setting.contract, setting.name))
            if known is None or known.effective is None:
                settings[setting.contract, setting.name] = setting
        catalogs |= {each.contract: each for each in process.catalogs}
        contracts |= {each.file: each for each in process.contracts}
        for table in process.tables:
            tables[table.table] = _fuller(tables.get(table.table), table)
    return Observed(
        session=session,
        required_settings=tuple(settings.values()),
        catalogs=tuple(sorted(catalogs.values(), key=lambda each: each.contract)),
        contracts=tuple(sorted(contracts.values(), key=lambda each: each.file)),
        tables=tuple(sorted(tables.values(), key=lambda each: each.table)),
    )


def _fuller(known: TableEntry | None, table: TableEntry) -> TableEntry:
    if known is None or (known.error is not None and table.error is None):
        return table
    return replace(known, rows=table.rows) if known.rows is None else known


def observed(
    session: SessionFacts | None,
    tables: Iterable[SeenTable],
    catalogs: Iterable[CatalogFacts],
    contracts: Iterable[Contract],
    invalid: Iterable[str] = (),
) -> Observed:
    """What a run has seen, as entries. `contracts` are those of the selected promises, `invalid` the files
    that are none."""
    by_file = {each.file: each for each in contracts}
    return Observed(
        session=None if session is None else session_entry(session),
        required_settings=tuple(_settings(by_file.values(), session)),
        catalogs=tuple(map(catalog_entry, catalogs)),
        contracts=(
            *map(contract_entry, by_file.values()),
            *map(invalid_contract_entry, dict.fromkeys(invalid)),
        ),
        tables=tuple(table_entry(each, _storage(by_file.values(), each.name)) for each in tables),
    )


def _settings(
    contracts: Iterable[Contract], session: SessionFacts | None
) -> Iterator[SettingEntry]:
    """Promised and effective, of all the settings that the contracts promise."""
    known = {} if session is None else session.settings
    for contract in contracts:
        if isinstance(contract, SessionContract):
            for setting in contract.settings:
                yield setting_entry(contract.file, setting, known.get(setting.name))


def _storage(contracts: Iterable[Contract], table: str) -> str:
    for contract in contracts:
        if isinstance(contract, TableContract) and contract.name == table and contract.source:
            return contract.source.format.value
    return "view"


def contract_entry(contract: Contract) -> ContractEntry:
    """A contract file that could be read."""
    return ContractEntry(
        file=contract.file,
        kind=_kind(contract),
        name=contract.name,
        owner=contract.owner,
        version=contract.version,
        description=contract.description,
    )


def _kind(contract: Contract) -> ContractKind:
    match contract:
        case TableContract():
            return ContractKind.TABLE
        case SessionContract():
            return ContractKind.SESSION


def invalid_contract_entry(file: str) -> ContractEntry:
    """A contract file whose promises could not be read."""
    return ContractEntry(file=file, kind=ContractKind.INVALID, name=file)


def session_entry(facts: SessionFacts) -> SessionEntry:
    """Settings by name, and functions by name and kind, in order."""
    return SessionEntry(
        settings=dict(sorted(facts.settings.items())),
        functions=tuple(map(_function, facts.functions)),
        shadowed_functions=facts.shadowed,
    )


def _function(function: FunctionFacts) -> FunctionEntry:
    return FunctionEntry(
        name=function.name,
        kind=function.kind,
        deterministic=function.deterministic,
        signatures=tuple(
            f"({', '.join(each.arguments)}) -> {each.returns or 'any'}"
            for each in function.signatures
        ),
    )


def setting_entry(file: str, setting: SettingContract, effective: str | None) -> SettingEntry:
    """The promise of one setting; `effective` is None where the session has no value for it."""
    return SettingEntry(
        name=setting.name,
        promised=setting.value,
        effective=effective,
        contract=file,
        place=str(setting.place),
    )


def table_entry(seen: SeenTable, storage: str = "view") -> TableEntry:
    """A table that somebody came to look at. `storage` is the promised format, of one that could not be
    opened."""
    facts, trouble = seen.facts, seen.trouble
    delta = None if facts is None else facts.delta
    return TableEntry(
        table=seen.name,
        format=storage if facts is None else facts.format,
        location=_location(facts, trouble),
        delta_version=None if delta is None else delta.version,
        delta_latest_version=None if delta is None else delta.latest,
        delta_features=() if delta is None else delta.features,
        delta_constraints=() if delta is None else _constraints(delta),
        files=None if facts is None else facts.files,
        rows=seen.rows,
        fields=() if facts is None else _fields(facts.schema),
        schema_diagnostics=tuple(map(_diagnosed, seen.diagnostics)),
        partitioned_by=() if facts is None else tuple(each.name for each in facts.partitions or ()),
        ordered_by=() if seen.ordering is None else tuple(map(str, seen.ordering.planned)),
        view=None if seen.query is None else _view(seen.query),
        diagnostics=(),
        error=None if trouble is None else trouble.reason,
    )


def _location(facts: TableFacts | None, trouble: CouldNotLook | None) -> str | None:
    if facts is not None:
        return facts.location
    return None if trouble is None else trouble.location


def _fields(schema: pa.Schema) -> tuple[FieldEntry, ...]:
    return tuple(
        FieldEntry(
            path=node.path,
            type=print_type(node.field.type),
            nullable=node.field.nullable,
            metadata=_texts(node.field.metadata or {}),
        )
        for node in walk_nodes(schema)
    )


def _texts(metadata: Mapping[bytes, bytes]) -> dict[str, str]:
    return {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in sorted(metadata.items())
    }


def _diagnosed(each: FieldDiagnostic) -> DiagnosedField:
    return DiagnosedField(
        path=each.path,
        arrow_type=each.arrow_type,
        audit_type=each.audit_type,
        nullable=each.nullable,
        metadata=dict(each.metadata),
    )


def _view(query: QueryFacts) -> ViewEntry:
    return ViewEntry(functions=query.functions, plan=query.plan)


def _constraints(delta: DeltaFacts) -> tuple[ConstraintEntry, ...]:
    return tuple(
        ConstraintEntry(kind=each.kind, name=each.name, sql=each.sql) for each in delta.constraints
    )


def catalog_entry(facts: CatalogFacts) -> CatalogEntry:
    """The inventory of an artifact root."""
    return CatalogEntry(
        contract=facts.contract,
        location=facts.location,
        format=facts.format,
        tables=tuple(map(_artifact, facts.artifacts)),
        strays=tuple(StrayEntry(entry=stray.entry, why=stray.why) for stray in facts.strays),
    )


def _artifact(artifact: Artifact) -> ArtifactEntry:
    match artifact.table:
        case CouldNotLook(reason=reason):
            return ArtifactEntry(
                table=artifact.name,
                entry=artifact.entry,
                files=None,
                bytes=None,
                rows=None,
                delta_version=None,
                fingerprint=None,
                error=reason,
            )
        case TableFacts() as table:
            return ArtifactEntry(
                table=artifact.name,
                entry=artifact.entry,
                files=table.files,
                bytes=artifact.bytes,
                rows=None if artifact.rows is None else artifact.rows.rows,
                delta_version=table.delta_version,
                fingerprint=schema_fingerprint(table.schema),
                error=None,
            )
