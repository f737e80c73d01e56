"""Which version of a Delta table a time means, and where its files lie, by the protocol."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from support.delta_logs import edit_log
from support.observing import answered, null_counts, refused

from cst_contracts.contract.model import AsOfTimestamp, SourceFormat
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.facts import Trouble
from cst_contracts.location import Location
from cst_contracts.needs import SchemaNeed

AT = Location("contracts/t.yaml", 1, 1)
START = datetime(2026, 1, 1, tzinfo=UTC)
MILLISECOND, SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
Build = Callable[..., DataFusionObserver]


def versions(table: Path, *times: datetime) -> None:
    """One a time, at which its commit's file was written."""
    for number, time in enumerate(times):
        write_deltalake(table, pa.table({"a": [number]}), mode="append")
        file = table / "_delta_log" / f"{number:020}.json"
        os.utime(file, (time.timestamp(),) * 2)


def version_at(observer: Build, time: datetime) -> int | None:
    live = observer("t", SourceFormat.DELTA, as_of=AsOfTimestamp(time, AT))
    return answered(live, SchemaNeed("t")).delta_version


def test_commits_of_one_time_are_a_millisecond_apart(tmp_path: Path, observer: Build) -> None:
    """As those of a log that was copied are."""
    versions(tmp_path / "t", START, START, START - SECOND, START + SECOND)
    for steps, version in ((0, 0), (1, 1), (2, 2), (999, 2), (1000, 3)):
        assert version_at(observer, START + steps * MILLISECOND) == version


def in_commit_timestamps(table: Path, since: int, times: dict[int, datetime]) -> None:
    """Turned on in version `since`; its commits tell their own times, and their files lie about them."""
    first = table / "_delta_log" / f"{0:020}.json"
    metadata = next(
        entry for entry in map(json.loads, first.read_text().splitlines()) if "metaData" in entry
    )
    metadata["metaData"]["configuration"] |= {
        "delta.enableInCommitTimestamps": "true",
        "delta.inCommitTimestampEnablementVersion": str(since),
    }
    for version, time in times.items():
        file = table / "_delta_log" / f"{version:020}.json"
        entries: list[dict[str, Any]] = [*map(json.loads, file.read_text().splitlines())]
        (told,) = (entry for entry in entries if "commitInfo" in entry)
        told["commitInfo"]["inCommitTimestamp"] = int(time.timestamp() * 1000)
        entries.sort(key=lambda entry: "commitInfo" not in entry)
        if version == since:
            features = {"writerFeatures": ["inCommitTimestamp"]}
            protocol = {"protocol": {"minReaderVersion": 1, "minWriterVersion": 7, **features}}
            entries[1:1] = [protocol, metadata]
        file.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
        os.utime(file, (START.timestamp(),) * 2)


def test_commits_before_in_commit_timestamps_keep_their_files_times(
    tmp_path: Path, observer: Build
) -> None:
    versions(tmp_path / "t", START, START + SECOND, START, START)
    in_commit_timestamps(tmp_path / "t", 2, {2: START + 2 * SECOND, 3: START + 3 * SECOND})
    for seconds, version in ((0, 0), (1.5, 1), (2, 2), (2.5, 2), (3, 3), (9, 3)):
        assert version_at(observer, START + seconds * SECOND) == version
    early = observer("t", SourceFormat.DELTA, as_of=AsOfTimestamp(START - SECOND, AT))
    assert refused(early, SchemaNeed("t")).trouble is Trouble.VERSION_TOO_OLD


@pytest.mark.parametrize("elsewhere", ["elsewhere", "else where", "50%"])
def test_files_that_a_log_names_by_absolute_paths_are_read(
    tmp_path: Path, observer: Build, elsewhere: str
) -> None:
    """As a shallow clone's log names the files of the table that it was made of."""
    rows = pa.table({"a": [1, None, 3], "p": ["x y", "a/b", "50%"]})
    write_deltalake(tmp_path / "t", rows, partition_by=["p"])
    (tmp_path / elsewhere).mkdir()
    moved: list[Path] = []

    def move(entry: dict[str, Any]) -> None:
        if "add" in entry and len(moved) < 2:
            found = [*(tmp_path / "t").rglob(Path(entry["add"]["path"]).name)]
            (file,) = found
            there = tmp_path / elsewhere / file.name
            shutil.move(file, there)
            moved.append(there)
            entry["add"]["path"] = there.as_uri()

    edit_log(tmp_path / "t", move)
    live = observer("t", SourceFormat.DELTA)
    assert answered(live, SchemaNeed("t")).files == 3
    found = null_counts(live, "t", "a", "p")
    assert {path: (each.values, each.nulls) for path, each in found.items()} == {
        "a": (3, 1),
        "p": (3, 0),
    }
