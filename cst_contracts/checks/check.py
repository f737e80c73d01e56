"""What a check is: one promise of a contract, which asks questions and judges the answers."""

from enum import StrEnum
from typing import Protocol

from cst_contracts.checks.verdict import Verdict
from cst_contracts.contract.model import Severity
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed

#: The id of the one item of a file that is no contract.
INVALID_CHECK = "contract"
#: The id of the check that answers for a Delta table's version being there.
VERSION_CHECK = "delta[as_of]"


class Group(StrEnum):
    """What a check looks at; pytest knows it as a marker."""

    SCHEMA = "schema"
    VALUES = "values"
    FUNCTIONS = "functions"
    SNAPSHOT = "snapshot"


class Check(Protocol):
    """A frozen value. Each kind of check is a module of this package; `plan.KINDS` lists them."""

    @property
    def id(self) -> str:
        """What a person types after `-k`, such as `nulls[refs[].ref_id]`; one of a kind in its contract."""

    @property
    def place(self) -> Location:
        """The line of the contract that makes the promise."""

    @property
    def group(self) -> Group: ...

    @property
    def severity(self) -> Severity: ...

    @property
    def reads_rows(self) -> bool:
        """Whether the verdict rests on the rows of the contract's table, or on what they are read as. Of an
        unbounded table, that is what came while it was read (`streams.OfRowsRead`)."""

    def needs(self) -> tuple[AnyNeed, ...]:
        """All that `judge` may ask, so that what a run needs of one relation can be looked at together."""

    def judge(self, answers: Answers) -> Verdict:
        """Equal answers, equal verdicts. A question that need not be answered is not asked: of a table
        that cannot be read, nobody counts the rows."""
