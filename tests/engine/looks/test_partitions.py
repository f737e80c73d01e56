"""The engine is asked to take a partition field up as the promised type, and its answer is told."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.observing import answered, refused

from cst_contracts.contract.model import SourceFormat
from cst_contracts.datatypes import parse_type
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import DeclaredPartition
from cst_contracts.location import Location
from cst_contracts.needs import PartitionTypeNeed, SchemaNeed

AT = Location("contracts/t.yaml", 1, 1)
Build = Callable[..., DataFusionObserver]


def write(folder: Path, *values: str) -> None:
    for value in values:
        file = folder / "t" / "repo=r" / f"k={value}" / "f.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"a": [1]}), file)


def need(type_: str, name: str = "k") -> PartitionTypeNeed:
    return PartitionTypeNeed("t", name, parse_type(type_))


@pytest.mark.parametrize(
    "type_", ["int32", "int64", "string", "dictionary<values=string, indices=int32>"]
)
def test_a_type_that_all_values_are_of_is_taken_up(
    tmp_path: Path, observer: Build, type_: str
) -> None:
    write(tmp_path, "1", "20")
    live = observer()
    assert answered(live, need(type_)) == DeclaredPartition(parse_type(type_))
    assert answered(live, need("string", "repo")) == DeclaredPartition(pa.string())


def test_a_value_that_is_not_of_the_type_is_refused_in_the_engines_words(
    tmp_path: Path, observer: Build
) -> None:
    write(tmp_path, "1", "x")
    live = observer()
    found = answered(live, need("int32"))
    assert found.type == pa.int32()
    assert found.refusal is not None
    assert "'x'" in found.refusal
    assert answered(live, need("string")) == DeclaredPartition(pa.string())


def test_what_one_declaration_says_is_gone_with_it(tmp_path: Path, observer: Build) -> None:
    write(tmp_path, "1")
    live = observer()
    before = answered(live, SchemaNeed("t")).schema
    assert answered(live, need("int32")).type == pa.int32()
    assert answered(live, need("int64")).type == pa.int64()
    assert answered(observer(), SchemaNeed("t")).schema == before


@pytest.mark.parametrize("name", ["a", "none"])
def test_what_is_no_folder_cannot_be_declared(tmp_path: Path, observer: Build, name: str) -> None:
    write(tmp_path, "1")
    error = refused(observer(), need("int32", name))
    assert (error.relation, error.reason) == ("t", f"it has no folders of {name}")


def test_the_partitions_of_a_delta_table_are_no_folders(tmp_path: Path, observer: Build) -> None:
    write_deltalake(tmp_path / "t", pa.table({"a": [1], "k": ["1"]}), partition_by=["k"])
    error = refused(observer("t", SourceFormat.DELTA), need("int32"))
    assert (error.relation, error.reason) == ("t", "it has no folders of k")


def test_files_that_are_not_there_cannot_be_declared(observer: Build) -> None:
    live = observer()
    assert refused(live, need("int32")) is refused(live, SchemaNeed("t"))
