"""Contracts over tables of a test's own, judged as every door judges them."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from datafusion import SessionContext
from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Finding, Verdict
from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.distributed.cluster import Cluster
from cst_contracts.distributed.workers import ClusterAddress, Workers
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.gate.gate import Gate, Judgement, Selected
from cst_contracts.gate.observer import Observer
from cst_contracts.gate.opening import open_observer
from cst_contracts.gate.project import CLUSTER_SECONDS, STREAM_ROWS, STREAM_SECONDS, Project
from cst_contracts.gate.snapshots import NoSnapshots
from cst_contracts.report.manifest_file import Outcome
from cst_contracts.report.promise import findings_of, outcome_of

MEMORY = 1024**3


def parsed(texts: Iterable[str]) -> list[Contract]:
    """Contracts named `contracts/0.yaml`, `contracts/1.yaml`, …"""
    return [
        parse_contract(text.encode(), f"contracts/{index}.yaml") for index, text in enumerate(texts)
    ]


def observer_of(
    contracts: Sequence[Contract],
    lake: Path | str,
    session: SessionContext | None = None,
    *,
    memory: int = MEMORY,
    samples: int = 0,
    verify_data: bool = False,
    stream_rows: int = STREAM_ROWS,
    stream_seconds: float = STREAM_SECONDS,
    proofs: Path | None = None,
    cluster: str | None = None,
) -> Observer:
    """Locations of the contracts are relative to `lake`. Of violating rows, nobody is told the places. The
    cluster at that address reads the files; without one, that of CST_CLUSTER in the environment does, and ""
    is this machine."""
    standing = os.environ.get("CST_CLUSTER", "")
    address = standing if cluster is None else cluster
    project = Project(
        root=Path(),
        contracts=(Path("contracts"),),
        lake=str(lake),
        memory=memory,
        samples=samples,
        places=0,
        verify_data=verify_data,
        stream_rows=stream_rows,
        stream_seconds=stream_seconds,
        proofs=proofs,
        cluster=address or None,
    )
    observer = open_observer(project, contracts, (), session, "the test gave")
    if address and address == standing:
        _work_on(observer, _standing_workers(address))
    return observer


@cache
def _standing_workers(address: str) -> Workers:
    """In one session for all tests: on Spark each begins with Python processes of its own, for seconds."""
    return Workers(ClusterAddress(address, CLUSTER_SECONDS))


def _work_on(observer: Observer, workers: Workers) -> None:
    assert isinstance(observer, DataFusionObserver)
    cluster = observer._rows._how.elsewhere
    assert isinstance(cluster, Cluster)
    cluster._workers = workers


class Judged(Struct, frozen=True):
    """What came of checks, by table (or session) and check id."""

    judgements: Mapping[tuple[str, str], Judgement]

    def of(self, subject: str) -> "Promises":
        return Promises(
            {check: each for (name, check), each in self.judgements.items() if name == subject}
        )

    @property
    def red(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(table, check) to finding codes, of what a run would fail for."""
        return {key: _codes(each.verdict) for key, each in self.judgements.items() if each.failed}


class Promises(Struct, frozen=True):
    """What came of the checks of one contract, by check id."""

    judgements: Mapping[str, Judgement]

    def __getitem__(self, check: str) -> Verdict:
        return self.judgements[check].verdict

    @property
    def outcomes(self) -> dict[str, Outcome]:
        return {check: outcome_of(each.verdict) for check, each in self.judgements.items()}

    @property
    def red(self) -> dict[str, tuple[str, ...]]:
        """Codes of what is neither kept nor allowed to be vacuous."""
        return {
            check: _codes(each.verdict)
            for check, each in self.judgements.items()
            if outcome_of(each.verdict) is not Outcome.KEPT
            and not getattr(each.verdict, "allowed", False)
        }

    def finding(self, check: str) -> Finding:
        """The first."""
        return findings_of(self[check])[0]


def judge(
    contracts: Sequence[Contract],
    observer: Observer,
    only: Callable[[Check], bool] = lambda check: check.group is not Group.SNAPSHOT,
    now: datetime | None = None,
) -> Judged:
    """All checks but the snapshots', or `only` some, in one run."""
    selected = [
        Selected(contract, check)
        for contract in contracts
        for check in plan(contract)
        if only(check)
    ]
    tables = [each for each in contracts if isinstance(each, TableContract)]
    gate = Gate(observer, selected, tables, now or datetime.now().astimezone())
    return Judged(
        {(each.contract.name, each.check.id): gate.judge(each, NoSnapshots()) for each in selected}
    )


def _codes(verdict: Verdict) -> tuple[str, ...]:
    return tuple(finding.code.value for finding in findings_of(verdict))
