"""Finds the version of a Delta table in which a promise broke, by judging it at earlier versions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.checks.check import Check
from cst_contracts.checks.plan import plan
from cst_contracts.contract.model import (
    AsOfVersion,
    Contract,
    SourceContract,
    SourceFormat,
    TableContract,
)
from cst_contracts.engine.formats.delta.authors import Commit, History, history_of
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.errors import CstContractsError
from cst_contracts.gate.bisection import Found, State, bisect, walk
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.gate import Gate, Selected
from cst_contracts.gate.opening import open_observer
from cst_contracts.gate.project import Project
from cst_contracts.gate.selection import contract_paths, near
from cst_contracts.gate.snapshots import NoSnapshots
from cst_contracts.report.manifest_file import Outcome, PromiseRecord

#: What one version of a table does not have: a snapshot is of today, and so is the version that is meant.
_OF_NO_VERSION = ("snapshot[", "delta[as_of]")


class Culprit(Struct, frozen=True):
    """A promise that is red in the latest version. `found` is where it became so, `records` is what came of
    it in each version that was looked at, and `commit` is that of `found.red`, where the log still has it."""

    found: Found
    records: Mapping[int, PromiseRecord]
    commit: Commit | None

    @property
    def record(self) -> PromiseRecord:
        """Of the version that broke it."""
        return self.records[self.found.red]

    @property
    def unread(self) -> tuple[int, ...]:
        return tuple(
            each
            for each in self.found.looked
            if _state(self.records[each], self.last) is State.UNKNOWN
        )

    @property
    def last(self) -> PromiseRecord:
        return self.records[max(self.records)]


class Blame(Struct, frozen=True):
    """`oldest` is the first version that the log still tells of. `fine` are the promises that are kept in the
    latest, and `unknown` those of which nothing is known there."""

    table: str
    oldest: int
    latest: int
    culprits: tuple[Culprit, ...]
    fine: tuple[PromiseRecord, ...]
    unknown: tuple[PromiseRecord, ...]


def blame(project: Project, table: str, check: str | None = None, *, every: bool = False) -> Blame:
    """`table` is the name of one, or of its contract's file; without `check`, all of its promises are looked
    at. `every`: all versions are, the oldest first. Raises CstContractsError where there is nothing to go
    back in, and InvalidContract."""
    contracts, contract = _contract(project, table)
    source = _source(contract)
    ids = _ids(contract, check)
    try:
        history = history_of(contract.name, source, project.lake)
    except IntrospectionError as error:
        raise CstContractsError(
            f"{contract.name} has no history that can be read: {error.reason}"
        ) from error
    return _Judge(project, contracts, contract, source, history, ids).blame(every=every)


class _Judge:
    """Judges the promises `ids` at versions, each version once for all of them."""

    def __init__(
        self,
        project: Project,
        contracts: Sequence[Contract],
        contract: TableContract,
        source: SourceContract,
        history: History,
        ids: Sequence[str],
    ) -> None:
        self._project, self._contracts, self._contract = project, contracts, contract
        self._source, self._ids = source, ids
        self._commits = {each.version: each for each in history.commits}
        self._latest = history.latest
        self._seen: dict[int, Mapping[str, PromiseRecord]] = {}

    def blame(self, *, every: bool) -> Blame:
        oldest = min(self._commits, default=self._latest)
        versions = range(oldest, self._latest + 1)
        now = self._at(self._latest)
        culprits = [each for each in now.values() if _state(each, each) is State.RED]
        unknown = [each for each in now.values() if _state(each, each) is State.UNKNOWN]
        fine = [each for each in now.values() if _state(each, each) is State.FINE]
        self._ids = [each.check for each in culprits]
        found = tuple(self._culprit(each, versions, every=every) for each in culprits)
        return Blame(self._contract.name, oldest, self._latest, found, tuple(fine), tuple(unknown))

    def _culprit(self, last: PromiseRecord, versions: Sequence[int], *, every: bool) -> Culprit:
        search = walk if every else bisect
        found = search(versions, lambda version: _state(self._at(version)[last.check], last))
        looked = {
            version: self._at(version)[last.check] for version in (*found.looked, versions[-1])
        }
        return Culprit(found, looked, self._commits.get(found.red))

    def _at(self, version: int) -> Mapping[str, PromiseRecord]:
        if version not in self._seen:
            self._seen[version] = {each.check: each for each in self._judged(version)}
        return self._seen[version]

    def _judged(self, version: int) -> Iterator[PromiseRecord]:
        """Waivers do not count: what is waived is broken. What asks for the time is told the commit's."""
        contract = self._contract_at(version)
        others = (each for each in self._contracts if each.name != contract.name)
        contracts = [contract, *others]
        observer = open_observer(self._project, contracts)
        checks = {each.id: each for each in plan(contract)}
        selected = [Selected(contract, checks[each]) for each in self._ids]
        tables = [each for each in contracts if isinstance(each, TableContract)]
        gate = Gate(observer, selected, tables, self._time(version))
        return (gate.judge(each, NoSnapshots()).record for each in selected)

    def _contract_at(self, version: int) -> TableContract:
        source = replace(self._source, as_of=AsOfVersion(version, self._source.place))
        return replace(self._contract, source=source, waivers=())

    def _time(self, version: int) -> datetime:
        commit = self._commits.get(version)
        now = datetime.now().astimezone()
        return now if commit is None or commit.time is None else commit.time


def _state(record: PromiseRecord, last: PromiseRecord) -> State:
    """`last` is of the latest version. What had nothing to look at is red only where it still has not."""
    match record.outcome:
        case Outcome.KEPT:
            return State.FINE
        case Outcome.BROKEN:
            return State.RED
        case Outcome.VACUOUS:
            return State.RED if record.failed and last.outcome is Outcome.VACUOUS else State.FINE
        case Outcome.UNDECIDED:
            return State.UNKNOWN
        case Outcome.WAIVED:
            raise AssertionError("there are no waivers")


def _contract(project: Project, table: str) -> tuple[list[Contract], TableContract]:
    files = ContractFiles(project.root, project.evolution)
    paths = contract_paths(project.contracts)
    own = [path for path in paths if files.name(path) == table or path == Path(project.root, table)]
    for path in own:
        files.load(path)  # raises InvalidContract
    known, unread = files.known(paths)
    tables = [each for each in known if isinstance(each, TableContract)]
    for each in tables:
        if table in (each.name, each.file):
            return known, each
    ill_formed = f"; {', '.join(unread)} cannot be read" if unread else ""
    names = near(table, [each.name for each in tables])
    raise CstContractsError(f"there is no contract of a table `{table}`{names}{ill_formed}")


def _source(contract: TableContract) -> SourceContract:
    source = contract.source
    if source is None or source.format is not SourceFormat.DELTA:
        of = "is registered by the project" if source is None else f"is {source.format}"
        raise CstContractsError(
            f"{contract.name} {of}, and has no versions to go back in: only Delta tables have"
        )
    return source


def _ids(contract: TableContract, check: str | None) -> list[str]:
    """Of one check, by its id; all without one. Raises CstContractsError."""
    checks: Sequence[Check] = plan(contract)
    ids = [each.id for each in checks if not each.id.startswith(_OF_NO_VERSION)]
    if check is None:
        return ids
    if check in ids:
        return [check]
    if any(each.id == check for each in checks):
        raise CstContractsError(f"{check} is about no version: it says what is so now")
    raise CstContractsError(f"`{check}` is no check of {contract.name}{near(check, ids)}")
