"""How much of an unbounded table is looked at is the user's to say."""

import pytest

pytest_plugins = "pytester"

STREAM = """\
table: events
source: {format: json, location: lake/events.json, unbounded: true}
fields: [{name: n, type: int64, nullable: false}]
keys: [[n]]
"""


@pytest.fixture
def stream(project: pytest.Pytester) -> pytest.Pytester:
    lines = "".join(f'{{"n": {n}}}\n' for n in range(500))
    (project.path / "lake" / "events.json").write_text(lines)
    project.makefile(".yaml", **{"contracts/events": STREAM})
    return project


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("-p", "no:xdist", "-k", "not snapshot", *arguments)


@pytest.mark.parametrize("by", ["flag", "key"])
def test_rows_are_looked_at_up_to_a_bound(stream: pytest.Pytester, by: str) -> None:
    if by == "key":
        stream.makeini("[pytest]\ncst_stream_rows = 20\n")
    arguments = ["--cst-stream-rows", "20"] if by == "flag" else []
    result = run(stream, "--cst-manifest", "manifest.json", *arguments)
    assert result.ret == pytest.ExitCode.OK
    manifest = (stream.path / "manifest.json").read_text()
    assert "only the first 20 rows; what comes later may repeat" in manifest
    result.stdout.fnmatch_lines(["events *20 *"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--cst-stream-rows", "0"], "--cst-stream-rows is '0'; write a whole number above 0"),
        (["--cst-stream-rows", "1.5"], "--cst-stream-rows is '1.5'; write a whole number above 0"),
        (
            ["--cst-stream-seconds", "soon"],
            "--cst-stream-seconds is 'soon'; write a number above 0",
        ),
        (["-o", "cst_stream_seconds=-1"], "cst_stream_seconds is '-1'; write a number above 0"),
    ],
)
def test_a_bound_that_is_none_is_refused(
    stream: pytest.Pytester, arguments: list[str], told: str
) -> None:
    result = run(stream, *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{told}"])
