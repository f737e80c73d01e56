"""Writes tables that keep a contract, or that break exactly one of its promises, to a folder."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.checks.plan import plan
from cst_contracts.contract.model import SourceFormat, TableContract
from cst_contracts.engine.session.waiting import waiting_at_most
from cst_contracts.errors import CstContractsError
from cst_contracts.gate.opening import make_ready
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable
from cst_contracts.proof.breakers.registry import BREAKERS
from cst_contracts.proof.errors import NoData
from cst_contracts.proof.kinds import kind_of
from cst_contracts.proof.known import Known, known
from cst_contracts.proof.looking import Snapshots, look, placed
from cst_contracts.proof.making import utc_now
from cst_contracts.proof.proving import Baseline, stage_of, wrong
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.staging import Stage, layout_of, location_of, store
from cst_contracts.proof.writing import Layout


class Written(Struct, frozen=True):
    """One table, and where it lies. `view`: its contract says that it is a view of other tables."""

    name: str
    place: Path
    rows: int
    format: SourceFormat
    view: bool = False


def sample(
    contract: Path,
    folder: Path,
    rows: int,
    *,
    seed: int = 0,
    format_: SourceFormat | None = None,
    clause: str | None = None,
    query_seconds: float | None = None,
) -> tuple[tuple[Written, ...], str | None]:
    """The tables that were written under `folder`, at the locations of their contracts, and what was done to
    break the `clause`, which is the id of a check. The same seed makes the same rows. Each query over the
    rows that are made may take `query_seconds`, None: as long as it does.

    Raises NoData where no such data are known, and CstContractsError where a table is there already.
    """
    make_ready(query_seconds)
    found = known(contract)
    now = utc_now()
    what = None
    with waiting_at_most(query_seconds):
        stage = stage_of(found.contract, found.tables, seed, now, rows, fewest=rows)
        if clause is not None:
            what, stage = _broken(found, clause, stage)
    if format_ is not None:
        layout = replace(layout_of(found.contract, format_), constraints=stage.layout.constraints)
        stage = replace(stage, layout=layout, cuts=())
    return tuple(_written(found, stage, folder)), what


def _written(found: Known, stage: Stage, folder: Path) -> Iterator[Written]:
    tables: Mapping[str, Rows] = {**stage.others, found.contract.name: stage.rows}
    for name, rows in tables.items():
        own = name == found.contract.name
        contract = found.tables.get(name)
        layout = Layout(SourceFormat.PARQUET) if contract is None else layout_of(contract)
        each = stage if own else Stage(rows, {}, layout)
        place = folder / _location(name, contract)
        if place.exists():
            raise CstContractsError(f"{place} is there already: remove it, or name another folder")
        place.parent.mkdir(parents=True, exist_ok=True)
        store(each, place)
        yield Written(name, place, rows.count, each.layout.format, _is_view(contract))


def _is_view(contract: TableContract | None) -> bool:
    source = None if contract is None else contract.source
    return source is not None and source.format is SourceFormat.VIEW


def _location(name: str, contract: TableContract | None) -> str:
    """As the contract has it, where that lies below a lake; else a folder of the table's name."""
    location = None if contract is None else location_of(contract)
    if location is None or "://" in location:
        return name
    parts = PurePosixPath(location).parts
    return name if ".." in parts or PurePosixPath(location).is_absolute() else location


def _broken(found: Known, clause: str, stage: Stage) -> tuple[str, Stage]:
    """The first stage that the gate finds red in this check, and in no other that does not hang on it."""
    contract = placed(found.contract)
    checks = plan(contract)
    check = _check(found.contract, checks, clause)
    now, snapshots = utc_now(), Snapshots()
    baseline = Baseline(stage, look(contract, checks, stage, now, snapshots), snapshots)
    slow = baseline.slow
    if check.id in slow:
        raise NoData(f"{check.place}: no data break {clause} alone; {slow[check.id]}")
    checks = tuple(each for each in checks if each.id not in slow)
    told: list[str] = []
    for way in BREAKERS[type(kind_of(check))](
        kind_of(check), Ground(contract, contract, checks, stage, now)
    ):
        match way:
            case Unbreakable(why=why):
                told.append(why)
            case Break():
                for each in way.tries:
                    if each.session or each.absent or each.settings != stage.settings:
                        told.append(f"{way.what}: that is about the session, and no data")
                        continue
                    looked = look(contract, checks, each, now, snapshots)
                    trouble = wrong(check, checks, way, looked, baseline)
                    if trouble is None:
                        return way.what, each
                    told.append(f"{way.what}: {trouble}")
    raise NoData(f"{check.place}: no data break {clause} alone; {'; '.join(dict.fromkeys(told))}")


def _check(contract: TableContract, checks: Sequence[Check], clause: str) -> Check:
    for check in checks:
        if check.id == clause:
            return check
    near = get_close_matches(clause, [check.id for check in checks], 3)
    meant = f"; did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""
    raise CstContractsError(f"{contract.file} has no check `{clause}`{meant}")
