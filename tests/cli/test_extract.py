"""`extract`: source to a lake."""

import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cst_contracts.cli.main import main
from cst_contracts.extract.schema import TABLE


def test_source_becomes_a_lake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a.py").write_text("import os\n\n\ndef f(x):\n    return os.path(x)\n")
    arguments = [str(tmp_path / "project"), "--to", str(tmp_path / "lake"), "--workers", "1"]

    assert main(["extract", *arguments, "--repo", "demo"]) == 0

    out = capsys.readouterr().out
    assert out.startswith(f"1 files, 1 parsed, 0 not: {tmp_path / 'lake' / TABLE}\n")
    assert "  defs: 1\n" in out
    (file,) = (tmp_path / "lake" / TABLE).glob("*.parquet")
    assert pq.read_table(file).column("repo").to_pylist() == ["demo"]


def test_a_lake_that_is_there_is_not_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("")
    arguments = [
        "extract",
        str(tmp_path / "a.py"),
        "--to",
        str(tmp_path / "lake"),
        "--workers",
        "1",
    ]
    assert main(arguments) == 0

    assert main(arguments) == 2
    assert "is not empty" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


def test_what_is_not_installed_is_told_with_the_way_to_install_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "libcst", None)

    assert main(["extract", str(tmp_path), "--to", str(tmp_path / "lake")]) == 2

    told = "Error: extract needs libcst: pip install 'cst-contracts[extract]'\n"
    assert capsys.readouterr().err.endswith(told)
