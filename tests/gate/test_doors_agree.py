"""pytest, the command line and the Python API give the same verdict for every promise.

With CST_ALL_DOORS in the environment, `tests/scenarios/faults` ask all three about each seeded fault.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from support.doors import Outcomes, assert_doors_agree

FILES = "contracts/libcst_files_v1.yaml"


#: What a fault in the files' table is seen by.
FEW = {"libcst_files_v1.yaml", "cst_refs.yaml", "cst_session.yaml"}


@pytest.fixture
def few(contracts: Path) -> Path:
    for file in contracts.iterdir():
        if file.name not in FEW:
            file.unlink()
    return contracts


@pytest.fixture
def agreed(tmp_path: Path, lake: Path, contracts: Path) -> Callable[[], Outcomes]:
    """What all doors say of the lake and the contracts as they are by then."""
    assert contracts.parent == tmp_path
    return lambda: assert_doors_agree(tmp_path, lake)


def red(outcomes: Outcomes) -> dict[tuple[str, str], tuple[str, ...]]:
    return {key: codes for key, (_, failed, codes) in outcomes.items() if failed}


def test_about_a_lake_that_keeps_every_promise(agreed: Callable[[], Outcomes]) -> None:
    outcomes = agreed()

    assert red(outcomes) == {}
    assert len(outcomes) > 500
    assert {outcome for outcome, _, _ in outcomes.values()} == {"kept", "vacuous"}


@pytest.mark.usefixtures("few")
def test_about_a_column_that_is_gone(
    agreed: Callable[[], Outcomes], rewrite: Callable[[Callable[[pa.Table], pa.Table]], None]
) -> None:
    rewrite(lambda table: table.drop_columns(["file_sha256"]))

    found = red(agreed())

    assert found[FILES, "field[file_sha256]"] == ("field-missing",)


def test_about_rows_that_break_promises_and_a_waiver(
    agreed: Callable[[], Outcomes],
    few: Path,
    rewrite: Callable[[Callable[[pa.Table], pa.Table]], None],
) -> None:
    rewrite(lambda table: pa.concat_tables([table, table]))
    file = few / "libcst_files_v1.yaml"
    words = "reason: loaded twice, owner: platform, expires: 2999-12-31"
    text = file.read_text(encoding="utf-8")
    file.write_text(f'{text}\nwaivers: [{{check: "order[measured]", {words}}}]\n')

    outcomes = agreed()

    assert "duplicate-keys" in {code for codes in red(outcomes).values() for code in codes}
    assert outcomes[FILES, "order[measured]"][:2] == ("waived", False)


@pytest.mark.usefixtures("few")
def test_about_a_folder_that_is_not_there(agreed: Callable[[], Outcomes], lake: Path) -> None:
    shutil.rmtree(lake / "libcst_files_v1")

    outcomes = agreed()

    assert outcomes[FILES, "table"] == ("broken", True, ("table-missing",))
    (cause,) = red({key: each for key, each in outcomes.items() if key[0] == FILES})
    assert cause == (FILES, "table")
    assert outcomes[FILES, "rows"][:2] == ("undecided", False)


def test_about_files_that_are_no_contracts(agreed: Callable[[], Outcomes], few: Path) -> None:
    (few / "bad.yaml").write_text("table: bad\nfeilds: []\nnullability: loose\n")
    (few / "gone.yaml").symlink_to("not-checked-out.yaml")

    found = red(agreed())

    assert found == {
        ("contracts/bad.yaml", "contract"): ("invalid-contract", "invalid-contract"),
        ("contracts/gone.yaml", "contract"): ("invalid-contract",),
    }
