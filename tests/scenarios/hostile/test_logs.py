"""Delta logs that are broken in every way: cut short, without a part, of the future, or about other files.

Each is a table in one lake, beside one that is whole; all are looked at in one run."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from support.project import Project, promise

from cst_contracts.checks.codes import FindingCode
from cst_contracts.gate.result import RunResult
from cst_contracts.report.manifest_file import Outcome

ROWS = pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})
Action = dict[str, Any]
Damage = Callable[[Path], object]


def commit(table: Path, version: int = 0) -> Path:
    return table / "_delta_log" / f"{version:020}.json"


def edited(edit: Callable[[Action], object]) -> Damage:
    """Each action of the first commit as the edit leaves it, or what it returns in its place."""

    def damage(table: Path) -> None:
        actions = [json.loads(line) for line in commit(table).read_text().splitlines()]
        kept = [edit(action) or [action] for action in actions]
        lines = [json.dumps(each) for these in kept if isinstance(these, list) for each in these]
        commit(table).write_text("\n".join(lines))

    return damage


def of(name: str, **values: object) -> Damage:
    """The action of that name with other values; None takes one away."""

    def edit(action: Action) -> None:
        inner = action.get(name, {})
        inner.update(values if inner else {})
        for each in [key for key, value in inner.items() if value is None]:
            del inner[each]

    return edited(edit)


def without(name: str) -> Damage:
    return edited(lambda action: [{}] if name in action else None)


def schema(old: str, new: str) -> Damage:
    def edit(action: Action) -> None:
        if "metaData" in action:
            metadata = action["metaData"]
            metadata["schemaString"] = metadata["schemaString"].replace(old, new)

    return edited(edit)


def protocol(**values: object) -> Action:
    return {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, **values}}


def deleting(vector: Action) -> Damage:
    feature = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}

    def edit(action: Action) -> object:
        if "add" in action:
            action["add"]["deletionVector"] = {"sizeInBytes": 36, "cardinality": 2, **vector}
        return [protocol(**feature)] if "protocol" in action else None

    return edited(edit)


def featured(name: str) -> Damage:
    features = {"readerFeatures": [name], "writerFeatures": [name]}
    return edited(lambda action: [protocol(**features)] if "protocol" in action else None)


def written(data: bytes, version: int = 0) -> Damage:
    return lambda table: commit(table, version).write_bytes(data)


def altered(alter: Callable[[bytes], bytes], version: int = 0) -> Damage:
    def damage(table: Path) -> None:
        file = commit(table, version)
        file.write_bytes(alter(file.read_bytes()))

    return damage


def gone(*versions: int) -> Damage:
    def damage(table: Path) -> None:
        for version in versions:
            commit(table, version).unlink()

    return damage


def checkpointed(damage: Damage, *lost: int) -> Damage:
    """A checkpoint of the last version, damaged; commits that it stands for may be gone."""

    def damaged(table: Path) -> None:
        DeltaTable(table).create_checkpoint()
        damage(table / "_delta_log")
        gone(*lost)(table)

    return damaged


def each_file(damage: Damage) -> Damage:
    def damaged(table: Path) -> None:
        for file in table.glob("*.parquet"):
            damage(file)

    return damaged


def no_folder(table: Path) -> None:
    shutil.rmtree(table / "_delta_log")
    (table / "_delta_log").touch()


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


CHECKPOINT = f"{1:020}.checkpoint.parquet"
OTHER = pa.table({"a": [9, 9, 9, 9], "b": ["x", "y", "z", "z"]})

#: What is done to the table of two commits, and what is said of it.
BROKEN: Mapping[str, tuple[Damage, str]] = {
    "no_log": (gone(0, 1), "No files in log segment"),
    "log_is_a_file": (no_folder, "Not a directory"),
    "empty_commit": (written(b""), "No table metadata or protocol found in delta log"),
    "empty_last_commit": (written(b"", 1), "the commit of version 1 has 0 bytes"),
    "cut_commit": (altered(cut, 1), "Truncated record whilst reading"),
    "zeros_behind_a_commit": (altered(lambda data: data + bytes(512)), "unexpected '\x00'"),
    "byte_order_mark": (altered(lambda data: b"\xef\xbb\xbf" + data), "whilst parsing value"),
    "utf_16": (altered(lambda data: data.decode().encode("utf-16")), "Json error"),
    "gap": (gone(0), "its log has a gap: the commit of version 0 is missing"),
    "lost_checkpoint": (
        checkpointed(lambda log: (log / CHECKPOINT).unlink(), 0),
        "the commit of version 0 is missing",
    ),
    "corrupt_checkpoint": (
        checkpointed(lambda log: (log / CHECKPOINT).write_bytes(b"PAR1 no more"), 0, 1),
        "Invalid Parquet file",
    ),
    "checkpoint_of_the_future": (
        checkpointed(lambda log: (log / "_last_checkpoint").write_text('{"version":9,"size":1}')),
        "Had a _last_checkpoint hint but didn't find any checkpoints",
    ),
    "no_protocol": (without("protocol"), "No protocol found in delta log"),
    "no_metadata": (without("metaData"), "No table metadata found in delta log"),
    "unknown_feature": (featured("teleport"), "its readers need the table feature teleport"),
    "unknown_reader": (of("protocol", minReaderVersion=99), "minimum reader version 99"),
    "open_schema": (of("metaData", schemaString="{"), "EOF while parsing an object"),
    "unknown_type": (schema('"long"', '"quaternion"'), "Unsupported Delta table type"),
    "unknown_partition": (of("metaData", partitionColumns=["c"]), "Partition column 'c' not found"),
    "no_path": (of("add", path=None), "Encountered unmasked nulls"),
    "empty_path": (of("add", path=""), "the log names a data file that is not there"),
    "a_folder": (of("add", path="."), "the log names a data file that is not there"),
    "elsewhere": (of("add", path="/etc/passwd"), "the log names a data file that is not there"),
    "a_system_file": (of("add", path="file:///etc/passwd"), "bytes, and its log says"),
    "a_climbing_file": (of("add", path="../../outside.parquet"), "bytes, and its log says"),
    "a_coded_climb": (of("add", path="..%2F..%2Foutside.parquet"), "bytes, and its log says"),
    "a_web_page": (of("add", path="http://localhost:1/x"), "http:// is no place that can be read"),
    "another_size": (of("add", size=1), "bytes, and its log says 1"),
    "a_negative_size": (of("add", size=-1), "bytes, and its log says -1"),
    "a_huge_size": (of("add", size=10**15), "bytes, and its log says 1000000000000000"),
    "other_statistics": (of("add", stats='{"numRecords":99}'), "and its log says 99"),
    "no_statistics": (of("add", stats="{nonsense"), "whilst parsing object"),
    "lost_vector": (
        deleting({"storageType": "u", "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^", "offset": 1}),
        "File not found",
    ),
    "no_vector": (
        deleting({"storageType": "i", "pathOrInlineDv": "nonsense"}),
        "Deletion Vector error",
    ),
    "lost_data": (each_file(Path.unlink), "the log names a data file that is not there"),
    "empty_data": (each_file(lambda file: file.write_bytes(b"")), "has 0 bytes, and its log says"),
    "cut_data": (
        each_file(lambda file: file.write_bytes(cut(file.read_bytes()))),
        "bytes, and its log says",
    ),
    "other_data": (each_file(lambda file: pq.write_table(OTHER, file)), "bytes, and its log says"),
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    path = tmp_path_factory.mktemp("logs")
    project = Project(path)
    whole = project.lake / "whole"
    for rows in (ROWS, ROWS.slice(0, 1)):
        write_deltalake(whole, rows, mode="append")
    pq.write_table(ROWS, path / "outside.parquet")
    for name in (*BROKEN, "whole"):
        source = f"source: {{format: delta, location: {name}}}\n"
        fields = "fields: [{name: a, type: int64}, {name: b, type: string}]\n"
        project.write({name: f"table: {name}\n{source}{fields}"})
    for name, (damage, _) in BROKEN.items():
        shutil.copytree(whole, project.lake / name)
        damage(project.lake / name)
    before = sorted(path.rglob("*"))
    found = project.check()
    assert sorted(path.rglob("*")) == before, "nothing is written"
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_log_is_red_in_words(result: RunResult, name: str) -> None:
    red = [each for each in result.failed if each.subject == name]
    assert [each.check for each in red][:1] in (["table"], ["rows"])
    first = red[0]
    assert first.outcome in (Outcome.BROKEN, Outcome.UNDECIDED)
    assert BROKEN[name][1] in (first.observed or "")
    assert "Traceback" not in (first.observed or "")


def test_what_is_looked_at_beside_them_is_kept(result: RunResult) -> None:
    assert not [each.check for each in result.failed if each.subject == "whole"]
    assert promise(result, "rows", "whole").rows == 4


def test_no_code_is_that_of_a_broken_promise(result: RunResult) -> None:
    """Nobody has seen a row: no promise of one is said to be broken."""
    codes = {each.code for each in result.failed}
    assert codes <= {
        FindingCode.TABLE_UNREADABLE,
        FindingCode.TABLE_MISSING,
        FindingCode.FEATURE_UNSUPPORTED,
        FindingCode.SESSION_UNREADABLE,
    }
