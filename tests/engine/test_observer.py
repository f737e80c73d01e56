"""The observer answers each question once, tells trouble as a value, and measures rows together."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext, udf
from support.observing import answered, null_counts, observer_over, refused, registry_of

import cst_contracts.engine.observer as observing
from cst_contracts.contract.model import (
    FunctionContract,
    RuleContract,
    SourceFormat,
    Sql,
    ViewContract,
)
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    KeyCount,
    NullCount,
    RowCount,
    RuleCount,
    Trouble,
    UnboundedFacts,
    ViewRun,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AnyNeed,
    ContractsNeed,
    EffectsNeed,
    FunctionNeed,
    KeyNeed,
    Need,
    NowNeed,
    NullsNeed,
    RelationNeed,
    RowCountNeed,
    RowNeed,
    RuleNeed,
    SchemaNeed,
    SessionNeed,
    SnapshotNeed,
    SnapshotsKeptNeed,
    UnboundedNeed,
    ViewQueryNeed,
    ViewRunNeed,
)

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]
#: The gate's own to answer, from contracts and snapshots.
OF_THE_GATE = {ContractsNeed, NowNeed, SnapshotNeed, SnapshotsKeptNeed}
ABSTRACT = {RelationNeed, RowNeed}
ROWS = pa.table({"id": [1, 2, 2], "a": [1, None, 3], "b": ["x", "y", None]})


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """With the table `t`."""
    (tmp_path / "t").mkdir()
    pq.write_table(ROWS, tmp_path / "t" / "0.parquet")
    return tmp_path


class Spied:
    """A project's session with a view `v`, and the number of batches that queries have read of it."""

    def __init__(self) -> None:
        self.batches = 0
        self.session = SessionContext(SessionConfig().with_information_schema(enabled=True))
        counter = udf(self._count, [pa.int64()], pa.int64(), "volatile", "spied")
        self.session.register_udf(counter)
        self.session.register_record_batches("rows", [ROWS.to_batches()])
        self.session.sql("CREATE VIEW v AS SELECT id, spied(a) AS a FROM rows")

    def _count(self, values: pa.Array) -> pa.Array:
        self.batches += 1
        return values

    def observer(self) -> DataFusionObserver:
        return observer_over(registry_of(Relations({}, {}, {}), None, self.session))


