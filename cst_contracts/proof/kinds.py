"""What kind a check is, by which its breaker is looked up."""

from cst_contracts.checks.check import Check
from cst_contracts.checks.streams import OfRowsRead


def kind_of(check: Check) -> Check:
    """The check itself, where it is judged by one reading of a stream."""
    return check.check if isinstance(check, OfRowsRead) else check
