"""What can go wrong where data are made from a contract."""

from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.errors import CstContractsError
from cst_contracts.facts import Trouble
from cst_contracts.location import Location


class NoData(CstContractsError):
    """No data are known that would keep the contract, or that could be written in its format."""


class TooFewRows(NoData):
    """By these choices, fewer rows came about than were asked for; by others, there may be as many."""


class NoGroups(TooFewRows):
    """No rows were found of which the aggregate holds, and all else; or the engine refuses it of those that
    were tried. `why` says it without the place."""

    def __init__(self, table: str, name: str, place: Location, why: str | None = None) -> None:
        self.table, self.name = table, name
        self.why = why or f"no rows were found that keep aggregate[{name}] with all else"
        super().__init__(f"{place}: {self.why}")


class NoRow(NoData):
    """No row was found that keeps the rules of these names, together with all others; `why` says it without
    the place."""

    def __init__(self, names: tuple[str, ...], why: str, place: Location) -> None:
        self.names, self.why = names, why
        super().__init__(f"{place}: {why}")


def unanswered(error: IntrospectionError) -> str:
    """Why the engine does not say what SQL of a contract comes to."""
    if error.trouble is Trouble.SLOW:
        return error.reason
    return f"the engine refuses it: {error.reason}"
