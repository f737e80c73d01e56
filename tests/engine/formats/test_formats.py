"""The storage formats are told in one place, and none can be forgotten there."""

import subprocess
import sys
from pathlib import Path

import pytest

from cst_contracts.contract.clauses.source import SourceFormat
from cst_contracts.engine.formats.formats import format_of, stored_format

ROOT = Path(__file__).parents[3]
MEMBERS = ROOT / "cst_contracts" / "contract" / "clauses" / "source.py"
FORMATS = ROOT / "cst_contracts" / "engine" / "formats" / "formats.py"
STORED_NOWHERE = {SourceFormat.VIEW, SourceFormat.CATALOG}


def test_every_format_that_a_contract_may_name_is_one_or_is_stored_nowhere() -> None:
    assert {each for each in SourceFormat if format_of(each) is None} == STORED_NOWHERE
    for each in set(SourceFormat) - STORED_NOWHERE:
        assert stored_format(each).capabilities.suffix.startswith(".")


@pytest.mark.parametrize("named", sorted(STORED_NOWHERE))
def test_what_is_stored_nowhere_has_no_files(named: SourceFormat) -> None:
    with pytest.raises(ValueError, match="have no files of their own"):
        stored_format(named)


def test_a_member_without_a_format_fails_the_type_check(tmp_path: Path) -> None:
    """As if the enumeration had one more, for which nobody has written a format."""
    text = MEMBERS.read_text(encoding="utf-8")
    changed = tmp_path / "source.py"
    arrow = '    ARROW = "arrow"\n'
    assert arrow in text
    changed.write_text(text.replace(arrow, f'{arrow}    ORC = "orc"\n'), encoding="utf-8")

    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--shadow-file", str(MEMBERS), str(changed),
         "--cache-dir", str(tmp_path / "cache"), "--follow-imports=silent", str(FORMATS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert checked.returncode == 1
    assert "formats.py" in checked.stdout
    assert "[exhaustive-match]" in checked.stdout
    assert "SourceFormat.ORC" in checked.stdout
