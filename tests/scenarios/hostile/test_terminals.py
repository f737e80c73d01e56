"""Names and values of data that would clear a screen, forge a line or turn one round: no door lets them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.cli.exit_codes import ExitCode
from cst_contracts.cli.main import main
from cst_contracts.contract.wording import visible

ESCAPE = "\x1b]0;title\x07\x1b[2J"
NAMES = (ESCAPE, "a\nforged: kept", "a\r b", "\u202egnp.x", "\x9b1m")
CONTRACT = """\
table: t
source: {format: parquet, location: t.parquet}
fields: [{name: n, type: int64, maximum: 0}, {name: s, type: string}, {name: gone, type: int8}]
rules: [{name: never, sql: "s = 'x'"}]
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lake").mkdir()
    rows = pa.table({"n": [1], "s": [ESCAPE], **{name: [1] for name in NAMES}})
    pq.write_table(rows, "lake/t.parquet")
    Path("contracts").mkdir()
    Path("contracts/t.yaml").write_text(CONTRACT)


@pytest.mark.parametrize("form", ["text", "github"])
def test_a_check_prints_nothing_that_a_terminal_obeys(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["check", "--lake", "lake", "--samples", "3", "--format", form]
    assert main(asked) == ExitCode.BROKEN

    captured = capsys.readouterr()
    told = captured.out + captured.err
    assert visible(told) == told
    assert '"\\u001b]0;title\\u0007\\u001b[2J"' in told  # the fields that are there
    assert "\nforged" not in told


def test_a_first_contract_shows_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "lake", "--output", "new", "--propose", "enums"]) == ExitCode.KEPT

    captured = capsys.readouterr()
    (text,) = (each.read_text(encoding="utf-8") for each in Path("new").iterdir())
    for told in (captured.out, captured.err, text):
        assert visible(told) == told
    assert '{name: "\\u202Egnp.x", type: int64' in text
    assert main(["check", "new"]) == ExitCode.KEPT
