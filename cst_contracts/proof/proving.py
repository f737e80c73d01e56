"""Proves the promises of one contract: data that keep it turn none red, and each breaker exactly its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.catalogs import CatalogReconciled
from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.delta.constraints import DeltaConstraints
from cst_contracts.checks.plan import plan
from cst_contracts.checks.queries import QueryRuns
from cst_contracts.checks.views import ViewUsable
from cst_contracts.contract.clauses.source import TEXT_FORMATS
from cst_contracts.contract.model import Contract, SessionContract, SourceFormat, TableContract
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.waiting import waiting_at_most
from cst_contracts.gate.opening import make_ready
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable
from cst_contracts.proof.breakers.registry import BREAKERS
from cst_contracts.proof.candidates import ruled_of
from cst_contracts.proof.choices import Seeded
from cst_contracts.proof.errors import NoData, NoGroups, NoRow, TooFewRows
from cst_contracts.proof.kinds import kind_of
from cst_contracts.proof.looking import Looked, Snapshots, look, placed
from cst_contracts.proof.making import Making, schema_of
from cst_contracts.proof.mentions import mentioned
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.score import Outcome, Proof, Score
from cst_contracts.proof.staging import Stage, layout_of
from cst_contracts.proof.writing import Layout

_ROWS = 6
_SEEDS = 6
#: What takes more rows than this to keep, or to break, is told.
_MOST_ROWS = 500
_KEPT = "data that keep it"
_IDLE = "it names no field of the table, so that it says nothing of any row"


class Baseline(Struct, frozen=True):
    """A stage that keeps the contract as far as any does, what came of looking at it, and the snapshots of
    it."""

    stage: Stage
    looked: Looked
    snapshots: Snapshots

    @property
    def slow(self) -> Mapping[str, str]:
        """What the queries took that took longer than they may, by the ids of the checks that ask them."""
        records = {check: each.record for check, each in self.looked.judgements.items()}
        return {
            check: f"{record.observed} [{record.code}]"
            for check, record in records.items()
            if record.code is FindingCode.QUERY_TOO_SLOW
        }


class Proving(Struct, frozen=True):
    """A contract with data that keep it, whose promises are ready to be broken one by one.

    `unkept` says, by the ids of their checks, why no row keeps these rules, and which queries took too long:
    `ground` does not ask these again with each break."""

    ground: Ground
    baseline: Baseline
    unkept: Mapping[str, str]
    checks: Sequence[Check]
    query_seconds: float | None = None

    def proofs(self, check: Check) -> Sequence[Proof]:
        """One for each way that is known to break it."""
        if check.id in self.unkept:
            why = self.unkept[check.id]
            return [Proof(check.id, check.place, Outcome.UNKEPT, _KEPT, why)]
        try:
            with waiting_at_most(self.query_seconds):
                return list(_proofs(check, self.ground, self.baseline))
        except NoData as error:  # all else is proven
            return [Proof(check.id, check.place, Outcome.SURVIVED, "", str(error))]


def prove(
    contract: Contract,
    known: Mapping[str, TableContract],
    now: datetime,
    told: Callable[[Proof], None] = lambda proof: None,  # noqa: ARG005
    selected: Callable[[Check], bool] = lambda check: True,  # noqa: ARG005
    query_seconds: float | None = None,
) -> Score:
    """`told` hears of each promise's proofs as they are made. Raises InvalidContract."""
    proofs: list[Proof] = []
    for proof in _of_selected(contract, known, now, selected, query_seconds):
        proofs.append(proof)
        told(proof)
    return Score(contract.file, contract.name, tuple(proofs))


def _of_selected(
    contract: Contract,
    known: Mapping[str, TableContract],
    now: datetime,
    selected: Callable[[Check], bool],
    query_seconds: float | None,
) -> Iterator[Proof]:
    """A rule that no row keeps is told whether it is selected or not: all others are proven without it."""
    try:
        proving = proving_of(contract, known, now, query_seconds)
    except NoData as error:
        yield Proof("data", contract.place, Outcome.UNKEPT, _KEPT, str(error))
        return
    for check in proving.checks:
        if check.id in proving.unkept or selected(check):
            yield from proving.proofs(check)


