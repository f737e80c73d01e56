"""The verdict where nobody can tell what the log of a Delta table says."""

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Undecided
from cst_contracts.checks.wording import Promise, finding


def unknown_log(check: Promise) -> Undecided:
    promised = "a Delta log that can be looked at"
    observed = "the session does not tell how the table is stored"
    hint = "give the table a `source` with a location"
    return Undecided(finding(check, FindingCode.NOT_CHECKABLE, promised, observed, hint))
