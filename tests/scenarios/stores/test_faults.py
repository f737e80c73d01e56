"""A store that is slow, throttles, drops connections or loses an object: asked again, then red, by name."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.project import Project, promise, red
from support.s3_server import Fault, S3Server

from cst_contracts.gate.result import RunResult

TABLE = """\
table: parts
source: {{format: {format}, location: parts, ordered_by: [id]}}
fields:
  - {{name: id, type: int64, nullable: false}}
  - {{name: text, type: string}}
keys: [[id]]
rules: [{{name: written, sql: length(text) > 0}}]
"""
FORMATS = ("parquet", "delta")


@pytest.fixture(params=FORMATS)
def project(request: pytest.FixtureRequest, tmp_path: Path, server: S3Server) -> Project:
    """Of one table in three files, in the store only."""
    found = Project(tmp_path)
    folder = found.lake / "parts"
    for part in range(3):
        rows = pa.table(
            {"id": list(range(3 * part, 3 * part + 3)), "text": [f"{part}{at}" for at in range(3)]}
        )
        if request.param == "delta":
            write_deltalake(folder, rows, mode="append")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(rows, folder / f"part-{part}.parquet")
    found.write(parts=TABLE.format(format=request.param))
    server.upload(found.lake)
    return found


@pytest.fixture
def file(project: Project) -> str:
    """The name of one of the table's files."""
    return sorted(project.lake.glob("parts/*.parquet"))[1].name


def checked(project: Project, server: S3Server, *faults: Fault) -> RunResult:
    server.misbehave(*faults)
    return project.check(lake=server.url())


@pytest.mark.parametrize("kind", ["slow", "drop", "throttle"])
def test_what_passes_is_asked_again(
    project: Project, server: S3Server, file: str, kind: str
) -> None:
    passing = (Fault(kind, file, times=2), Fault(kind, "parts/", after=1, times=1, reads=False))
    assert red(checked(project, server, *passing)) == {}


def test_what_stays_is_red_with_the_name_of_the_object(
    project: Project, server: S3Server, file: str, request: pytest.FixtureRequest
) -> None:
    kind = "drop" if "parquet" in request.node.name else "throttle"
    assert_red_by_name(checked(project, server, Fault(kind, file)), file)


@pytest.mark.parametrize("after", range(4))
def test_an_object_that_is_lost_in_mid_run_is_red_with_its_name(
    project: Project, server: S3Server, file: str, after: int
) -> None:
    """What has been looked at by then may be judged."""
    result = checked(project, server, Fault("lose", file, after=after, reads=False))
    assert_red_by_name(result, file)


def assert_red_by_name(result: RunResult, file: str) -> None:
    """Nothing about rows that are gone is kept by having read the others."""
    found = red(result)
    assert found
    assert {code for codes in found.values() for code in codes} <= {
        "table-unreadable",
        "not-checkable",
    }
    assert promise(result, "rule[written]").outcome.value != "kept"
    told = [finding.observed for each in result.failed for finding in each.findings]
    assert all(file in each for each in told), told


def test_a_delta_file_that_is_lost_while_it_is_scanned_is_red(
    project: Project, server: S3Server, file: str
) -> None:
    """DataFusion 55 takes a file of a list that is not there for one without rows."""
    for after in (4, 5, 6):
        result = checked(project, server, Fault("lose", file, after=after, reads=False))
        assert red(result)


def test_a_store_that_does_not_answer_is_red_soon(
    project: Project, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_TIMEOUT", "1s")
    result = project.check(lake=server.url())
    assert {code for codes in red(result).values() for code in codes} == {"table-unreadable"}
    assert "kept" not in {each.outcome.value for each in result.promises}


def test_a_store_that_is_reached_by_plain_http_is_refused_unless_it_is_meant(
    project: Project, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    result = project.check(lake=server.url())
    told = {finding.observed for each in result.failed for finding in each.findings}
    assert any("AWS_ALLOW_HTTP is not set to true" in each for each in told)