def proving_of(
    contract: Contract,
    known: Mapping[str, TableContract],
    now: datetime,
    query_seconds: float | None = None,
) -> Proving:
    """Each query over the rows that are made may take `query_seconds`, None: as long as it does.

    Raises InvalidContract, and NoData where no data are known that could be written for the contract."""
    make_ready(query_seconds)
    promised = placed(contract) if isinstance(contract, TableContract) else contract
    checks = plan(promised)
    with waiting_at_most(query_seconds):
        keepable, unkept = without_unkept(promised)
        keepable, unheld, baseline = _of_held(keepable, checks, known, now)
    unkept = {**unkept, **unheld}
    unkept = {**unkept, **baseline.slow}
    quick = tuple(each for each in checks if each.id not in baseline.slow)
    ground = Ground(promised, keepable, quick, baseline.stage, now)
    return Proving(ground, baseline, unkept, checks, query_seconds)


def without_unkept(contract: Contract) -> tuple[Contract, Mapping[str, str]]:
    """The contract without the rules that no row keeps, and of these, by their checks' ids, why."""
    unkept: dict[str, str] = {}
    if isinstance(contract, TableContract):
        names = schema_of(contract).names
        idle = [rule for rule in contract.rules if not mentioned(rule.sql, names).names]
        unkept.update({f"rule[{rule.name}]": _IDLE for rule in idle})
        contract = replace(
            contract, rules=tuple(rule for rule in contract.rules if rule not in idle)
        )
    while isinstance(contract, TableContract):
        plain = contract.source is not None and contract.source.format in TEXT_FORMATS
        try:
            ruled_of(contract, schema_of(contract), plain)
        except NoRow as error:
            unkept.update({f"rule[{name}]": error.why for name in error.names})
            left = tuple(rule for rule in contract.rules if rule.name not in error.names)
            contract = replace(contract, rules=left)
        else:
            break
    return contract, unkept


def _of_held(
    contract: Contract, checks: Sequence[Check], known: Mapping[str, TableContract], now: datetime
) -> tuple[Contract, Mapping[str, str], Baseline]:
    """The contract without the aggregates that no rows keep, of these, by their checks' ids, why, and what
    keeps the others."""
    unheld: dict[str, str] = {}
    while True:
        try:
            return contract, unheld, _baseline(contract, checks, known, now)
        except NoGroups as error:
            if not isinstance(contract, TableContract) or error.table != contract.name:
                raise
            unheld[f"aggregate[{error.name}]"] = error.why
            left = tuple(each for each in contract.aggregates if each.name != error.name)
            contract = replace(contract, aggregates=left)


def _baseline(
    contract: Contract, checks: Sequence[Check], known: Mapping[str, TableContract], now: datetime
) -> Baseline:
    """The first of several stages that keeps everything; else the one that keeps the most. `contract` is what
    the data are made by."""
    best: Baseline | None = None
    for stage in _stages(contract, known, now):
        snapshots = Snapshots()
        looked = look(contract, checks, stage, now, snapshots)
        if best is None or len(looked.red) < len(best.looked.red):
            best = Baseline(stage, looked, snapshots)
        if not best.looked.red or best.slow:
            break
    if best is None:
        raise NoData("no seed makes any data")
    return best


def _stages(
    contract: Contract, known: Mapping[str, TableContract], now: datetime
) -> Sequence[Stage]:
    """Of several seeds, those of the most rows first: there is more to break."""
    rows = _rows_for(contract)
    stages: list[Stage] = []
    for seed in range(_SEEDS):
        try:
            stages.append(stage_of(contract, known, seed, now, rows))
        except TooFewRows:  # by another seed there may be as many
            if seed == _SEEDS - 1 and not stages:
                raise
    return sorted(stages, key=lambda stage: -stage.rows.count)


def stage_of(
    contract: Contract,
    known: Mapping[str, TableContract],
    seed: int,
    now: datetime,
    rows: int,
    fewest: int = 1,
) -> Stage:
    """In two files, where the format and the place allow it. Raises NoData."""
    if isinstance(contract, SessionContract):
        nothing = Rows(pa.schema([]), {})
        settings = {each.name: each.value for each in contract.settings}
        artifacts = _artifacts(contract, known, seed, now)
        layout = Layout(SourceFormat.PARQUET)
        return Stage(nothing, {}, layout, settings=settings, artifacts=artifacts)
    making = Making({**known, contract.name: contract}, Seeded(seed), now, rows, rows, fewest)
    made = making.tables(contract)
    own = made.pop(contract.name)
    return Stage(own, made, layout_of(contract), _cuts(contract, own))


