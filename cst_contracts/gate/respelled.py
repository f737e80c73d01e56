"""Runs both definitions of views that a contract defines otherwise now, and says which give the same rows."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.contract.model import Contract, Sql, TableContract, ViewContract
from cst_contracts.datatypes import same_type
from cst_contracts.drift.contracts import definition
from cst_contracts.drift.merging import State, pairs
from cst_contracts.facts import RowCount, TableFacts
from cst_contracts.gate.observer import Observer
from cst_contracts.gate.opening import open_observer
from cst_contracts.gate.project import Project
from cst_contracts.needs import RowCountNeed, SchemaNeed
from cst_contracts.sql.selects import rows_apart


class _Trial(Struct, frozen=True):
    """A view as it is now, as it was, and one of the rows that only one of the two gives."""

    table: str
    now: str
    was: ViewContract
    apart: ViewContract


def same_rows(project: Project, before: State, after: State) -> Mapping[tuple[str, str], int]:
    """How many rows a view gives by both its definitions, by table and view: of those that give the same ones
    over the relations that there are now. A view without rows, one that cannot be run, and one that takes
    longer than a query may are none of them."""
    trials = [*_trials(before, after)]
    if not trials:
        return {}
    observer = open_observer(project, [_with_trials(each, trials) for each in after.contracts])
    found = ((trial, _rows(trial, observer)) for trial in trials)
    return {(trial.table, trial.now): rows for trial, rows in found if rows}


def _trials(before: State, after: State) -> Iterator[_Trial]:
    for pair in pairs(before.contracts, after.contracts):
        if not isinstance(pair.before, TableContract) or not isinstance(pair.after, TableContract):
            continue
        old = {each.name: each for each in pair.before.views}
        for view in pair.after.views:
            was = old.get(view.name)
            if was is not None and definition(was) != definition(view):
                yield _trial(pair.after.name, view, was)


def _trial(table: str, now: ViewContract, was: ViewContract) -> _Trial:
    old = replace(was, name=f"{now.name}_as_before", fields=(), reads=None, allow_empty=True)
    query = Sql(rows_apart(now.name, old.name))
    return _Trial(
        table, now.name, old, replace(old, name=f"{now.name}_apart", definition=query, keep=())
    )


def _with_trials(contract: Contract, trials: list[_Trial]) -> Contract:
    if not isinstance(contract, TableContract):
        return contract
    own = [each for each in trials if each.table == contract.name]
    more = [view for each in own for view in (each.was, each.apart)]
    return replace(contract, views=(*contract.views, *more))


def _rows(trial: _Trial, observer: Observer) -> int:
    now, was = (observer.answer(SchemaNeed(name)) for name in (trial.now, trial.was.name))
    if not isinstance(now, TableFacts) or not isinstance(was, TableFacts):
        return 0
    fields = zip(now.schema, was.schema, strict=False)
    alike = all(one.name == two.name and same_type(one.type, two.type) for one, two in fields)
    if not alike or len(now.schema) != len(was.schema):
        return 0
    apart = observer.answer(RowCountNeed(trial.apart.name))
    rows = observer.answer(RowCountNeed(trial.now))
    if isinstance(apart, RowCount) and isinstance(rows, RowCount) and not apart.rows:
        return rows.rows
    return 0
