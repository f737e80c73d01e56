"""Folders of artifacts hold tables for contracts and views, and what they hold is compared with what is
declared."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext
from deltalake import write_deltalake
from support.gate import judge, parsed
from support.observing import answered, observer_over, refused, registry_of

from cst_contracts.checks.catalogs import CatalogReconciled
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.plan import plan
from cst_contracts.checks.verdict import Broken, Finding, Kept, Vacuous, Verdict
from cst_contracts.contract.relations import relations
from cst_contracts.drift.fingerprint import schema_fingerprint
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import Basis, CatalogFacts, RowCount, SortTerm, TableFacts, Trouble
from cst_contracts.needs import CatalogNeed, OrderPlanNeed, RowCountNeed, SchemaNeed

ROWS = pa.table({"a": [1, 2, 3]})
SESSION = "session: s\ncatalog:\n  location: root\n  format: parquet\n"
TABLES = f"{SESSION}  tables: [refs, defs]\n"
REFS = "table: refs\nfields: [{name: a, type: int64}]\n"


class Project:
    """Contracts over a lake in a folder; each question is asked of a run of its own."""

    def __init__(self, folder: Path | None, session: str, *others: str) -> None:
        self.contracts = parsed((session, *others))
        self.folder = folder

    def live(self, supplied: SessionContext | None = None) -> DataFusionObserver:
        return observer_over(registry_of(relations(self.contracts), self.folder, supplied))

    def check(self) -> CatalogReconciled:
        return next(
            check
            for contract in self.contracts
            for check in plan(contract)
            if isinstance(check, CatalogReconciled)
        )

    def verdict(self, live: DataFusionObserver | None = None) -> Verdict:
        check = self.check()
        judged = judge(self.contracts, live or self.live(), lambda each: each == check)
        (judgement,) = judged.judgements.values()
        return judgement.verdict

    def inventory(self, live: DataFusionObserver | None = None) -> CatalogFacts:
        return answered(live or self.live(), CatalogNeed(self.check().catalog))

    def findings(self) -> tuple[Finding, ...]:
        verdict = self.verdict()
        assert isinstance(verdict, Broken), verdict
        assert verdict.violations is None or verdict.violations == len(verdict.findings)
        return verdict.findings


def write(file: Path, table: pa.Table = ROWS) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file)
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder and a file, each a table, and what every engine leaves alone."""
    write(tmp_path / "root" / "refs" / "part-0.parquet")
    write(tmp_path / "root" / "refs" / "part-1.parquet")
    write(tmp_path / "root" / "defs.parquet")
    for name in ("_SUCCESS", ".refs.crc", "_tmp/half.parquet"):
        (tmp_path / "root" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "root" / name).touch()
    return tmp_path / "root"


def only(findings: tuple[Finding, ...]) -> Finding:
    (finding,) = findings
    return finding


def rows(live: DataFusionObserver, table: str) -> int:
    return answered(live, RowCountNeed(table)).rows


@pytest.mark.usefixtures("root")
def test_the_declared_tables_are_kept_and_used(tmp_path: Path) -> None:
    view = "table: v\nsource: {format: view}\nfields: [{name: a, type: int64}]\nviews:\n"
    view += "  - {name: v, sql: SELECT refs.a FROM refs JOIN defs ON refs.a = defs.a}\n"
    project = Project(tmp_path, TABLES, REFS, view)
    live = project.live()
    assert project.verdict(live) == Kept(Basis.SCHEMA)
    assert [rows(live, name) for name in ("refs", "defs", "v")] == [6, 3, 6]
    facts = answered(live, SchemaNeed("refs"))
    assert (facts.format, facts.files) == ("parquet", 2)


def test_the_inventory_has_files_bytes_rows_and_schema(tmp_path: Path, root: Path) -> None:
    found = Project(tmp_path, TABLES).inventory()
    assert (found.contract, found.format, found.location) == (
        "contracts/0.yaml",
        "parquet",
        f"{root.as_uri()}/",
    )
    defs, refs = found.artifacts
    assert (defs.name, defs.entry, refs.name, refs.entry) == (
        "defs",
        "defs.parquet",
        "refs",
        "refs/",
    )
    assert defs.bytes == (root / "defs.parquet").stat().st_size
    assert refs.bytes == sum(file.stat().st_size for file in (root / "refs").iterdir())
    assert isinstance(refs.table, TableFacts)
    assert (refs.table.files, refs.rows) == (2, RowCount(6, Basis.STATISTICS))
    assert found == Project(tmp_path, TABLES).inventory()


