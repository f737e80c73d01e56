"""The table that the project registers itself, beside the one that the contract's `source` names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext, col
from deltalake import DeltaTable, write_deltalake
from support.gate import judge, observer_of, parsed

from cst_contracts.checks.verdict import Kept, Undecided
from cst_contracts.facts import Basis, TableFacts
from cst_contracts.needs import SchemaNeed
from cst_contracts.report.manifest_file import Outcome

Register = Callable[[SessionContext, Path], object]

FLAT = ("int64", "id", "id > 0")
NESTED = ("struct<n: int64>", "id.n", "id['n'] > 0")
CONTRACT = """\
table: t
source: {{format: {format}, location: t{more}}}
fields: [{{name: id, type: "{type}"}}]
keys: [[{key}]]
rules: [{{name: positive, sql: "{rule}"}}]
"""


class Lake:
    """`t` is what the contract names: versions 0, 1 and 2 of a Delta table, or one file."""

    def __init__(self, folder: Path, shape: tuple[str, str, str]) -> None:
        self.folder, self.shape = folder, shape
        self.session = SessionContext(SessionConfig().with_information_schema(enabled=True))

    def rows(self, *numbers: int) -> pa.Table:
        if self.shape is FLAT:
            return pa.table({"id": pa.array(numbers, pa.int64())})
        values = [{"n": number} for number in numbers]
        return pa.table({"id": pa.array(values, pa.struct([("n", pa.int64())]))})

    def delta(self, name: str, *versions: tuple[int, ...]) -> str:
        for numbers in versions:
            write_deltalake(self.folder / name, self.rows(*numbers), mode="overwrite")
        return str(self.folder / name)

    def file(self, name: str, *numbers: int) -> str:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(self.rows(*numbers), file)
        return f"{file.parent}/"

    def judged(self, format_: str, more: str = "") -> tuple[Any, TableFacts]:
        type_, key, rule = self.shape
        text = CONTRACT.format(format=format_, more=more, type=type_, key=key, rule=rule)
        contracts = parsed([text])
        observer = observer_of(contracts, self.folder, self.session)
        promises = judge(contracts, observer).of("t")
        facts = observer.answer(SchemaNeed("t"))
        assert isinstance(facts, TableFacts)
        return promises, facts


@pytest.fixture(params=[FLAT, NESTED], ids=["flat", "nested"])
def lake(tmp_path: Path, request: pytest.FixtureRequest) -> Lake:
    return Lake(tmp_path, request.param)


def values_red(promises: Any, lake: Lake) -> bool:
    names = [f"unique[{lake.shape[1]}]", "rule[positive]"]
    outcomes = {promises.outcomes[name] for name in names}
    assert len(outcomes) == 1
    return outcomes == {Outcome.BROKEN}


def test_the_files_that_the_contract_names_are_kept(lake: Lake) -> None:
    lake.session.register_parquet("t", lake.file("t/x.parquet", 1, 2, 3))
    promises, facts = lake.judged("parquet")
    assert promises.red == {}
    assert (promises["source"].basis.value, facts.files) == ("plan", 1)


def test_another_folder_of_as_many_rows_is_red_and_its_values_are_measured(lake: Lake) -> None:
    lake.file("t/x.parquet", 1, 2, 3)
    lake.session.register_parquet("t", lake.file("other/y.parquet", 3, -2, -2))
    promises, _ = lake.judged("parquet")
    found = promises.finding("source")
    assert found.code.value == "source-differs"
    assert str(found.place) == "contracts/0.yaml:2:1"
    assert found.promised == "1 file of `source`, and nothing else"
    assert found.observed.endswith("/other/y.parquet, too; the session does not read x.parquet")
    assert values_red(promises, lake)


def test_a_file_less_is_red(lake: Lake) -> None:
    lake.file("t/x.parquet", 1, 2)
    lake.file("t/y.parquet", -3, -3)
    lake.session.register_parquet("t", f"{lake.folder}/t/x.parquet")
    promises, _ = lake.judged("parquet")
    assert promises.finding("source").observed == "the session does not read y.parquet"
    assert not values_red(promises, lake)


@pytest.mark.parametrize("where", ["", " WHERE id IS NOT NULL"])
def test_a_view_in_its_place_is_red_and_its_values_are_measured(lake: Lake, where: str) -> None:
    lake.file("t/x.parquet", 1, 2, 3)
    lake.session.register_parquet("raw", lake.file("raw/x.parquet", -2, -2, 1))
    lake.session.sql(f"CREATE VIEW t AS SELECT * FROM raw{where}")
    promises, _ = lake.judged("parquet")
    assert promises.finding("source").observed == "the session has a view in its place"
    assert values_red(promises, lake)


def test_files_of_a_plan_are_found_whatever_their_names(lake: Lake) -> None:
    for name in ("a b.parquet", "100%.parquet", "größe.parquet", "[x].parquet"):
        lake.file(f"t/{name}", len(name))
    lake.session.register_parquet("t", f"{lake.folder}/t/")
    promises, _ = lake.judged("parquet")
    assert promises.outcomes["source"] is Outcome.KEPT


def test_a_large_file_that_is_read_in_ranges_is_read_once(tmp_path: Path) -> None:
    lake = Lake(tmp_path, FLAT)
    lake.session.sql("SET datafusion.optimizer.repartition_file_min_size = 1")
    lake.session.sql("SET datafusion.execution.target_partitions = 4")
    lake.session.register_parquet("t", lake.file("t/x.parquet", *range(1, 50_000)))
    promises, _ = lake.judged("parquet")
    assert promises.outcomes["source"] is Outcome.KEPT


def test_a_folder_by_way_of_a_link_is_the_same(lake: Lake) -> None:
    lake.file("t/x.parquet", 1)
    (lake.folder / "link").symlink_to(lake.folder / "t", target_is_directory=True)
    lake.session.register_parquet("t", f"{lake.folder}/link/")
    promises, _ = lake.judged("parquet")
    assert promises.outcomes["source"] is Outcome.KEPT


def test_partition_fields_that_the_session_lacks_are_red(lake: Lake) -> None:
    lake.file("t/k=1/x.parquet", 1, 2)
    lake.session.register_parquet("t", f"{lake.folder}/t/")
    promises, _ = lake.judged("parquet", ", partitioned_by: [k]")
    assert promises.finding("source").observed == "the session lacks the partition fields k"


@pytest.mark.parametrize("named", ["version: 1", None])
@pytest.mark.parametrize("version", [0, 1, 2])
def test_the_version_that_the_session_reads_is_found(
    lake: Lake, version: int, named: str | None
) -> None:
    url = lake.delta("t", (-1, -1, 3), (1, 2, 3), (1, 2, 9))
    lake.session.register_table("t", DeltaTable(url, version=version))
    promises, facts = lake.judged("delta", f", as_of: {{{named}}}" if named else "")
    promised = 1 if named else 2
    assert facts.delta_version == version
    assert values_red(promises, lake) is (version == 0)
    if version == promised:
        assert promises.red == {}
        return
    observed = f"the session reads version {version}"
    assert promises.finding("source").observed == observed
    if named:
        assert promises.finding("delta[as_of]").observed == f"{observed}, and not 1"
        assert promises.red["delta[as_of]"] == ("source-differs",)


def test_another_delta_table_of_as_many_rows_is_red(lake: Lake) -> None:
    lake.delta("t", (1, 2, 3))
    lake.session.register_table("t", DeltaTable(lake.delta("other", (-1, -1, 3))))
    promises, facts = lake.judged("delta", ", as_of: {version: 0}")
    observed = "the session has other rows: 2 rows missing, 2 rows too many"
    assert promises.finding("source").observed == observed
    assert isinstance(promises["delta[as_of]"], Undecided)
    assert facts.delta_version is None
    assert values_red(promises, lake)


def test_a_listing_of_a_delta_folder_reads_what_its_log_has_removed(lake: Lake) -> None:
    lake.delta("t", (-1, -1), (1, 2))
    lake.session.register_parquet("t", f"{lake.folder}/t/")
    promises, _ = lake.judged("delta")
    assert promises.red["source"] == ("source-differs",)
    assert promises.finding("source").observed.endswith(".parquet, too")
    assert values_red(promises, lake)


def test_a_dataset_of_the_version_is_kept_and_one_of_another_is_red(lake: Lake) -> None:
    url = lake.delta("t", (1, 2), (1, 3))
    lake.session.register_dataset("t", DeltaTable(url, version=0).to_pyarrow_dataset())
    promises, _ = lake.judged("delta", ", as_of: {version: 0}")
    assert promises.outcomes["source"] is Outcome.KEPT
    assert promises["source"].basis.value == "scan"
    lake.session.deregister_table("t")
    lake.session.register_dataset("t", DeltaTable(url).to_pyarrow_dataset())
    promises, _ = lake.judged("delta", ", as_of: {version: 0}")
    assert promises.finding("source").observed == "the session reads version 1"


def test_the_order_of_other_files_is_measured_in_them(tmp_path: Path) -> None:
    lake = Lake(tmp_path, FLAT)
    lake.file("t/x.parquet", 1, 2, 3)
    order = [[col("id").sort()]]
    bad = lake.file("other/y.parquet", 3, 2, 1)
    lake.session.register_parquet("t", bad, file_sort_order=order)
    promises, _ = lake.judged("parquet", ", ordered_by: [id]")
    assert promises.red["order[measured]"] == ("rows-out-of-order",)


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_text_files_are_compared_by_the_plan_alone(tmp_path: Path, format_: str) -> None:
    lake = Lake(tmp_path, FLAT)
    (tmp_path / "t").mkdir()
    for name, number in (("a", 1), ("b", 2)):
        text = f"id\n{number}\n" if format_ == "csv" else f'{{"id": {number}}}\n'
        (tmp_path / f"t/{name}.{format_}").write_text(text)
    register = lake.session.register_csv if format_ == "csv" else lake.session.register_json
    register("t", f"{tmp_path}/t/")
    assert lake.judged(format_)[0].red == {}
    lake.session.deregister_table("t")
    register("t", f"{tmp_path}/t/a.{format_}")
    promises, _ = lake.judged(format_)
    assert promises.finding("source").observed == f"the session does not read b.{format_}"


def test_our_own_registration_is_kept(tmp_path: Path) -> None:
    lake = Lake(tmp_path, FLAT)
    lake.file("t/x.parquet", 1, 2, 3)
    contracts = parsed(
        [CONTRACT.format(format="parquet", more="", type="int64", key="id", rule="id > 0")]
    )
    promises = judge(contracts, observer_of(contracts, tmp_path)).of("t")
    assert promises.red == {}
    kept = promises["source"]
    assert isinstance(kept, Kept)
    assert kept.basis is Basis.PLAN