def kinds(of: type[AnyNeed]) -> Iterator[type[AnyNeed]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_question_of_a_check_has_exactly_one_look() -> None:
    asked = {kind for kind in kinds(Need) if kind.__module__ == Need.__module__}
    tables = (observing._RELATION_LOOKS, observing._ROW_LOOKS, observing._SESSION_LOOKS)
    looks = [kind for table in tables for kind in table]
    assert set(looks) == asked - ABSTRACT - OF_THE_GATE
    assert len(looks) == len(set(looks))


def test_to_prepare_looks_at_nothing() -> None:
    spied = Spied()
    live = spied.observer()
    needs = [NullsNeed("v", "a"), SchemaNeed("v"), RowCountNeed("gone")]
    live.prepare(needs)
    assert all(map(live.is_prepared, needs))
    assert not live.is_prepared(SchemaNeed("t"))
    assert (spied.batches, dict(live.seen()), list(live.plans())) == (0, {}, [])


def test_an_answer_is_looked_at_once() -> None:
    spied = Spied()
    live = spied.observer()
    first = answered(live, NullsNeed("v", "a"))
    batches = spied.batches
    assert batches > 0
    assert answered(live, NullsNeed("v", "a")) is first
    assert first == NullCount(3, 1, rows=3)
    assert spied.batches == batches


def test_what_was_seen_is_told_without_another_look() -> None:
    spied = Spied()
    live = spied.observer()
    live.prepare([NullsNeed("v", "a"), SchemaNeed("v"), RowCountNeed("v")])
    gone = refused(live, SchemaNeed("gone"))
    nulls = answered(live, NullsNeed("v", "a"))
    before = spied.batches, list(live.plans())

    seen = live.seen()

    assert list(seen.items()) == [(SchemaNeed("gone"), gone), (NullsNeed("v", "a"), nulls)]
    assert (spied.batches, list(live.plans())) == before


def test_trouble_is_an_answer_and_the_same_one_each_time(tmp_path: Path, observer: Build) -> None:
    live = observer()
    error = refused(live, SchemaNeed("t"))
    assert error == CouldNotLook(
        "no Parquet file there", "t", f"{tmp_path.as_uri()}/t", Trouble.MISSING
    )
    pq.write_table(ROWS, tmp_path / "t")
    assert refused(live, SchemaNeed("t")) is error
    assert refused(live, RowCountNeed("t")) is error
    assert refused(live, KeyNeed("t", ("id",))) is error
    assert answered(observer(), RowCountNeed("t")).rows == 3


@pytest.mark.usefixtures("lake")
def test_questions_about_rows_that_are_prepared_are_measured_together(observer: Build) -> None:
    live = observer()
    rule = RuleNeed("t", RuleContract("some", "id > 1", AT))
    needs = [NullsNeed("t", "a"), KeyNeed("t", ("id",)), rule, NullsNeed("t", "b")]
    live.prepare(needs)
    assert answered(live, needs[1]) == KeyCount(3, 1, 0)
    (plan,) = live.plans()
    assert [answer.need for answer in plan.answers] == needs
    assert answered(live, rule) == RuleCount(3, 1)
    expected = {
        "a": NullCount(3, 1, basis=Basis.STATISTICS, rows=3),
        "b": NullCount(3, 1, basis=Basis.STATISTICS, rows=3),
    }
    assert null_counts(live, "t", "a", "b") == expected
    assert [each is plan for each in live.plans()] == [True]


@pytest.mark.usefixtures("lake")
def test_a_question_about_rows_that_nobody_prepared_is_measured_alone(observer: Build) -> None:
    live = observer()
    live.prepare([KeyNeed("t", ("id",))])
    assert answered(live, NullsNeed("t", "a")).nulls == 1
    (plan,) = live.plans()
    assert [answer.need for answer in plan.answers] == [NullsNeed("t", "a")]


def test_a_view_that_its_check_reads_is_read_once_for_all_that_is_asked_of_it(
    lake: Path, observer: Build
) -> None:
    view = ViewContract("v", Sql("SELECT id, a FROM t WHERE id > 1"), "t", AT)
    rule = RuleNeed("v", RuleContract("some", "id > 1", AT))
    live = observer(views=[view])
    live.prepare([ViewRunNeed("v", view), RowCountNeed("v"), NullsNeed("v", "a"), rule])
    run = answered(live, ViewRunNeed("v", view))
    assert run == ViewRun(RowCount(2, Basis.SCAN))
    (lake / "t" / "0.parquet").unlink()
    assert answered(live, RowCountNeed("v")) == RowCount(2, Basis.SCAN)
    assert answered(live, NullsNeed("v", "a")) == NullCount(2, 1, rows=2)
    assert answered(live, rule) == RuleCount(2, 0)
    assert list(live.plans()) == []


def test_a_session_that_hides_its_settings_leaves_what_needs_them_without_answer() -> None:
    session = SessionContext(SessionConfig())
    session.sql("CREATE VIEW v AS SELECT abs(-1) AS one")
    live = observer_over(registry_of(Relations({}, {}, {}), None, session))
    error = refused(live, SessionNeed())
    assert error.relation is None
    assert error.sentence == (
        "could not read the session: information_schema is off; "
        "make the session with .with_information_schema(True)"
    )
    assert refused(live, FunctionNeed(FunctionContract("abs", AT))) == error
    assert refused(live, EffectsNeed()) == error
    assert answered(live, RowCountNeed("v")).rows == 1
    query = answered(live, ViewQueryNeed("v"))
    assert query is not None
    assert query.functions == ("abs",)


@pytest.mark.usefixtures("lake")
def test_of_a_table_that_is_promised_to_end_only_the_plan_is_known(observer: Build) -> None:
    assert answered(observer(), UnboundedNeed("t")) == UnboundedFacts(infinite=False, pipe=None)


@pytest.mark.usefixtures("lake")
def test_the_whole_session_has_all_relations_that_can_be_had(observer: Build) -> None:
    view = ViewContract("v", Sql("SELECT nope FROM t"), "t", AT)
    context, troubles = observer(views=[view], others=["gone"]).whole_session()
    assert context.sql("SELECT count(*) AS n FROM t").to_pydict() == {"n": [3]}
    assert {(each.relation, each.trouble) for each in troubles} == {
        ("gone", Trouble.MISSING),
        ("v", Trouble.ENGINE),
    }


def test_a_table_of_a_views_format_needs_a_view_of_its_name(observer: Build) -> None:
    error = refused(observer(format_=SourceFormat.VIEW), SchemaNeed("t"))
    assert (error.trouble, error.reason) == (
        Trouble.MISSING,
        "no contract defines a view of this name",
    )
