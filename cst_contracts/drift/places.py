"""Finds the line of a contract that a change is about."""

from msgspec import Struct

from cst_contracts.contract.model import Contract, TableContract
from cst_contracts.drift.changes import Change, OrderingChanged, PartitioningChanged
from cst_contracts.drift.fields import FieldRenamed
from cst_contracts.drift.files import FILES_CLAUSE
from cst_contracts.drift.promises import PromiseAdded, PromiseChanged, PromiseRemoved, promises
from cst_contracts.drift.subjects import changed_path, changed_view
from cst_contracts.location import Location


class Place(Struct, frozen=True):
    """`gone`: the line is of the contract before, since the one after has nothing to point at."""

    location: Location
    gone: bool = False


def place_of_change(change: Change, before: Contract | None, after: Contract | None) -> Place:
    """The most exact line that there is: in the contract after the change, else in the one before."""
    for contract, gone in ((after, False), (before, True)):
        found = None if contract is None else _exact(change, contract)
        if found is not None:
            return Place(found, gone)
    if after is not None:
        return Place(after.place)
    if before is not None:
        return Place(before.place, gone=True)
    raise ValueError(change)  # a change is between two contracts, of which one is there


def _exact(change: Change, contract: Contract) -> Location | None:
    if isinstance(change, PromiseAdded | PromiseRemoved | PromiseChanged):
        return _of_promise(change, contract)
    if isinstance(change, OrderingChanged | PartitioningChanged):
        return _of_source(contract)
    view = changed_view(change)
    if view is not None:
        return _of_view(view, contract)
    path = change.after if isinstance(change, FieldRenamed) else changed_path(change)
    return None if path is None else _of_field(path, contract)


def _of_promise(
    change: PromiseAdded | PromiseRemoved | PromiseChanged, contract: Contract
) -> Location | None:
    clause, name = change.clause, change.name
    if clause.startswith("field "):
        return _of_field(name, contract)
    if clause.startswith("view "):
        return _of_view(name, contract)
    if clause == FILES_CLAUSE:
        return _of_files(name, contract)
    if clause.startswith("source"):
        return _of_source(contract)
    promise = promises(contract).get((clause, name))
    return None if promise is None else promise.place


def _of_source(contract: Contract) -> Location | None:
    if isinstance(contract, TableContract) and contract.source is not None:
        return contract.source.place
    return None


def _of_files(trait: str, contract: Contract) -> Location | None:
    source = contract.source if isinstance(contract, TableContract) else None
    promised = () if source is None else source.files
    return next((each.place for each in promised if each.trait == trait), None)


def _of_field(path: str, contract: Contract) -> Location | None:
    node = contract.nodes.get(path) if isinstance(contract, TableContract) else None
    return None if node is None else node.place


def _of_view(name: str, contract: Contract) -> Location | None:
    views = contract.views if isinstance(contract, TableContract) else ()
    return next((view.place for view in views if view.name == name), None)
