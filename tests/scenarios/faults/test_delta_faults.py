"""Each fault, done to a Delta table, turns exactly the right promises red, with the right code and place."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from datafusion import SessionContext
from deltalake import DeltaTable, write_deltalake
from support.gate import Judged, judge, observer_of

from cst_contracts.contract.parse import parse_contract
from cst_contracts.report.manifest_file import Outcome
from cst_contracts.report.promise import findings_of, outcome_of

CONTRACT = """\
table: t
source:
  format: delta
  location: t
fields:
  - {name: id, type: int64, nullable: false}
  - {name: word, type: string}
keys: [[id]]
rules:
  - {name: positive, sql: id > 0}
"""
SCHEMA = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("word", pa.string())])
ROWS = pa.table({"id": [1, 2, 3], "word": ["a", "b", None]}, schema=SCHEMA)
#: A deletion vector kept in the log itself; it deletes the second row.
SECOND_ROW = {
    "storageType": "i",
    "pathOrInlineDv": "^Bg9^0rr910000000000iXQKl0rr91000005c8Xg0rr91",
    "sizeInBytes": 34,
    "cardinality": 1,
}


class Told:
    """What came of every promise of one contract but its snapshot."""

    def __init__(self, judged: Judged) -> None:
        self._judgements = {check: each for (_, check), each in judged.judgements.items()}
        self.verdicts = {check: each.verdict for check, each in self._judgements.items()}

    @property
    def red(self) -> dict[str, list[str]]:
        """Check to `line: code`, of what a run would fail for."""
        return {
            id_: [f"{each.place.line}: {each.code}" for each in findings_of(judgement.verdict)]
            for id_, judgement in self._judgements.items()
            if judgement.failed
        }

    def observed(self, id_: str) -> list[str]:
        return [finding.observed for finding in findings_of(self.verdicts[id_])]


Tell = Callable[..., Told]


@pytest.fixture
def told(tmp_path: Path) -> Tell:
    def tell(text: str = CONTRACT, supplied: SessionContext | None = None) -> Told:
        contract = parse_contract(text.encode(), "contracts/t.yaml")
        return Told(judge([contract], observer_of([contract], tmp_path, supplied)))

    return tell


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write_deltalake(tmp_path / "t", ROWS)
    return tmp_path / "t"


def as_of(words: str) -> str:
    return CONTRACT.replace("  location: t\n", f"  location: t\n  as_of: {{{words}}}\n")


def edit_log(table: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """What another writer would have left in the first commit."""
    log = table / "_delta_log" / f"{0:020}.json"
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    for entry in entries:
        edit(entry)
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def edit_fields(table: Path, edit: Callable[[list[dict[str, Any]]], None]) -> None:
    def in_metadata(entry: dict[str, Any]) -> None:
        if "metaData" in entry:
            schema = json.loads(entry["metaData"]["schemaString"])
            edit(schema["fields"])
            entry["metaData"]["schemaString"] = json.dumps(schema)

    edit_log(table, in_metadata)


def delete_second_row(table: Path) -> None:
    def edit(entry: dict[str, Any]) -> None:
        if "protocol" in entry:
            features = ["deletionVectors"]
            entry["protocol"] = {
                "minReaderVersion": 3,
                "minWriterVersion": 7,
                "readerFeatures": features,
                "writerFeatures": features,
            }
        if "add" in entry:
            entry["add"]["deletionVector"] = SECOND_ROW

    edit_log(table, edit)


def committed_at(table: Path, version: int, time: datetime) -> None:
    os.utime(table / "_delta_log" / f"{version:020}.json", (time.timestamp(), time.timestamp()))


@pytest.mark.usefixtures("table")
def test_a_sound_table_keeps_every_promise(told: Tell) -> None:
    found = told()
    assert found.red == {}
    assert outcome_of(found.verdicts["delta[parity]"]) is Outcome.KEPT
    assert findings_of(found.verdicts["delta[parity]"]) == ()


def test_a_column_that_the_latest_version_dropped(table: Path, told: Tell) -> None:
    write_deltalake(table, ROWS.drop_columns(["word"]), mode="overwrite", schema_mode="overwrite")
    assert told().red == {"field[word]": ["7: field-missing"]}
    before = told(as_of("version: 0"))
    assert before.red == {}
    assert outcome_of(before.verdicts["delta[as_of]"]) is Outcome.KEPT


@pytest.mark.parametrize(
    ("words", "code", "cause"),
    [
        ("version: 7", "version-missing", "there is no version 7: the latest is 0"),
        (
            "timestamp: 2001-01-01T00:00:00Z",
            "time-before-history",
            "no version is that old: the oldest that the log has is 0, of 2026-01-01T00:00:00+00:00",
        ),
    ],
)
def test_a_version_that_was_never_there(
    table: Path, told: Tell, words: str, code: str, cause: str
) -> None:
    """Red once, where `as_of` is written; what cannot be looked at for it names it."""
    committed_at(table, 0, datetime(2026, 1, 1, tzinfo=UTC))
    found = told(as_of(words))
    assert found.red == {"delta[as_of]": [f"5: {code}"]}
    assert found.observed("delta[as_of]") == [cause]
    others = {outcome_of(verdict) for id_, verdict in found.verdicts.items() if "as_of" not in id_}
    assert others == {Outcome.UNDECIDED}
    assert len(found.verdicts) > 5


def test_a_version_whose_log_was_cleaned_up(table: Path, told: Tell) -> None:
    write_deltalake(table, ROWS, mode="overwrite")
    DeltaTable(table).create_checkpoint()
    (table / "_delta_log" / f"{0:020}.json").unlink()
    found = told(as_of("version: 0"))
    assert found.red == {"delta[as_of]": ["5: version-missing"]}
    assert found.observed("delta[as_of]")[0].startswith("version 0 can no longer be made")
    assert told(as_of("version: 1")).red == {}


def test_a_version_whose_files_were_vacuumed(table: Path, told: Tell) -> None:
    write_deltalake(table, ROWS, mode="overwrite")
    DeltaTable(table).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    found = told(as_of("version: 0"))
    assert found.red == {"delta[as_of]": ["5: version-vacuumed"]}
    assert told(as_of("version: 1")).red == {}


def test_a_time_between_two_commits_is_the_earlier_one(table: Path, told: Tell) -> None:
    write_deltalake(table, ROWS.drop_columns(["word"]), mode="overwrite", schema_mode="overwrite")
    first = datetime(2026, 1, 1, tzinfo=UTC)
    committed_at(table, 0, first)
    committed_at(table, 1, first + timedelta(days=2))
    between = told(as_of("timestamp: 2026-01-02T00:00:00Z"))
    assert (between.red, findings_of(between.verdicts["delta[as_of]"])) == ({}, ())
    exact = told(as_of("timestamp: 2026-01-03T00:00:00Z"))
    assert exact.red == {"field[word]": ["8: field-missing"]}
    assert findings_of(exact.verdicts["delta[as_of]"]) == ()


def test_a_time_past_the_last_commit_is_the_latest_version_and_told(
    table: Path, told: Tell
) -> None:
    committed_at(table, 0, datetime(2026, 1, 1, tzinfo=UTC))
    found = told(as_of("timestamp: 2999-01-01T00:00:00Z"))
    assert found.red == {}
    (note,) = findings_of(found.verdicts["delta[as_of]"])
    assert note.code == "time-after-history"
    assert note.observed == "version 0, the latest, of 2026-01-01T00:00:00+00:00"


def test_times_that_the_commits_themselves_tell(table: Path, told: Tell) -> None:
    def edit(entry: dict[str, Any]) -> None:
        if "metaData" in entry:
            entry["metaData"]["configuration"] = {"delta.enableInCommitTimestamps": "true"}
        if "commitInfo" in entry:
            entry["commitInfo"]["inCommitTimestamp"] = 1_500_000_000_000  # in July 2017

    edit_log(table, edit)
    assert told(as_of("timestamp: 2018-01-01T00:00:00Z")).red == {}
    early = told(as_of("timestamp: 2017-01-01T00:00:00Z"))
    assert early.red == {"delta[as_of]": ["5: time-before-history"]}
    assert "2017-07-14T02:40:00+00:00" in early.observed("delta[as_of]")[0]


def test_a_log_whose_nullability_differs_from_the_contract(table: Path, told: Tell) -> None:
    edit_fields(table, lambda fields: fields[0].update(nullable=True))
    found = told(CONTRACT + "nullability: strict\n")
    assert found.red == {
        "field[id]": ["6: declared-nullable", "6: stored-nullable"],
        "delta[parity]": ["6: log-nullability"],
    }
    (finding,) = findings_of(found.verdicts["delta[parity]"])
    assert finding.subject == "t.id"
    assert finding.promised == "in the contract int64 not null"
    assert finding.observed == "in the Delta log int64; in the session int64"
    assert told(CONTRACT).red == {}


def test_a_leaf_whose_nullability_differs_deep_in_the_log(tmp_path: Path, told: Tell) -> None:
    leaf = pa.field("x", pa.int64(), nullable=False)
    rows = pa.table({"l": [[{"x": 1}]]}, schema=pa.schema([("l", pa.list_(pa.struct([leaf])))]))
    write_deltalake(tmp_path / "t", rows)
    text = (
        "table: t\nsource: {format: delta, location: t}\n"
        'fields: [{name: l, type: "list<struct<x: int64 not null>>"}]\n'
        "nullability: strict\n"
    )
    assert told(text).red == {}
    edit_fields(
        tmp_path / "t",
        lambda fields: fields[0]["type"]["elementType"]["fields"][0].update(nullable=True),
    )
    found = told(text)
    assert found.red["delta[parity]"] == ["3: log-nullability"]
    assert set(found.red) == {"delta[parity]", "field[l[].x]"}


def test_a_stricter_log_is_told(table: Path, told: Tell) -> None:
    edit_fields(table, lambda fields: fields[1].update(nullable=False))
    found = told(CONTRACT.replace("  - {name: word", "  # no null is promised\n  - {name: word"))
    notes = findings_of(found.verdicts["delta[parity]"])
    assert [(each.code, each.promised) for each in notes] == [
        ("log-nullability", "null is allowed in word")
    ]


def test_a_session_that_registered_another_version(table: Path, told: Tell) -> None:
    """The project's own registration is of the version before; parity is that version's."""
    context = SessionContext()
    context.register_table("t", DeltaTable(table))
    more = ROWS.append_column("more", pa.array([1, 2, 3]))
    write_deltalake(table, more, mode="overwrite", schema_mode="overwrite")
    text = CONTRACT.replace("keys:", "  - {name: more, type: int64}\nkeys:")
    found = told(text, context)
    assert found.red == {"source": ["2: source-differs"], "field[more]": ["8: field-missing"]}


def test_a_session_that_reads_a_field_as_another_type(table: Path, told: Tell) -> None:
    context = SessionContext()
    fields = pa.schema([pa.field("id", pa.int64(), nullable=False), ("word", pa.binary())])
    file = next(table.glob("*.parquet"))
    context.register_parquet("t", str(file), schema=fields)
    found = told(CONTRACT, context)
    assert found.red["delta[parity]"] == ["7: log-differs"]
    assert found.observed("delta[parity]") == ["in the Delta log string; in the session binary"]


def test_a_partition_that_nobody_promised(tmp_path: Path, told: Tell) -> None:
    rows = ROWS.append_column("more", pa.array([1, 2, 3]))
    write_deltalake(tmp_path / "t", rows, partition_by=["id", "word"])
    more = CONTRACT.replace("keys:", "  - {name: more, type: int64}\nkeys:")
    named = more.replace("  location: t\n", "  location: t\n  partitioned_by: [id]\n")
    assert told(named).red == {"delta[parity]": ["2: log-partitions"]}
    found = told(more)
    assert found.red == {}
    assert [each.code for each in findings_of(found.verdicts["delta[parity]"])] == [
        "log-partitions"
    ]


ENFORCED = CONTRACT.replace("sql: id > 0}", "sql: id > 0, enforced: true}")


def test_a_promised_check_that_is_not_in_the_log(table: Path, told: Tell) -> None:
    missing = told(ENFORCED)
    assert missing.red == {"delta[constraints]": ["10: rule-not-enforced"]}
    assert missing.observed("delta[constraints]") == ["no such constraint; the log has none"]
    unasked = told()
    assert unasked.red == {}
    assert [each.code for each in findings_of(unasked.verdicts["delta[constraints]"])] == [
        "rule-not-enforced"
    ]
    DeltaTable(table).alter.add_constraint({"above": "0 < id"})
    there = told(ENFORCED)
    assert there.red == {}
    assert findings_of(there.verdicts["delta[constraints]"]) == ()


def test_a_constraint_that_nobody_promised(table: Path, told: Tell) -> None:
    DeltaTable(table).alter.add_constraint({"short": "id < 99"})
    found = told()
    notes = findings_of(found.verdicts["delta[constraints]"])
    assert found.red == {}
    assert [each.code for each in notes] == ["rule-not-enforced", "constraint-unpromised"]
    assert notes[1].observed == "CHECK constraint short: id < 99"
    strict = CONTRACT.replace("  location: t\n", "  location: t\n  extra_constraints: forbid\n")
    assert told(strict).red == {"delta[constraints]": ["2: constraint-unpromised"]}


def test_deleted_rows_do_not_count(tmp_path: Path, told: Tell) -> None:
    doubled = pa.table({"id": [1, -1, 3], "word": ["a", "b", "c"]}, schema=SCHEMA)
    write_deltalake(tmp_path / "t", doubled)
    assert told().red == {"rule[positive]": ["10: rule-violated"]}
    delete_second_row(tmp_path / "t")
    found = told()
    assert found.red == {}
    assert getattr(found.verdicts["rows"], "rows", None) == 2


def test_fields_that_were_renamed_are_read_by_their_new_names(tmp_path: Path, told: Tell) -> None:
    """Column mapping: the files keep the old names, and a reader of the files would find nothing."""
    fields = [pa.field("old", pa.int64(), nullable=False), pa.field("older", pa.string())]
    rows = pa.table({"old": [1, 2, 2], "older": ["a", "b", None]}, schema=pa.schema(fields))
    write_deltalake(tmp_path / "t", rows)

    def rename(fields: list[dict[str, Any]]) -> None:
        for number, (field, name) in enumerate(zip(fields, ["id", "word"], strict=True), 1):
            physical = {"delta.columnMapping.physicalName": field["name"]}
            field["metadata"] = {"delta.columnMapping.id": number, **physical}
            field["name"] = name

    def declare(entry: dict[str, Any]) -> None:
        if "protocol" in entry:
            entry["protocol"] = {"minReaderVersion": 2, "minWriterVersion": 5}
        if "metaData" in entry:
            mode = {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "2"}
            entry["metaData"]["configuration"] = mode

    edit_fields(tmp_path / "t", rename)
    edit_log(tmp_path / "t", declare)
    found = told()
    assert found.red == {"unique[id]": ["8: duplicate-keys"]}
    assert getattr(found.verdicts["nulls[id]"], "rows", None) == 3


def test_a_delta_table_that_is_read_as_parquet(table: Path, told: Tell) -> None:
    """Deleted rows and files of older versions would be read, and nobody told."""
    delete_second_row(table)
    found = told(CONTRACT.replace("format: delta", "format: parquet"))
    assert found.red == {"table": ["1: delta-read-as-parquet"]}
    (finding,) = findings_of(found.verdicts["table"])
    assert finding.hint == "write `format: delta` under `source`"


def test_a_partition_of_a_delta_table_that_is_read_as_parquet(tmp_path: Path, told: Tell) -> None:
    write_deltalake(tmp_path / "t", ROWS.slice(0, 1), partition_by=["word"])
    text = CONTRACT.replace("format: delta", "format: parquet")
    inside = text.replace("location: t", "location: t/word=a")
    assert told(inside).red == {"table": ["1: delta-read-as-parquet"]}


@pytest.mark.parametrize("feature", ["timeMachine", "typeWidening"])
def test_a_feature_that_cannot_be_read(table: Path, told: Tell, feature: str) -> None:
    def edit(entry: dict[str, Any]) -> None:
        if "protocol" in entry:
            entry["protocol"] = {
                "minReaderVersion": 3,
                "minWriterVersion": 7,
                "readerFeatures": [feature],
                "writerFeatures": [feature],
            }

    edit_log(table, edit)
    found = told()
    assert found.red == {"table": ["1: feature-unsupported"]}
    (cause,) = found.observed("table")
    assert feature.lower() in cause.lower()
