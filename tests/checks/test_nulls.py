"""Do the rows hold no null where none is promised?"""

import pyarrow as pa
import pytest
from support.answers import judged_by

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.facts import Basis, CouldNotLook, FilesFacts, NullCount, TableFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import FilesNeed, NullsNeed, SchemaNeed

TEXT = """\
table: t
source: {format: parquet, location: t}
fields:
  - {name: a, type: int64, nullable: false}
  - {name: refs, type: list<struct>, fields: [{name: id, type: string, nullable: false}]}
"""
A_PLACE, ID_PLACE = Location("contracts/t.yaml", 4, 5), Location("contracts/t.yaml", 5, 47)


def judged(
    path: str,
    answer: NullCount | CouldNotLook,
    text: str = TEXT,
    files: FilesFacts | None = None,
) -> Verdict:
    facts = TableFacts("t", "parquet", pa.schema([]))
    answers = {
        SchemaNeed("t"): facts,
        NullsNeed("t", path): answer,
        FilesNeed("t"): FilesFacts(1) if files is None else files,
    }
    return judged_by(text, f"nulls[{path}]", answers)


def counted(
    values: int,
    nulls: int,
    rows: int = 10,
    *,
    refusal: str | None = None,
    basis: Basis = Basis.SCAN,
) -> NullCount:
    return NullCount(values, nulls, refusal, basis, rows=rows)


def test_values_without_a_null_are_kept_with_the_rows_looked_at() -> None:
    assert judged("a", counted(10, 0)) == Kept(Basis.SCAN, 10)
    proven = counted(10, 0, basis=Basis.STATISTICS)
    assert judged("a", proven) == Kept(Basis.STATISTICS, 10)


@pytest.mark.parametrize(("nulls", "told"), [(1, "1 null among 10"), (7, "7 nulls among 10")])
def test_nulls_are_red_with_their_number(nulls: int, told: str) -> None:
    finding = Finding(FindingCode.NULL_VALUES, A_PLACE, "t.a", "no null", told)
    verdict = judged("a", counted(10, nulls))
    assert verdict == Broken((finding,), Basis.SCAN, 10, nulls)


def test_nulls_deep_down_are_told_at_the_leaf() -> None:
    verdict = judged("refs[].id", counted(40, 2))
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert (finding.subject, finding.place) == ("t.refs[].id", ID_PLACE)
    assert finding.observed == "2 nulls among 40"


def test_the_engines_own_refusal_is_at_least_one_null() -> None:
    observed = "at least one null: declared as non-nullable"
    finding = Finding(FindingCode.NULL_VALUES, A_PLACE, "t.a", "no null", observed)
    verdict = judged("a", counted(0, 0, refusal="declared as non-nullable"))
    assert verdict == Broken((finding,), Basis.SCAN, 10), "how many nulls is not known"


def test_a_field_that_could_not_be_counted_in_is_undecided_by_its_schema() -> None:
    finding = Finding(
        FindingCode.FIELD_MISSING, ID_PLACE, "t.refs[].id", "no null", "no such field to count in"
    )
    trouble = CouldNotLook("no such field", "t", trouble=Trouble.FIELD)
    verdict = judged("refs[].id", trouble)
    assert verdict == Undecided(finding, Cause("t", "field[refs[].id]"))


def test_a_proof_that_is_not_what_the_rows_are_is_red_by_itself() -> None:
    trouble = CouldNotLook("the rows of 1.parquet are others", "t", trouble=Trouble.PROOF)
    found = Finding(FindingCode.PROOF_DISAGREES, A_PLACE, "t.a", "no null", trouble.reason)
    assert judged("a", trouble) == Undecided(found)


def test_rows_without_a_single_element_are_vacuous() -> None:
    verdict = judged("refs[].id", counted(0, 0))
    finding = Finding(
        FindingCode.NOTHING_TO_COUNT,
        ID_PLACE,
        "t.refs[].id",
        "no null",
        "10 rows hold no value to look at",
        "write `allow_empty: true` on the list or map field if that is fine",
    )
    assert verdict == Vacuous(finding, allowed=False, basis=Basis.SCAN, rows=10)


def test_a_list_field_may_say_that_it_can_be_empty_everywhere() -> None:
    text = TEXT.replace("name: refs, ", "name: refs, allow_empty: true, ")
    verdict = judged("refs[].id", counted(0, 0), text)
    assert isinstance(verdict, Vacuous)
    assert verdict.allowed
    assert not verdict.finding.hint


def test_an_empty_table_is_told_once_and_its_nulls_are_undecided() -> None:
    verdict = judged("a", counted(0, 0, rows=0))
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "rows")
    assert verdict.finding.code is FindingCode.EMPTY_TABLE
    assert (verdict.finding.promised, verdict.finding.observed) == ("no null", "0 rows to look at")


def test_a_table_that_may_be_empty_has_allowed_vacuous_nulls() -> None:
    text = TEXT.replace("location: t}", "location: t, allow_empty: true}")
    verdict = judged("a", counted(0, 0, rows=0), text)
    assert isinstance(verdict, Vacuous)
    assert verdict.allowed
    assert verdict.finding.code is FindingCode.NOTHING_TO_COUNT


@pytest.mark.parametrize("allow", ["", ", allow_empty: true"])
def test_what_may_be_empty_may_still_hold_no_null(allow: str) -> None:
    text = TEXT.replace("location: t}", f"location: t{allow}}}")
    assert isinstance(judged("a", counted(3, 1), text), Broken)


def test_nulls_of_a_field_that_a_file_lacks_are_red_at_the_field_alone() -> None:
    files = FilesFacts(8, lacking={"a": ("p=1/part-7.parquet",)})
    verdict = judged("a", counted(10, 2), files=files)
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "field[a]")
    assert verdict.finding.observed == (
        "2 nulls among 10; the field is missing in p=1/part-7.parquet"
    )
    strange = FilesFacts(8, lacking={"a": ("x.parquet",)}, strangers=("x.parquet",))
    verdict = judged("a", counted(10, 2), files=strange)
    assert isinstance(verdict, Undecided)
    assert verdict.cause == Cause("t", "fields")


def test_nulls_are_red_as_such_where_files_may_lack_the_field() -> None:
    text = TEXT.replace("location: t}", "location: t, missing_in_files: allow}")
    files = FilesFacts(8, lacking={"a": ("part-7.parquet",)})
    assert isinstance(judged("a", counted(10, 2), text, files), Broken)
