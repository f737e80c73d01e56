"""Makes an item of each promise of a contract file. No session is opened for it, and no engine imported."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace as replace_fixtures
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from cst_contracts.checks.check import INVALID_CHECK, Check, Group
from cst_contracts.checks.plan import plan
from cst_contracts.contract.model import Contract
from cst_contracts.errors import InvalidContract, Problem
from cst_contracts.files.contracts import contract_lines
from cst_contracts.gate.gate import Selected
from cst_contracts.gate.snapshots import Accepting, NoSnapshots, SnapshotStore
from cst_contracts.location import Location
from cst_contracts.pytest_plugin.keywords import keyword
from cst_contracts.pytest_plugin.outcome import shortened, tell
from cst_contracts.pytest_plugin.snapshot_store import SyrupyStore
from cst_contracts.pytest_plugin.state import SELECTION, contract_files, gate_of
from cst_contracts.report.manifest_file import PromiseRecord
from cst_contracts.report.promise import invalid_record, untold_record
from cst_contracts.report.text import told_problems

RECORD = pytest.StashKey[PromiseRecord]()


class ContractFile(pytest.File):
    """One contract. A file that is none has one item, which says all that is wrong with it."""

    @property
    def item_type(self) -> type["CheckItem"]:
        return CheckItem

    def collect(self) -> Iterator["CheckItem | InvalidItem"]:
        try:
            contract = contract_files(self.config).load(self.path)
            checks = plan(contract)
        except InvalidContract as error:
            yield InvalidItem.make(self, error.problems)
            return
        like: CheckItem | None = None
        for position, check in enumerate(checks):
            like = self.item_type.make(self, contract, check, like)
            like.position = position
            yield like

    def source(self) -> list[str]:
        return contract_lines(self.path)


def _called_by_nobody() -> None:
    """What pytest.Function looks for fixtures in; `runtest` is overridden."""


def _fixtures_of(item: pytest.Function | None) -> Any:
    """None: to be looked for, which takes longer than all else about an item. The list of names is the
    item's own: a project's conftest may add to it."""
    if item is None:
        return None
    found = item._fixtureinfo  # as pytest shares it among a function's parameters
    return replace_fixtures(found, names_closure=list(found.names_closure))


@cache
def _mark(group: Group) -> pytest.MarkDecorator:
    mark: pytest.MarkDecorator = getattr(pytest.mark, f"cst_{group.value}")
    return mark


class _PromiseItem(pytest.Function):
    """A pytest.Function, not a bare pytest.Item: other plugins, syrupy first, know what to do with one."""

    parent: ContractFile
    place: Location
    position = 0
    """Among the items of its file, in the order of the contract's lines."""

    @cached_property
    def id(self) -> Any:
        """As pytest reads it back from its cache, else `--lf` would not know `field[a]` again. Made once:
        each report holds on to it."""
        return type(super().id).parse(self.nodeid)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.place.line - 1, self.name

    @abstractmethod
    def untold(self, why: str, *, failed: bool) -> PromiseRecord:
        """What is recorded of an item that something kept from running."""

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ARG002 - pytest.Function takes none
    ) -> Any:
        return shortened(super().repr_failure(excinfo), self, excinfo)

    def keep(self, record: PromiseRecord) -> None:
        self.stash[RECORD] = record
        self.user_properties.append(("cst_outcome", record.outcome.value))
        if record.code is not None:
            self.user_properties.append(("cst_code", record.code.value))
            self.user_properties.append(("cst_place", record.place))


class CheckItem(_PromiseItem):
    contract: Contract
    check: Check

    @classmethod
    def make(
        cls, parent: ContractFile, contract: Contract, check: Check, like: "CheckItem | None"
    ) -> "CheckItem":
        """`like` is another item of the same file: the same fixtures are found for both."""
        item: CheckItem = cls.from_parent(
            parent, name=check.id, callobj=_called_by_nobody, fixtureinfo=_fixtures_of(like)
        )
        item.contract, item.check, item.place = contract, check, check.place
        # Where any fixture asks for it, pytest would make one of it for each item, which takes long.
        item.funcargs["request"] = item._request
        item.extra_keyword_matches.add(keyword(check.id))
        item.add_marker(_mark(check.group))
        if check.group is Group.SNAPSHOT and parent.config.pluginmanager.hasplugin("syrupy"):
            item.add_marker("syrupy_snapshot")  # registered by syrupy only
        return item

    def runtest(self) -> None:
        selected = Selected(self.contract, self.check)
        try:
            judgement = gate_of(self.config).judge(selected, self._snapshots())
        except KeyboardInterrupt:
            # pytest shows the arguments of all frames that it was raised in, and DataFusion 55 runs a query
            # again for `repr(DataFrame)`: raised here, it has none of the engine's frames.
            raise KeyboardInterrupt from None
        self.keep(judgement.record)
        tell(self, self.contract, judgement.verdict, self.parent.source, failed=judgement.failed)

    def _snapshots(self) -> SnapshotStore:
        if self.check.group is not Group.SNAPSHOT:
            return NoSnapshots()
        store = SyrupyStore(self, self.contract.evolution)
        return Accepting(store, self.config.stash[SELECTION].accepted, (self.contract,))

    def untold(self, why: str, *, failed: bool) -> PromiseRecord:
        return untold_record(self.contract, self.check, why, failed=failed)


class InvalidItem(_PromiseItem):
    problems: tuple[Problem, ...]

    @classmethod
    def make(cls, parent: ContractFile, problems: tuple[Problem, ...]) -> "InvalidItem":
        item: InvalidItem = cls.from_parent(parent, name=INVALID_CHECK, callobj=_called_by_nobody)
        item.problems, item.place = problems, problems[0].place
        item.add_marker(_mark(Group.SCHEMA))
        return item

    def runtest(self) -> None:
        self.keep(self.untold("", failed=True))
        pytest.fail(told_problems(self.problems, self.parent.source()), pytrace=False)

    def untold(self, why: str, *, failed: bool) -> PromiseRecord:  # noqa: ARG002 - all is wrong anyway
        record = invalid_record(contract_files(self.config).name(self.path), self.problems)
        return replace(record, failed=failed)
