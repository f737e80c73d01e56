"""Is the storage partitioned by the promised field, at its place, with values of its type?"""

import pyarrow as pa
import pytest
from cst_contracts.checks.evaluate import evaluate

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Broken, Finding, Kept, Observation, Undecided, Verdict
from cst_contracts.contract.parse import parse_contract
from cst_contracts.facts import Basis, PartitionFacts, TableFacts
from cst_contracts.location import Location

TEXT = """\
table: t
source:
  format: parquet
  location: t
  partitioned_by: [repo, {name: day, type: date32}]
fields:
  - {name: a, type: int64}
"""
REPO_PLACE, DAY_PLACE = (
    Location("contracts/t.yaml", 5, 20),
    Location("contracts/t.yaml", 5, 26),
)
REPO, DAY = PartitionFacts("repo", pa.string(), 2), PartitionFacts("day", pa.date32(), 3)


def judged(
    id_: str, *partitions: PartitionFacts, hive: frozenset[str] = frozenset(), text: str = TEXT
) -> Verdict:
    checks = {check.id: check for check in plan(parse_contract(text.encode(), "contracts/t.yaml"))}
    facts = TableFacts("t", "parquet", pa.schema([]), partitions=partitions, hive_partitions=hive)
    return evaluate(checks[id_], Observation(table=facts))


def only_finding(verdict: Verdict) -> Finding:
    assert isinstance(verdict, Broken)
    assert verdict.basis is Basis.SCHEMA
    (finding,) = verdict.findings
    return finding


@pytest.mark.parametrize("id_", ["partition[repo]", "partition[day]"])
def test_storage_that_is_partitioned_as_promised_is_kept(id_: str) -> None:
    assert judged(id_, REPO, DAY) == Kept(Basis.SCHEMA)


@pytest.mark.parametrize(
    ("partitions", "observed"), [((), "not partitioned"), ((REPO,), "partitioned by repo")]
)
def test_a_partition_that_is_not_there_is_red(
    partitions: tuple[PartitionFacts, ...], observed: str
) -> None:
    finding = only_finding(judged("partition[day]", *partitions))
    assert (finding.code, finding.place) == (FindingCode.PARTITION_MISSING, DAY_PLACE)
    assert (finding.subject, finding.promised) == ("t.day", "partitioned by repo, day")
    assert finding.observed == observed


@pytest.mark.parametrize(
    ("id_", "place"), [("partition[repo]", REPO_PLACE), ("partition[day]", DAY_PLACE)]
)
def test_partitions_in_another_order_are_red(id_: str, place: Location) -> None:
    finding = only_finding(judged(id_, DAY, REPO))
    assert (finding.code, finding.place) == (FindingCode.PARTITION_POSITION, place)
    assert (finding.promised, finding.observed) == ("by repo, day", "by day, repo")


def test_a_partition_of_another_type_is_red_unless_it_is_a_folders_name() -> None:
    text_day = PartitionFacts("day", pa.string(), 3)
    finding = only_finding(judged("partition[day]", REPO, text_day))
    assert (finding.code, finding.place) == (FindingCode.PARTITION_TYPE, DAY_PLACE)
    assert (finding.promised, finding.observed) == ("date32[day]", "string")
    hive = frozenset({"repo", "day"})
    assert judged("partition[day]", REPO, text_day, hive=hive) == Kept(Basis.SCHEMA)


def test_a_partition_without_a_promised_type_may_have_any() -> None:
    dictionary = PartitionFacts("repo", pa.dictionary(pa.uint16(), pa.string()), 2)
    assert judged("partition[repo]", dictionary, DAY) == Kept(Basis.SCHEMA)


@pytest.mark.parametrize(
    ("unparsed", "observed"),
    [
        (("x",), "'x'"),
        (("x", "y", "z"), "'x', 'y', 'z'"),
        (("x", "y", "z", "u", "v"), "'x', 'y', 'z' and 2 more"),
    ],
)
@pytest.mark.parametrize("hive", [frozenset(), frozenset({"repo", "day"})], ids=["log", "folder"])
def test_values_that_do_not_parse_as_the_promised_type_are_red(
    unparsed: tuple[str, ...], observed: str, hive: frozenset[str]
) -> None:
    day = PartitionFacts("day", pa.string(), 9, unparsed)
    finding = only_finding(judged("partition[day]", REPO, day, hive=hive))
    assert (finding.code, finding.place) == (FindingCode.PARTITION_VALUE, DAY_PLACE)
    assert (finding.promised, finding.observed) == ("values of date32[day]", observed)
    assert "__HIVE_DEFAULT_PARTITION__" in finding.hint


def test_a_partition_can_be_out_of_place_and_of_another_type_at_once() -> None:
    verdict = judged("partition[day]", PartitionFacts("day", pa.string(), 3), REPO)
    assert isinstance(verdict, Broken)
    assert [finding.code for finding in verdict.findings] == [
        FindingCode.PARTITION_POSITION,
        FindingCode.PARTITION_TYPE,
    ]


def test_a_session_that_hides_the_storage_leaves_the_partition_undecided() -> None:
    checks = plan(parse_contract(TEXT.encode(), "contracts/t.yaml"))
    check = next(check for check in checks if check.id == "partition[repo]")
    verdict = evaluate(check, Observation(table=TableFacts("t", "session", pa.schema([]))))
    finding = Finding(
        FindingCode.NOT_CHECKABLE,
        REPO_PLACE,
        "t.repo",
        "partitions that can be looked at",
        "the session does not tell how the table is stored",
        "give the table a `source` with a location",
    )
    assert verdict == Undecided(finding)
