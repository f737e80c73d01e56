"""Looks at a stage as the gate looks at a lake, in a folder that is thrown away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from datafusion import SessionContext
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.contract.clauses.catalog import CatalogContract
from cst_contracts.contract.model import Contract, SessionContract, SourceFormat, TableContract
from cst_contracts.contract.relations import preset_settings
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.facts import SnapshotComparison, SnapshotMatch
from cst_contracts.gate.gate import Gate, Judgement, Selected
from cst_contracts.gate.opening import open_observer
from cst_contracts.gate.project import Project
from cst_contracts.proof.staging import Stage, location_of, register, store
from cst_contracts.proof.writing import Layout, write

_MEMORY = 256 * 1024**2
_PLACE = "table"


class Snapshots:
    """Accepts the first text of each contract that it sees, and compares all others with it."""

    kept = True

    def __init__(self) -> None:
        self._accepted: dict[str, str] = {}

    def compare(self, contract: str, observed: str) -> SnapshotComparison:
        before = self._accepted.setdefault(contract, observed)
        match = SnapshotMatch.SAME if before == observed else SnapshotMatch.DIFFERENT
        return SnapshotComparison(match, "snapshot.json", before)


class Looked(Struct, frozen=True):
    """What came of each check, by its id."""

    judgements: Mapping[str, Judgement]

    @property
    def red(self) -> tuple[str, ...]:
        return tuple(check for check, each in self.judgements.items() if each.failed)


def placed(contract: TableContract) -> TableContract:
    """The same contract, with a location in the folder that is thrown away in place of a URI."""
    contract = _with_few_rows(contract)
    source = contract.source
    if source is None or source.location is None or "://" not in source.location:
        return contract
    return replace(contract, source=replace(source, location=_PLACE))


def _with_few_rows(contract: TableContract) -> TableContract:
    """Its queries may give no row: those that are made need not be those that a reader looks for. Where the
    table is a view of others, it is made as a table, so that nobody can tell what is read of these."""
    stored = contract.source is None or contract.source.format is not SourceFormat.VIEW
    queries = (
        replace(each, allow_empty=True, reads=each.reads if stored else None)
        for each in contract.queries
    )
    views = (each if stored else replace(each, reads=None) for each in contract.views)
    return replace(contract, queries=tuple(queries), views=tuple(views))


def look(
    contract: Contract,
    checks: Sequence[Check],
    stage: Stage,
    now: datetime,
    snapshots: Snapshots,
) -> Looked:
    """Raises NoData where the stage cannot be written, and IntrospectionError where the engine refuses a
    setting."""
    if stage.accepted is not None:
        snapshots = Snapshots()
        look(contract, checks, stage.accepted, now, snapshots)
    with TemporaryDirectory(prefix="cst-proof-", ignore_cleanup_errors=True) as folder:
        project = Project(root=Path.cwd(), contracts=(), lake=folder, memory=_MEMORY, places=0)
        session = open_session({**preset_settings([contract]), **stage.settings}, _MEMORY)
        _lay_out(contract, stage, Path(folder), session)
        observer = open_observer(project, [contract], (), session, "the proof gave")
        selected = [Selected(contract, check) for check in checks]
        tables = [] if isinstance(contract, SessionContract) else [contract]
        gate = Gate(observer, selected, tables, now)
        return Looked({each.check.id: gate.judge(each, snapshots) for each in selected})


def _lay_out(contract: Contract, stage: Stage, lake: Path, session: SessionContext) -> None:
    for name, rows in stage.others.items():
        register(session, name, rows.table())
    match contract:
        case SessionContract(catalog=CatalogContract(location=location, format=format_)):
            (lake / location).mkdir(parents=True, exist_ok=True)
            for name, table in stage.artifacts.items():
                write([table], lake / location / name, Layout(format_))
        case TableContract() if stage.absent:
            pass
        case TableContract():
            _lay_out_table(contract, stage, lake, session)
        case SessionContract():
            pass
    for alter in stage.session:
        alter(session)


def _lay_out_table(
    contract: TableContract, stage: Stage, lake: Path, session: SessionContext
) -> None:
    location = location_of(contract)
    if location is None:
        register(session, contract.name, pa.concat_tables(stage.parts()))
    else:
        store(stage, lake / location)
