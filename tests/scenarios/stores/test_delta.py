"""Delta tables in an object store whose rows only the log can tell, and their past."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from support.alike import both
from support.delta_logs import map_columns, with_deleted_rows
from support.gate import observer_of, parsed
from support.project import Project, promise, red
from support.s3_server import S3Server

from cst_contracts.facts import CouldNotLook

TABLE = """\
table: t
source: {format: delta, location: t}
fields:
  - {name: id, type: int64, nullable: false}
  - {name: word, type: string, nullable: false}
keys: [[id]]
rules: [{name: long, sql: length(word) > 1}]
views: [{name: words, sql: "SELECT word FROM t WHERE word <> 'x' AND id > 0"}]
"""
ROWS = pa.table({"id": [1, 1, 2], "word": ["aa", None, "bb"]})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project(tmp_path)
    found.lake.mkdir()
    found.write(t=TABLE)
    return found


def test_deleted_rows_are_nobodys(project: Project, server: S3Server) -> None:
    write_deltalake(project.lake / "t", ROWS)
    with_deleted_rows(project.lake / "t", [1])
    assert red(both(project, server)) == {}


def test_fields_that_were_renamed_are_read_by_their_new_names(
    project: Project, server: S3Server
) -> None:
    write_deltalake(project.lake / "t", ROWS.rename_columns(["a", "b"]))
    map_columns(project.lake / "t", {"a": ("id", 1), "b": ("word", 2)})
    result = both(project, server)
    assert {check for _, check in red(result)} >= {"nulls[word]", "unique[id]"}


def test_files_of_several_schemas_are_judged_alike(project: Project, server: S3Server) -> None:
    write_deltalake(project.lake / "t", ROWS.slice(0, 1).drop_columns("word"))
    write_deltalake(project.lake / "t", ROWS.slice(2), mode="append", schema_mode="merge")
    result = both(project, server)
    assert ("t", "nulls[word]") in red(result)


def test_a_time_is_one_of_the_commits(project: Project, server: S3Server) -> None:
    write_deltalake(project.lake / "t", ROWS.slice(2))
    project.write(
        t=TABLE.replace("location: t", "location: t, as_of: {timestamp: 2001-01-01T00:00:00Z}")
    )
    result = project.check(lake=server.upload(project.lake))
    assert promise(result, "delta[as_of]").findings[0].code.value == "time-before-history"
    project.write(
        t=TABLE.replace("location: t", "location: t, as_of: {timestamp: 2999-01-01T00:00:00Z}")
    )
    assert red(project.check(lake=server.url())) == {}


def test_a_session_that_is_loaded_reads_them(project: Project, server: S3Server) -> None:
    write_deltalake(project.lake / "t", ROWS)
    contracts = parsed([TABLE])
    opened = observer_of(contracts, server.upload(project.lake)).whole_session()
    assert not isinstance(opened, CouldNotLook)
    session, errors = opened
    assert errors == []
    found = session.sql("SELECT count(*) AS n, count(word) AS w, min(word) AS least FROM t")
    assert found.to_pylist() == [{"n": 3, "w": 2, "least": "aa"}]
    kept = session.sql("SELECT id FROM t WHERE word = 'bb' OR word IS NULL ORDER BY id")
    assert kept.to_pydict() == {"id": [1, 2]}
    assert session.sql("SELECT word FROM words ORDER BY word").to_pydict() == {"word": ["aa", "bb"]}