def _rows_for(contract: Contract) -> int:
    """More than the counts that the contract names, so that these can be reached, and passed."""
    if isinstance(contract, SessionContract):
        return 0
    named = [
        int(number)
        for aggregate in contract.aggregates
        for number in mentioned(aggregate.sql, ()).numbers
    ]
    named += [key.tolerance.count for key in contract.keys]
    named += [reference.tolerance.count for reference in contract.references]
    named += [rule.tolerance.count for rule in contract.rules]
    nodes = (node for field in contract.fields for node in field.walk())
    for node in nodes:
        named += [node.tolerance.count, *(each.tolerance.count for each in node.constraints)]
    return max(_ROWS, *(number + 4 for number in named if 0 < number <= _MOST_ROWS), 0)


def _cuts(contract: TableContract, rows: Rows) -> tuple[int, ...]:
    source = contract.source
    if source is None or source.location is None or source.format is SourceFormat.DELTA:
        return ()
    name = source.location.rstrip("/").rpartition("/")[2]
    if "." in name or source.partitioned_by or source.unbounded or rows.count < 3:
        return ()
    return (rows.count * 2 // 3,)


def _artifacts(
    contract: SessionContract, known: Mapping[str, TableContract], seed: int, now: datetime
) -> dict[str, pa.Table]:
    """The tables of a catalog: as their contracts have them, or of one field."""
    if contract.catalog is None:
        return {}
    names = [each.name for each in contract.catalog.tables] or ["cst_artifact"]
    found: dict[str, pa.Table] = {}
    for name in names:
        if name in known:
            made = Making(known, Seeded(seed), now, 1, 3).tables(known[name])
            found[name] = made[name].table()
        else:
            found[name] = pa.table({"id": ["a"]})
    return found


def _proofs(check: Check, ground: Ground, baseline: Baseline) -> Iterator[Proof]:
    before = baseline.looked.judgements[check.id]
    if before.failed:
        code = before.record.code
        why = f"{before.record.observed} [{code}]"
        yield Proof(check.id, check.place, Outcome.UNKEPT, _KEPT, why)
        return
    kind = kind_of(check)
    for way in BREAKERS[type(kind)](kind, ground):
        match way:
            case Unbreakable(why=why, counted=counted):
                outcome = Outcome.SURVIVED if counted else Outcome.UNBREAKABLE
                yield Proof(check.id, check.place, outcome, "", why)
            case Break():
                yield _proof(check, way, ground, baseline)


def _proof(check: Check, way: Break, ground: Ground, baseline: Baseline) -> Proof:
    """The first try that turns this check red, with its code and line, and no other that does not hang on
    it; of none, what the first came to."""
    told: str | None = None
    for stage in way.tries:
        try:
            looked = look(ground.contract, ground.checks, stage, ground.now, baseline.snapshots)
        except (NoData, IntrospectionError) as error:
            told = told or f"it cannot be laid out: {error}"
            continue
        trouble = wrong(check, ground.checks, way, looked, baseline)
        if trouble is None:
            return Proof(check.id, check.place, Outcome.KILLED, way.what, "")
        told = told or trouble
    why = told or "no change was found that breaks it and nothing else"
    return Proof(check.id, check.place, Outcome.SURVIVED, way.what, why)


def wrong(
    check: Check, checks: Sequence[Check], way: Break, looked: Looked, baseline: Baseline
) -> str | None:
    """None where the check is red as it has to be, and alone."""
    record = looked.judgements[check.id].record
    if record.outcome == baseline.looked.judgements[check.id].record.outcome:
        return f"it is {record.outcome} all the same"
    codes: list[FindingCode | None] = [each.code for each in record.findings] or [record.code]
    if not {way.code, *way.codes} & set(codes):
        return f"it is {record.outcome}, and tells {_listed(codes)} in place of {way.code}"
    if record.place not in _places(check):
        return f"it points at {record.place}, and the promise is at {check.place}"
    before = {check.id, *baseline.looked.red}
    by_id = {each.id: each for each in checks}
    others = [id_ for id_ in looked.red if id_ not in before and not _hangs(way, by_id[id_])]
    return f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} red, too" if others else None


def _places(check: Check) -> set[str]:
    """The line of the promise; a view answers for its fields, too, a catalog for its tables, a log for
    the rules."""
    parts: Sequence[Any] = ()
    if isinstance(check, ViewUsable | QueryRuns):
        parts = check.parts
    elif isinstance(check, CatalogReconciled):
        parts = check.catalog.tables
    elif isinstance(check, DeltaConstraints):
        parts = check.rules
    return {str(each.place) for each in (check, *parts)}


def _hangs(way: Break, other: Check) -> bool:
    return way.hangs(kind_of(other))


def _listed(codes: Sequence[FindingCode | None]) -> str:
    return ", ".join(str(code) for code in dict.fromkeys(codes)) or "nothing"
