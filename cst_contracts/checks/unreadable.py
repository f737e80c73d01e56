"""The verdict of every check of a relation that nobody could look at."""

from cst_contracts.checks.check import VERSION_CHECK
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Cause, Finding, Undecided, Vacuous
from cst_contracts.checks.wording import Promise, finding
from cst_contracts.facts import FIELD_TROUBLES, VERSION_TROUBLES, Basis, CouldNotLook, Trouble
from cst_contracts.location import Location


def unreadable(place: Location, table: str, trouble: CouldNotLook) -> Undecided:
    """Undecided, because another check is red: that of the relation itself, or of one that it is made of."""
    own = trouble.relation is None or trouble.relation == table
    observed = trouble.reason if own else f"{trouble.relation}: {trouble.reason}"
    promised = "a table that can be looked at"
    found = Finding(FindingCode.TABLE_UNREADABLE, place, table, promised, observed)
    return Undecided(found, Cause(trouble.relation or table, _red_for(trouble)))


def nothing_written(check: Promise) -> Vacuous:
    """Of a table that may be empty, and that nobody has written yet: it has no schema of its own."""
    observed = "no data file yet"
    found = finding(check, FindingCode.EMPTY_TABLE, "data to look at", observed)
    return Vacuous(found, allowed=True, basis=Basis.SCHEMA, rows=None)


def _red_for(trouble: CouldNotLook) -> str:
    if trouble.trouble in VERSION_TROUBLES:
        return VERSION_CHECK
    if trouble.trouble in FIELD_TROUBLES and trouble.names:
        return f"field[{trouble.names[0]}]"
    return "rows" if trouble.trouble is Trouble.STREAM else "table"
