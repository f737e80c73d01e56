"""Rules are counted in one pass, and one that cannot be counted spoils no other."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.delta_logs import with_deleted_rows
from support.observing import answered, observer_over, refused, registry_of

from cst_contracts.contract.model import RuleContract, SourceFormat, Sql, ViewContract
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import CouldNotLook, RuleCount, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import RuleNeed

AT = Location("contracts/t.yaml", 1, 1)
ROWS = pa.table({"n": [2, 0, -1]})


def rule(sql: str, relation: str = "t") -> RuleNeed:
    return RuleNeed(relation, RuleContract(sql, sql, AT))


@pytest.fixture(params=["session", "view", "files", "log"])
def live(
    request: pytest.FixtureRequest, tmp_path: Path, observer: Callable[..., DataFusionObserver]
) -> DataFusionObserver:
    """Over these rows, as the table `t` of a project's session, as a view of ours, as files, and by a log."""
    if request.param == "session":
        session = SessionContext()
        session.register_record_batches("t", [ROWS.to_batches()])
        return observer_over(registry_of(Relations({}, {}, {}), None, session))
    if request.param == "log":
        write_deltalake(tmp_path / "t", pa.concat_tables([ROWS, ROWS]).combine_chunks())
        with_deleted_rows(tmp_path / "t", [3, 4, 5])
        return observer(format_=SourceFormat.DELTA)
    pq.write_table(ROWS, tmp_path / "u")
    if request.param == "files":
        return observer("u")
    view = ViewContract("t", Sql("SELECT n FROM u"), "u", AT)
    return observer("u", name="u", views=[view])


def test_a_rule_that_fails_on_a_row_spoils_no_other(live: DataFusionObserver) -> None:
    failing, kept = rule("1 / n > 0"), rule("n > 0")
    live.prepare([kept, failing])
    assert answered(live, kept) == RuleCount(3, 2)
    error = refused(live, failing)
    assert (error.relation, error.trouble) == ("t", Trouble.ENGINE)
    assert "Divide by zero" in error.reason


def test_a_rule_that_fails_alone_is_told(live: DataFusionObserver) -> None:
    assert "Divide by zero" in refused(live, rule("1 / n > 0")).reason


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("NULL", "it is of type null, not bool"),
        ("n", "non-boolean predicate"),
        ("nope > 0", "No field named nope"),
        ("n >", "Expected"),
    ],
)
def test_what_is_no_boolean_expression_is_told_and_spoils_no_other(
    live: DataFusionObserver, sql: str, reason: str
) -> None:
    wrong, kept = rule(sql), rule("n + 5 > 0")
    live.prepare([wrong, kept])
    error = refused(live, wrong)
    assert (error.relation, error.trouble) == ("t", Trouble.RULE)
    assert reason in error.reason
    assert answered(live, kept) == RuleCount(3, 0)


def test_a_rule_that_is_null_is_not_violated(live: DataFusionObserver) -> None:
    assert answered(live, rule("CASE WHEN n > 0 THEN NULL ELSE n = 0 END")) == RuleCount(3, 1)


def test_a_rule_that_may_overflow_the_stack_is_not_planned(live: DataFusionObserver) -> None:
    deep, kept = rule(" OR ".join(["n > 0"] * 700)), rule("n + 5 > 0")
    live.prepare([deep, kept])
    error = refused(live, deep)
    assert error == CouldNotLook(error.reason, "t", trouble=Trouble.RULE)
    assert "operators in a row" in error.reason
    assert answered(live, kept) == RuleCount(3, 0)
