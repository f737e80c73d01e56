"""What pytest's configuration says, read as pytest would find it."""

from pathlib import Path

import pytest

from cst_contracts.files.pytest_settings import Setting, pytest_setting

_INI = "[pytest]\ncst_lake = data\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.toml", '[pytest]\ncst_lake = "data"\n'),
        (".pytest.toml", '[pytest]\ncst_lake = "data"\n'),
        ("pytest.ini", _INI),
        (".pytest.ini", _INI),
        ("pyproject.toml", '[tool.pytest]\ncst_lake = "data"\n'),
        ("pyproject.toml", '[tool.pytest.ini_options]\ncst_lake = "data"\n'),
        ("tox.ini", _INI),
        ("setup.cfg", "[tool:pytest]\ncst_lake = data\n"),
    ],
)
def test_each_file_that_pytest_is_configured_by(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)

    assert pytest_setting(tmp_path, "cst_lake") == Setting("data", name)
    assert pytest_setting(tmp_path, "cst_contracts") is None


def test_the_first_of_several_files_counts_also_where_it_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("")
    (tmp_path / "tox.ini").write_text(_INI)

    assert pytest_setting(tmp_path, "cst_lake") is None


def test_a_file_of_other_tools_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / "tox.ini").write_text("[tox]\n")
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\ncst_lake = 50%\n")

    assert pytest_setting(tmp_path, "cst_lake") == Setting("50%", "setup.cfg")


def test_what_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    (tmp_path / "tox.ini").write_text("no section\n")
    (tmp_path / "pytest.ini").mkdir()

    assert pytest_setting(tmp_path, "cst_lake") is None
