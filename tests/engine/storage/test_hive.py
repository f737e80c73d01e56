"""Files whose folders have other keys than the table's are told by name."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.observing import answered, refused

from cst_contracts.contract.model import PartitionContract
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import PartitionFacts, Trouble
from cst_contracts.location import Location
from cst_contracts.needs import SchemaNeed

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]


def write(folder: Path, *files: str) -> None:
    for name in files:
        file = folder / "t" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"n": [1]}), file)


@pytest.mark.parametrize(
    ("files", "promised", "outside", "reason"),
    [
        (
            ["a=1/x.parquet", "a=2/x.parquet", "b=1/x.parquet"],
            ["c"],
            ["b=1/x.parquet"],
            "b=1/x.parquet lies outside of a=…/",
        ),
        (
            ["a=1/x.parquet", "a=2/x.parquet", "b=1/x.parquet"],
            ["b"],
            ["a=1/x.parquet", "a=2/x.parquet"],
            "a=1/x.parquet, a=2/x.parquet lie outside of b=…/",
        ),
        (
            ["a=1/b=1/x.parquet", "a=1/b=2/x.parquet", "x.parquet"],
            [],
            ["a=1/b=1/x.parquet", "a=1/b=2/x.parquet"],
            "a=1/b=1/x.parquet, a=1/b=2/x.parquet lie outside of the table's own folder",
        ),
        (
            ["a=1/x.parquet", "a=1/y.parquet", "w.parquet", "x.parquet", "y.parquet", "z.parquet"],
            ["a"],
            ["w.parquet", "x.parquet", "y.parquet", "z.parquet"],
            "w.parquet, x.parquet, y.parquet and 1 more lie outside of a=…/",
        ),
    ],
    ids=["most of them", "as promised", "no partitions promised", "many"],
)
def test_files_that_lie_outside_are_those_that_do_not_lie_as_promised_or_as_most_do(
    tmp_path: Path,
    observer: Build,
    files: list[str],
    promised: list[str],
    outside: list[str],
    reason: str,
) -> None:
    write(tmp_path, *files)
    partitioned_by = tuple(PartitionContract(name, AT) for name in promised)
    error = refused(observer(partitioned_by=partitioned_by), SchemaNeed("t"))
    assert (error.relation, error.trouble) == ("t", Trouble.LAYOUT)
    assert error.reason == reason
    assert error.names == tuple(outside)


def test_a_partition_whose_type_nobody_promises_has_no_values_but_null_that_do_not_fit(
    tmp_path: Path, observer: Build
) -> None:
    write(tmp_path, "repo=a/x.parquet", "repo=__HIVE_DEFAULT_PARTITION__/x.parquet")
    live = observer(partitioned_by=(PartitionContract("repo", AT),))
    (found,) = answered(live, SchemaNeed("t")).partitions or ()
    unparsed = ("__HIVE_DEFAULT_PARTITION__",)
    assert found == PartitionFacts("repo", found.type, 2, unparsed, wanted=None)
