"""What leads to a store, and what opens it, is told by nobody: not in a terminal, not in a file."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake
from support.project import Project, promise, red
from support.s3_server import KEY, SECRET, S3Server

#: In URLs, in the environment, and in what the environment fills in.
PLANTED = ("planted-user", "planted-password", "planted-token", "planted-area", KEY, SECRET)
TABLE = """\
table: {name}
source: {{format: {format}, location: "{location}"}}
fields:
  - {{name: id, type: int64, nullable: false}}
  - {{name: path, type: string}}
views: [{{name: {name}_view, sql: SELECT id FROM {name}}}]
"""
AREA = "s3://${BUCKET}/${AREA}/"


@pytest.fixture
def project(tmp_path: Path, server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Of tables in a place that only the environment knows: one that is kept, one that is broken, and some
    that cannot be read."""
    found = Project(tmp_path)
    folder = found.lake / "planted-area"
    folder.mkdir(parents=True)
    rows = pa.table({"id": pa.array([1, None], pa.int64()), "path": ["a", "b"]})
    pq.write_table(rows, folder / "flat.parquet")
    pq.write_table(rows.rename_columns(["other", "path"]), folder / "other.parquet")
    write_deltalake(folder / "delta", rows)
    (folder / "torn.parquet").write_bytes(b"PAR1 and no more PAR1")
    server.upload(found.lake, "")
    monkeypatch.setenv("BUCKET", server.bucket)
    monkeypatch.setenv("AREA", "planted-area")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "planted-token-of-a-session")
    names = {"flat": "parquet", "other": "parquet", "torn": "parquet", "gone": "parquet"}
    found.write(
        {
            name: TABLE.format(name=name, format=format_, location=f"{AREA}{name}.parquet")
            for name, format_ in names.items()
        },
        delta=TABLE.format(name="delta", format="delta", location=f"{AREA}delta"),
        away=TABLE.format(name="away", format="delta", location=f"{AREA}away"),
        locked=TABLE.format(
            name="locked", format="parquet", location="s3://no-such-bucket-at-all/t"
        ),
        session="session: mounted\ncatalog: {location: 's3://${BUCKET}/${AREA}', format: parquet}\n",
        credentials=TABLE.format(
            name="credentials",
            format="parquet",
            location="s3://planted-user:planted-password@bucket/t?token=planted-token",
        ),
    )
    return found


def written(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "contracts" not in file.parts and "lake" not in file.parts:
            yield file.name, file.read_bytes().decode(errors="replace")


def assert_nothing_told(texts: dict[str, str], bucket: str) -> None:
    for name, text in texts.items():
        for secret in (*PLANTED, bucket):
            assert secret not in text, (
                f"{secret} in {name}: {text[max(0, text.find(secret) - 200) :]}"
            )


def test_no_door_tells_and_no_file_holds_a_secret(project: Project, server: S3Server) -> None:
    options = ["--cst-manifest=m.json", "--junitxml=j.xml", "--cst-samples=2", "--snapshot-update"]
    options += ["--cst-lake=s3://planted-user:planted-password@bucket?token=planted-token"]
    options += [
        "--cst-plan",
        "--cst-report=markdown=r.md",
        "-rA",
        "-vv",
        "--tb=long",
        "--showlocals",
        "-p",
        "no:cacheprovider",
    ]
    environment = {name: each for name, each in os.environ.items() if "PYTEST" not in name}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "contracts", f"--rootdir={project.path}", *options],
        cwd=project.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    told = {"stdout": run.stdout, "stderr": run.stderr, **dict(written(project.path))}
    assert {"m.json", "j.xml", "r.md", "flat.json"} <= told.keys()
    assert "${BUCKET}/${AREA}" in told["m.json"]
    assert "s3://bucket" in run.stdout
    assert_nothing_told(told, server.bucket)


def test_what_the_environment_fills_in_is_checked_all_the_same(
    project: Project, server: S3Server
) -> None:
    result = project.check()
    assert promise(result, "nulls[id]", "flat").outcome.value == "broken"
    assert promise(result, "nulls[id]", "delta").outcome.value == "broken"
    assert promise(result, "view[flat_view]").outcome.value == "kept"
    (told,) = {each.location for each in result.manifest().tables if each.table == "flat"}
    assert told == f"{AREA}flat.parquet"
    texts = {"summary": "\n".join(map(str, result.summary())), "manifest": result.manifest_json()}
    assert_nothing_told(texts, server.bucket)


def test_credentials_in_a_contract_are_refused_with_a_word(project: Project) -> None:
    (refused,) = promise(project.check(), "contract", "contracts/credentials.yaml").findings
    assert refused.observed == "`location` with a user, a password or a query in its URL"
    assert refused.hint is not None
    assert "environment" in refused.hint


def test_credentials_in_the_lake_are_refused_with_a_word(project: Project) -> None:
    project.write(relative=TABLE.format(name="relative", format="parquet", location="flat.parquet"))
    lake = "s3://planted-user:planted-password@bucket"
    result = project.check(lake=lake)
    found = promise(result, "nulls[id]", "relative").findings[0]
    assert "credentials and endpoints come from the environment" in found.observed


def test_a_name_that_the_environment_lacks_is_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AREA")
    result = project.check()
    assert {"table-unreadable"} in [set(codes) for codes in red(result).values()]
    told = promise(result, "nulls[id]", "flat").findings[0].observed
    assert "${AREA}, and the environment has none of that name" in told
