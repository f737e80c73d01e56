"""Is the storage partitioned by the promised field, at its place, with values of its type?"""

import pyarrow as pa
import pytest
from support.answers import judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    DeclaredPartition,
    PartitionFacts,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import AnyNeed, PartitionTypeNeed, SchemaNeed

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
    id_: str,
    *partitions: PartitionFacts,
    hive: frozenset[str] = frozenset(),
    text: str = TEXT,
    declared: DeclaredPartition | CouldNotLook | None = None,
) -> Verdict:
    """`declared`: as what the engine takes up `day`; nobody asks where it is no folder's name."""
    facts = TableFacts("t", "parquet", pa.schema([]), partitions=partitions, hive_partitions=hive)
    known: dict[AnyNeed, object] = {SchemaNeed("t"): facts}
    if declared is not None:
        known[PartitionTypeNeed("t", "day", pa.date32())] = declared
    return judged_by(text, id_, known)


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
    untold, right = DeclaredPartition(None), DeclaredPartition(pa.date32())
    for declared in (untold, right):
        found = judged("partition[day]", REPO, text_day, hive=hive, declared=declared)
        assert found == Kept(Basis.SCHEMA)
    other = DeclaredPartition(pa.int32())
    finding = only_finding(judged("partition[day]", REPO, text_day, hive=hive, declared=other))
    assert (finding.code, finding.observed) == (FindingCode.PARTITION_TYPE, "int32")


@pytest.mark.parametrize(
    "declared",
    [DeclaredPartition(pa.date32(), "cannot parse 'x'"), CouldNotLook("cannot parse 'x'", "t")],
    ids=["refused", "not-looked"],
)
def test_values_that_the_engine_refuses_to_read_as_the_promised_type_are_red(
    declared: DeclaredPartition | CouldNotLook,
) -> None:
    hive = frozenset({"repo", "day"})
    finding = only_finding(judged("partition[day]", REPO, DAY, hive=hive, declared=declared))
    assert (finding.code, finding.place) == (FindingCode.PARTITION_VALUE, DAY_PLACE)
    assert (finding.promised, finding.observed) == ("values of date32[day]", "cannot parse 'x'")


def test_a_partition_without_a_promised_type_may_hold_no_hive_null_either() -> None:
    repo = PartitionFacts("repo", pa.string(), 2, ("__HIVE_DEFAULT_PARTITION__",))
    text = TEXT + "extra_fields: allow\n"
    finding = only_finding(
        judged("partition[repo]", repo, DAY, hive=frozenset({"repo", "day"}), text=text)
    )
    assert (finding.code, finding.place) == (FindingCode.PARTITION_VALUE, REPO_PLACE)
    assert (finding.promised, finding.observed) == (
        "values of text",
        "'__HIVE_DEFAULT_PARTITION__'",
    )


def test_a_type_that_is_promised_under_fields_alone_counts_for_the_partition() -> None:
    text = TEXT.replace(", {name: day, type: date32}", ", day").replace(
        "fields:\n", "fields:\n  - {name: day, type: date32}\n"
    )
    found = judged("partition[day]", REPO, PartitionFacts("day", pa.string(), 3), text=text)
    assert only_finding(found).code is FindingCode.PARTITION_TYPE


def test_files_outside_of_the_layout_are_red_at_the_partition() -> None:
    outside = CouldNotLook("a.parquet lies outside", "t", trouble=Trouble.LAYOUT)
    finding = only_finding(judged_by(TEXT, "partition[repo]", {SchemaNeed("t"): outside}))
    assert (finding.code, finding.place, finding.promised, finding.observed) == (
        FindingCode.PARTITION_LAYOUT,
        REPO_PLACE,
        "every file under repo=…/day=…/",
        "a.parquet lies outside",
    )
    other = CouldNotLook("a.parquet lies outside", "u", trouble=Trouble.LAYOUT)
    verdict = judged_by(TEXT, "partition[repo]", {SchemaNeed("t"): other})
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("u", "table")


def test_files_that_the_engine_skips_are_red_at_the_partition() -> None:
    facts = TableFacts("t", "parquet", pa.schema([]), partitions=(REPO, DAY), skipped=("x",))
    finding = only_finding(judged_by(TEXT, "partition[repo]", {SchemaNeed("t"): facts}))
    assert (finding.code, finding.observed) == (
        FindingCode.PARTITION_LAYOUT,
        "nobody reads x",
    )


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
    assert finding.hint.startswith("rename the folders")


def test_a_hive_null_is_told_for_what_it_is() -> None:
    day = PartitionFacts("day", pa.string(), 9, ("__HIVE_DEFAULT_PARTITION__",))
    finding = only_finding(judged("partition[day]", REPO, day))
    assert finding.hint == (
        "writers mean null by `__HIVE_DEFAULT_PARTITION__`, and readers find that very text: write these "
        "rows under a value, or leave the field out of `partitioned_by`"
    )


def test_a_partition_can_be_out_of_place_and_of_another_type_at_once() -> None:
    verdict = judged("partition[day]", PartitionFacts("day", pa.string(), 3), REPO)
    assert isinstance(verdict, Broken)
    assert [finding.code for finding in verdict.findings] == [
        FindingCode.PARTITION_POSITION,
        FindingCode.PARTITION_TYPE,
    ]


def test_a_session_that_hides_the_storage_leaves_the_partition_undecided() -> None:
    hidden = TableFacts("t", "session", pa.schema([]))
    verdict = judged_by(TEXT, "partition[repo]", {SchemaNeed("t"): hidden})
    finding = Finding(
        FindingCode.NOT_CHECKABLE,
        REPO_PLACE,
        "t.repo",
        "partitions that can be looked at",
        "the session does not tell how the table is stored",
        "give the table a `source` with a location",
    )
    assert verdict == Undecided(finding)