def test_a_fingerprint_is_of_names_types_nullability_and_metadata() -> None:
    schema = pa.schema([pa.field("a", pa.string(), metadata={"k": "v"}), ("b", pa.int64())])
    same = schema.set(0, schema.field(0).with_type(pa.string_view()))
    assert schema_fingerprint(schema) == schema_fingerprint(same)
    assert schema_fingerprint(schema) == (
        "sha256:e13fbd2af5da5427871f97c2674163cf1b73fd6120c0dc1e276642a94a4a3130"
    )
    others = [
        schema.set(1, pa.field("b", pa.int32())),
        schema.set(1, pa.field("b", pa.int64(), nullable=False)),
        schema.set(1, pa.field("c", pa.int64())),
        schema.set(0, schema.field(0).remove_metadata()),
        pa.schema(list(reversed(schema))),
        pa.schema(list(schema)[:1]),
    ]
    assert len({schema_fingerprint(each) for each in (schema, *others)}) == 7


def test_a_missing_table_is_red_where_it_is_declared(tmp_path: Path, root: Path) -> None:
    (root / "defs.parquet").unlink()
    finding = only(Project(tmp_path, TABLES).findings())
    assert (finding.code, finding.subject) == (FindingCode.CATALOG_MISSING, "defs")
    assert (finding.place.line, finding.place.column) == (5, 18)
    assert finding.observed == "no such file or folder; the tables there: refs"


def test_an_undeclared_table_is_red(tmp_path: Path, root: Path) -> None:
    write(root / "more.parquet")
    finding = only(Project(tmp_path, TABLES).findings())
    assert (finding.code, finding.subject) == (FindingCode.CATALOG_UNEXPECTED, "more")
    assert (finding.place.line, finding.observed) == (2, "more, as more.parquet")
    assert isinstance(Project(tmp_path, SESSION).verdict(), Kept), "nothing is declared"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("readme.txt", "its name does not end in .parquet"),
        ("a.b.parquet", "a.b cannot be a table's name"),
        (
            "k=1/f.parquet",
            "a partition folder: the root itself is a table; give that table a `source`",
        ),
        ("deep/er/f.parquet", "no .parquet file in it; folders within folders are no tables"),
        ("texts/f.txt", "no .parquet file in it; folders within folders are no tables"),
        (
            "log/_delta_log/0.json",
            "a Delta table; mount it by way of a catalog with `format: delta`",
        ),
        ("_delta_log/0.json", "the root itself is a Delta table; give that table a `source`"),
        ("defs/f.parquet", "defs/ is a table defs, too; remove one of them"),
    ],
)
def test_a_stray_is_named_and_spoils_nothing_else(
    tmp_path: Path, root: Path, name: str, why: str
) -> None:
    write(root / name) if name.endswith(".parquet") else _text(root / name)
    project = Project(tmp_path, TABLES, REFS)
    finding = only(project.findings())
    entry = name.partition("/")[0] + ("/" if "/" in name else "")
    if entry == "defs/":
        entry = "defs.parquet"  # folders come first
    assert (finding.code, finding.subject) == (FindingCode.CATALOG_STRAY, entry)
    assert finding.observed == f"{entry}: {why}"
    assert [rows(project.live(), each) for each in ("refs", "defs")] == [6, 3]


