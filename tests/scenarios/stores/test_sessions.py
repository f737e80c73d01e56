"""A session of the project's own, in which it has registered a store itself."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from datafusion.object_store import AmazonS3
from support.project import Project, promise, red
from support.s3_server import KEY, SECRET, S3Server

TABLE = """\
table: own
fields:
  - {name: id, type: int64, nullable: false}
  - {name: word, type: string, nullable: false}
keys: [[id]]
rules: [{name: long, sql: length(word) > 1}]
"""


@pytest.fixture
def project(tmp_path: Path, server: S3Server) -> Project:
    found = Project(tmp_path)
    found.lake.mkdir()
    rows = pa.table({"id": [1, 2, 2], "word": ["aa", None, "c"]})
    pq.write_table(rows, found.lake / "own.parquet")
    server.upload(found.lake)
    return found


def registered(server: S3Server) -> SessionContext:
    """With credentials of its own: the environment has none."""
    session = SessionContext()
    store = AmazonS3(
        server.bucket,
        endpoint=server.endpoint,
        allow_http=True,
        access_key_id=KEY,
        secret_access_key=SECRET,
        region="us-east-1",
    )
    session.register_object_store("s3://", store, None)
    session.register_parquet("own", f"{server.url()}/own.parquet")
    return session


def test_its_table_is_measured_by_way_of_its_own_store(
    project: Project, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = registered(server)
    for name in server.environment:
        monkeypatch.delenv(name)
    project.write(own=TABLE)
    assert red(project.check(session=session)) == {
        ("own", "nulls[word]"): ("null-values",),
        ("own", "unique[id]"): ("duplicate-keys",),
        ("own", "rule[long]"): ("rule-violated",),
    }


def test_its_table_is_compared_with_the_place_that_the_contract_names(
    project: Project, server: S3Server
) -> None:
    session = registered(server)
    source = "source: {format: parquet, location: own.parquet}\nfields:"
    project.write(own=TABLE.replace("fields:", source))
    result = project.check(session=session, lake=server.url())
    assert promise(result, "source").outcome.value == "kept"
    assert ("own", "unique[id]") in red(result)


def test_a_session_without_the_store_is_told_to_register_it(
    project: Project, server: S3Server
) -> None:
    source = "source: {format: parquet, location: own.parquet}\nfields:"
    project.write(own=TABLE.replace("fields:", source))
    result = project.check(session=SessionContext(), lake=server.url())
    told = {finding.observed for each in result.failed for finding in each.findings}
    assert any("register_object_store" in each for each in told), told
    assert not any("bug" in each for each in told), told
