"""A view's query is told by its plan as it was written and by the functions that it calls."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext, udf
from support.observing import answered, observer_over, refused, registry_of

from cst_contracts.contract.model import Flatten, Sql, ViewContract
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import Trouble
from cst_contracts.location import Location
from cst_contracts.needs import ViewQueryNeed

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    pq.write_table(pa.table({"a": [1], "s": [{"x": "y"}]}), tmp_path / "t")
    return tmp_path


@pytest.mark.usefixtures("lake")
def test_a_view_tells_its_plan_and_its_functions(observer: Build) -> None:
    query = "SELECT abs(a) + 1 AS b, upper(s['x']) AS u FROM t WHERE a > 0"
    view = ViewContract("v", Sql(query), "t", AT)
    found = answered(observer(views=[view]), ViewQueryNeed("v"))
    assert found is not None
    assert set(found.functions) >= {"abs", "upper"}
    assert any("abs(t.a)" in line for line in found.plan)
    assert any(line.strip().startswith("TableScan: t") for line in found.plan)
    assert any("Filter: t.a > Int64(0)" in line for line in found.plan)


@pytest.mark.usefixtures("lake")
def test_a_view_of_a_contracts_own_words_has_a_query_too(observer: Build) -> None:
    view = ViewContract("v", Flatten("s"), "t", AT)
    found = answered(observer(views=[view]), ViewQueryNeed("v"))
    assert found is not None
    assert found.plan


@pytest.mark.usefixtures("lake")
def test_a_table_has_no_query(observer: Build) -> None:
    assert answered(observer(), ViewQueryNeed("t")) is None


def test_a_function_of_the_project_is_named() -> None:
    session = SessionContext(SessionConfig().with_information_schema(enabled=True))
    twice = udf(lambda each: each, [pa.int64()], pa.int64(), "immutable", "twice")
    session.register_udf(twice)
    session.sql("CREATE VIEW v AS SELECT twice(1) AS two")
    live = observer_over(registry_of(Relations({}, {}, {}), None, session))
    found = answered(live, ViewQueryNeed("v"))
    assert found is not None
    assert found.functions == ("twice",)


@pytest.mark.usefixtures("lake")
def test_a_view_that_calls_what_the_session_lacks_names_it(observer: Build) -> None:
    view = ViewContract("v", Sql("SELECT twice(a) AS b FROM t"), "t", AT)
    error = refused(observer(views=[view]), ViewQueryNeed("v"))
    assert (error.relation, error.trouble, error.names) == ("v", Trouble.FUNCTION, ("twice",))


@pytest.mark.parametrize(
    ("query", "other"),
    [
        (
            "SELECT * FROM (VALUES (1), (2), (3), (4), (5), (6)) AS t (a)",
            "SELECT * FROM (VALUES (1), (2), (3), (4), (5), (7)) AS t (a)",
        ),
        ("SELECT * FROM generate_series(1, 3)", "SELECT * FROM generate_series(1, 4)"),
    ],
)
def test_what_a_printed_plan_leaves_out_is_told(query: str, other: str) -> None:
    found = []
    for each in (query, other):
        session = SessionContext(SessionConfig().with_information_schema(enabled=True))
        session.sql(f"CREATE VIEW v AS {each}")
        session.sql("CREATE SCHEMA s")
        session.sql("CREATE VIEW s.v AS SELECT 1 AS one")
        live = observer_over(registry_of(Relations({}, {}, {}), None, session))
        facts = answered(live, ViewQueryNeed("v"))
        assert facts is not None
        found.append(facts.plan)
    one, two = found
    assert one[1:] == two[1:]
    assert one[0] != two[0]
    assert one[0].startswith("CREATE VIEW v AS SELECT")