def _text(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("no table")


@pytest.mark.parametrize("text", [b"", b"PAR1", b"PAR1, and then no Parquet at all, PAR1"])
def test_a_corrupt_file_is_red_by_name_and_the_others_work(
    tmp_path: Path, root: Path, text: bytes
) -> None:
    (root / "defs.parquet").write_bytes(text)
    project = Project(tmp_path, TABLES, REFS)
    finding = only(project.findings())
    assert (finding.code, finding.subject) == (FindingCode.CATALOG_UNREADABLE, "defs")
    assert finding.observed.startswith("defs.parquet: ")
    assert rows(project.live(), "refs") == 6
    error = refused(project.live(), SchemaNeed("defs"))
    assert error.relation == "defs"
    assert error.trouble is (Trouble.ENGINE if text else Trouble.EMPTY_FILE)
    assert ("engine's words" in finding.hint) is bool(text)


@pytest.mark.usefixtures("root")
def test_a_table_that_differs_from_its_contract_is_red(tmp_path: Path) -> None:
    text = "table: refs\nfields: [{name: a, type: string}, {name: b, type: int8}]\n"
    finding = only(Project(tmp_path, TABLES, text).findings())
    assert (finding.code, finding.subject) == (FindingCode.CATALOG_DIFFERS, "refs")
    assert finding.promised == "the schema that contracts/1.yaml promises"
    assert finding.observed == "field[a]: int64; field[b]: absent; there are a"
    waiver = "  - {{check: 'field[{}]', reason: r, owner: o, expires: 2999-01-01}}\n"
    waived = f"{text}waivers:\n{waiver.format('a')}{waiver.format('b')}"
    assert isinstance(Project(tmp_path, TABLES, waived).verdict(), Kept)


def test_an_empty_root_is_vacuous_and_red_where_tables_are_declared(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    verdict = Project(tmp_path, SESSION).verdict()
    assert isinstance(verdict, Vacuous)
    assert not verdict.allowed
    assert verdict.finding.code is FindingCode.CATALOG_EMPTY
    codes = [finding.code for finding in Project(tmp_path, TABLES).findings()]
    assert codes == [FindingCode.CATALOG_MISSING] * 2


@pytest.mark.parametrize("root_is", ["nothing", "a file"])
def test_a_root_that_is_no_folder_is_red(tmp_path: Path, root_is: str) -> None:
    if root_is == "a file":
        (tmp_path / "root").touch()
    project = Project(tmp_path, TABLES, REFS)
    finding = only(project.findings())
    assert finding.code is FindingCode.CATALOG_ROOT
    assert finding.promised.startswith("a folder of parquet tables at file://")
    error = refused(project.live(), SchemaNeed("refs"))
    assert (error.relation, error.trouble) == ("refs", Trouble.MISSING)
    assert "/root could not be listed: " in error.reason


def test_a_relative_root_without_a_lake_is_red(root: Path) -> None:
    verdict = Project(None, TABLES).verdict()
    assert isinstance(verdict, Broken)
    assert verdict.findings[0].code is FindingCode.CATALOG_ROOT
    assert "no lake root is given (--lake" in verdict.findings[0].observed
    absolute = TABLES.replace("location: root", f"location: {root.as_uri()}")
    assert isinstance(Project(None, absolute).verdict(), Kept)


def test_new_files_are_seen_and_removed_ones_are_gone(tmp_path: Path, root: Path) -> None:
    """Files in the run that registered their table, and tables in the next."""
    project = Project(tmp_path, SESSION)
    registry = registry_of(relations(project.contracts), tmp_path)
    registry.open("refs")
    context = registry.context
    assert _count(context) == 6
    write(root / "refs" / "part-2.parquet")
    assert _count(context) == 9
    for number in range(2):
        (root / "refs" / f"part-{number}.parquet").unlink()
    assert _count(context) == 3
    write(root / "more" / "f.parquet")
    shutil.rmtree(root / "refs")
    assert [each.name for each in project.inventory().artifacts] == ["defs", "more"]
    assert refused(project.live(), SchemaNeed("refs")).trouble is Trouble.MISSING


def _count(context: SessionContext) -> int:
    return int(context.sql("SELECT count(*) FROM refs").to_arrow_table().column(0)[0].as_py())


@pytest.mark.usefixtures("root")
def test_a_contracts_source_at_the_same_place_wins(tmp_path: Path) -> None:
    write(tmp_path / "other" / "f.parquet")
    same = REFS.replace(
        "table: refs\n", "table: refs\nsource: {format: parquet, location: root/refs}\n"
    )
    assert isinstance(Project(tmp_path, TABLES, same).verdict(), Kept)
    project = Project(tmp_path, TABLES, same.replace("root/refs", "other"))
    finding = only(project.findings())
    assert (finding.code, finding.subject) == (FindingCode.CATALOG_CONFLICT, "refs")
    assert finding.observed == "the parquet source other at contracts/1.yaml:2:1 as well"
    assert rows(project.live(), "refs") == 3, "the contract's own words go before"


@pytest.mark.usefixtures("root")
def test_a_view_of_an_artifacts_name_is_a_conflict(tmp_path: Path) -> None:
    text = "table: t\nsource: {format: view}\nfields: [{name: a, type: int64}]\nviews:\n"
    text += "  - {name: refs, sql: SELECT 1 AS a}\n"
    finding = only(Project(tmp_path, TABLES, text).findings())
    assert finding.code is FindingCode.CATALOG_CONFLICT
    assert finding.observed == "the view at contracts/1.yaml:5:5 as well"


@pytest.mark.usefixtures("root")
def test_two_roots_with_a_table_of_one_name_are_a_conflict(tmp_path: Path) -> None:
    write(tmp_path / "other" / "refs.parquet")
    again = "session: u\ncatalog: {location: root/../root, format: parquet}\n"
    assert isinstance(Project(tmp_path, TABLES, again).verdict(), Kept), "the same root"
    project = Project(tmp_path, TABLES, again.replace("root/../root", "other"))
    finding = only(project.findings())
    assert finding.code is FindingCode.CATALOG_CONFLICT
    assert finding.observed.endswith(
        "/other/refs.parquet in the catalog at contracts/1.yaml:2:1 as well"
    )
    error = refused(project.live(), SchemaNeed("refs"))
    assert error.reason.startswith("several catalogs have it: ")
    assert (error.relation, error.trouble) == ("refs", Trouble.UNREADABLE)


def test_a_folder_that_others_declare_tables_in_is_no_stray(tmp_path: Path, root: Path) -> None:
    write(root / "nested" / "t" / "f.parquet")
    own = "table: t\nsource: {format: parquet, location: root/nested/t}\n"
    own += "fields: [{name: a, type: int64}]\n"
    assert isinstance(Project(tmp_path, TABLES, own).verdict(), Kept)
    mount = "session: u\ncatalog: {location: root/nested, format: parquet}\n"
    assert isinstance(Project(tmp_path, TABLES, mount).verdict(), Kept)
    assert only(Project(tmp_path, TABLES).findings()).subject == "nested/"


def test_a_contract_can_say_how_a_table_of_a_catalog_is_stored(tmp_path: Path, root: Path) -> None:
    write(root / "k" / "repo=x" / "f.parquet")
    text = "table: k\nsource: {format: catalog, partitioned_by: [repo], ordered_by: [a]}\n"
    text += "fields: [{name: a, type: int64}, {name: repo, type: string, nullable: false}]\n"
    project = Project(tmp_path, SESSION, text)
    assert isinstance(project.verdict(), Kept)
    live = project.live()
    facts = answered(live, SchemaNeed("k"))
    assert [each.name for each in facts.partitions or ()] == ["repo"]
    ordering = answered(live, OrderPlanNeed("k", (SortTerm("a"),)))
    assert ordering is not None
    assert ordering.planned == (SortTerm("a"),)
    other = Project(tmp_path, SESSION, text.replace("table: k", "table: m"))
    missing = refused(other.live(), SchemaNeed("m"))
    assert missing.trouble is Trouble.MISSING
    assert missing.reason.endswith("nor has a catalog that a session mounts")


def test_delta_roots_are_mounted_and_pinned(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "root" / "refs", ROWS)
    (tmp_path / "root" / "plain").mkdir()
    write(tmp_path / "root" / "defs.parquet")
    text = SESSION.replace("parquet", "delta")
    findings = Project(tmp_path, text, REFS).findings()
    assert [finding.observed for finding in findings] == [
        "defs.parquet: a file, and a Delta table is a folder",
        "plain/: a folder without a Delta log",
    ]
    project = Project(tmp_path, text, REFS)
    live = project.live()
    assert rows(live, "refs") == 3
    write_deltalake(tmp_path / "root" / "refs", ROWS, mode="append")
    (refs,) = project.inventory(live).artifacts
    assert isinstance(refs.table, TableFacts)
    assert (refs.rows, refs.table.delta_version) == (RowCount(3, Basis.STATISTICS), 0)


def test_other_formats_are_mounted(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "refs.csv").write_text("a\n1\n2\n")
    project = Project(tmp_path, SESSION.replace("parquet", "csv"), REFS)
    assert isinstance(project.verdict(), Kept)
    assert rows(project.live(), "refs") == 2


@pytest.mark.usefixtures("root")
def test_a_supplied_sessions_own_table_stands(tmp_path: Path) -> None:
    context = SessionContext(SessionConfig().with_information_schema(enabled=True))
    context.from_arrow(pa.table({"a": [1]}), name="refs")
    project = Project(tmp_path, TABLES, REFS)
    live = project.live(supplied=context)
    assert (rows(live, "refs"), rows(live, "defs")) == (1, 3)
    assert isinstance(project.verdict(live), Kept)


def test_the_engines_own_auto_load_is_all_or_nothing(tmp_path: Path, root: Path) -> None:
    """Which is why the root is listed here."""
    shutil.rmtree(root / "_tmp")
    for hidden in ("_SUCCESS", ".refs.crc"):
        (root / hidden).unlink()
    assert _auto_loaded(root, "PARQUET") == ["defs", "refs"]
    assert _auto_loaded(root, "parquet") == [], "unknown in lower case, in silence"
    (root / "readme.txt").write_text("no table")
    with pytest.raises(Exception, match="Parquet"):
        _auto_loaded(root, "PARQUET")
    assert [each.name for each in Project(tmp_path, TABLES).inventory().artifacts] == [
        "defs",
        "refs",
    ]


def _auto_loaded(root: Path, format_: str) -> list[str]:
    context = engine_mounted(root, format_)
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'default'"
    names = context.sql(query).to_arrow_table().column(0).to_pylist()
    return sorted(str(name) for name in names)


def engine_mounted(root: Path, format_: str) -> SessionContext:
    config = (
        SessionConfig()
        .with_information_schema(enabled=True)
        .set("datafusion.catalog.location", f"{root.as_uri()}/")
        .set("datafusion.catalog.format", format_)
        .set("datafusion.catalog.default_schema", "default")
    )
    context = SessionContext(config)
    context.refresh_catalogs()
    return context
