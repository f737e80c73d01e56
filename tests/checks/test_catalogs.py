"""Are the tables of an artifact root those that are declared, as their contracts promise them?"""

import pyarrow as pa
import pytest
from support.answers import Answered, checks_of

from cst_contracts.checks.catalogs import CatalogReconciled
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Vacuous, Verdict
from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.facts import (
    Artifact,
    Basis,
    CatalogFacts,
    CouldNotLook,
    Stray,
    TableFacts,
)
from cst_contracts.location import Location
from cst_contracts.needs import CatalogNeed, ContractsNeed

TEXT = """\
session: s
catalog:
  location: artifacts
  format: parquet
  tables: [t]
"""
OPEN = TEXT.replace("  tables: [t]\n", "")
TABLE = """\
table: t
fields: [{name: a, type: int64}, {name: b, type: int8}]
"""
PLACE, T_PLACE = Location("contracts/t.yaml", 2, 1), Location("contracts/t.yaml", 5, 12)
GOOD = TableFacts("t", "parquet", pa.schema([("a", pa.int64()), ("b", pa.int8())]))


def judged(
    *artifacts: Artifact,
    strays: tuple[Stray, ...] = (),
    text: str = TEXT,
    table: str = TABLE,
    listed: CouldNotLook | None = None,
    contracts: CouldNotLook | None = None,
) -> Verdict:
    check = checks_of(text)["catalog"]
    assert isinstance(check, CatalogReconciled)
    contract = parse_contract(table.encode(), "contracts/u.yaml")
    assert isinstance(contract, TableContract)
    facts = CatalogFacts("contracts/t.yaml", "file:///artifacts", "parquet", artifacts, strays)
    known = {
        CatalogNeed(check.catalog): facts if listed is None else listed,
        ContractsNeed(): (contract,) if contracts is None else contracts,
    }
    return check.judge(Answered(known))


def artifact(
    table: TableFacts | CouldNotLook = GOOD, name: str = "t", rivals: tuple[str, ...] = ()
) -> Artifact:
    return Artifact(name, f"{name}.parquet", table, rivals=rivals)


def only_finding(verdict: Verdict, code: str) -> Finding:
    assert isinstance(verdict, Broken)
    assert verdict.violations == 1
    (finding,) = verdict.findings
    assert finding.code.value == code
    return finding


def test_the_declared_tables_and_no_others_are_kept() -> None:
    assert judged(artifact()) == Kept(Basis.SCHEMA)
    other = TableFacts("x", "parquet", pa.schema([]))
    assert judged(artifact(), artifact(other, "x"), text=OPEN) == Kept(Basis.SCHEMA)


def test_a_root_that_cannot_be_listed_is_red_and_a_session_that_is_not_there_is_not() -> None:
    finding = only_red(judged(listed=CouldNotLook("no folder", location="file:///artifacts")))
    assert (finding.code.value, finding.place, finding.observed) == (
        "catalog-root",
        PLACE,
        "no folder",
    )
    assert finding.promised == "a folder of parquet tables at file:///artifacts"
    verdict = judged(listed=CouldNotLook("the hook raised"))
    assert isinstance(verdict, Undecided)
    assert verdict.finding.code.value == "session-unreadable"


def only_red(verdict: Verdict) -> Finding:
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    return finding


def test_without_the_contracts_nobody_can_tell() -> None:
    verdict = judged(artifact(), contracts=CouldNotLook("no contracts"))
    assert isinstance(verdict, Undecided)
    assert (verdict.finding.code.value, verdict.finding.observed) == (
        "not-checkable",
        "no contracts",
    )


def test_a_declared_table_that_is_not_there_is_red_at_its_own_line() -> None:
    finding = only_finding(judged(), "catalog-missing")
    assert (finding.place, finding.subject) == (T_PLACE, "t")
    assert finding.observed == "no such file or folder; the tables there: none"


def test_an_empty_root_without_declared_tables_is_not_fine() -> None:
    verdict = judged(text=OPEN)
    assert isinstance(verdict, Vacuous)
    assert (verdict.allowed, verdict.finding.code.value) == (False, "catalog-empty")
    assert (verdict.finding.promised, verdict.finding.hint) == (
        "tables to mount",
        "write the tables, or take the clause out",
    )
    assert verdict.finding.observed.startswith("nothing at ")


@pytest.mark.parametrize(
    ("artifacts", "strays", "code", "subject", "observed"),
    [
        (
            (artifact(), artifact(GOOD, "x")),
            (),
            "catalog-unexpected",
            "x",
            "x, as x.parquet",
        ),
        (
            (artifact(),),
            (Stray("notes.txt", "no Parquet file"),),
            "catalog-stray",
            "notes.txt",
            "notes.txt: no Parquet file",
        ),
        (
            (artifact(CouldNotLook("bad footer", "t")),),
            (),
            "catalog-unreadable",
            "t",
            "t.parquet: bad footer",
        ),
        (
            (artifact(rivals=("a view of u.yaml", "t/")),),
            (),
            "catalog-conflict",
            "t",
            "a view of u.yaml and t/ as well",
        ),
    ],
    ids=["unexpected", "stray", "unreadable", "conflict"],
)
def test_what_does_not_belong_there_is_red(
    artifacts: tuple[Artifact, ...],
    strays: tuple[Stray, ...],
    code: str,
    subject: str,
    observed: str,
) -> None:
    finding = only_finding(judged(*artifacts, strays=strays), code)
    assert (finding.place, finding.subject, finding.observed) == (PLACE, subject, observed)


def test_a_table_with_another_schema_than_its_contract_promises_is_red_once() -> None:
    other = TableFacts("t", "parquet", pa.schema([("a", pa.string()), ("c", pa.int8())]))
    finding = only_finding(judged(artifact(other)), "catalog-differs")
    assert (finding.subject, finding.promised) == ("t", "the schema that contracts/u.yaml promises")
    assert finding.observed == "fields: c: int8; field[a]: string; field[b]: absent; there are a, c"


def test_many_differences_are_told_by_the_first_ones() -> None:
    other = TableFacts("t", "parquet", pa.schema([("x", pa.string())]))
    table = TABLE.replace("}]", "}, {name: c, type: int8}, {name: d, type: int8}]")
    finding = only_finding(judged(artifact(other), table=table), "catalog-differs")
    assert finding.observed.endswith("; and 2 more")


def test_what_the_tables_contract_waives_is_no_difference() -> None:
    other = TableFacts("t", "parquet", pa.schema([("a", pa.string()), ("b", pa.int8())]))
    waiver = "{check: 'field[a]', reason: later, owner: me, expires: 2027-01-31}"
    table = TABLE + f"waivers: [{waiver}]\n"
    assert judged(artifact(other), table=table) == Kept(Basis.SCHEMA)
