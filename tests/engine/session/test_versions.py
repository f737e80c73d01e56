"""The pinned engines: the same set as the package asks for, checked without loading any."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cst_contracts.engine.session.versions import PINNED, installed_versions, require_matching
from cst_contracts.errors import EngineMismatch

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


def test_the_pins_are_those_of_the_package() -> None:
    dependencies = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    pinned = dict(each.split("==") for each in dependencies if "==" in each)
    assert dict(PINNED) == pinned


def test_the_pinned_set_is_installed_here_and_matches() -> None:
    assert installed_versions() == dict(PINNED)
    require_matching(PINNED)


@pytest.mark.parametrize(
    ("name", "found"), [("datafusion", "54.0.0"), ("deltalake", "1.6.3"), ("pyarrow", "absent")]
)
def test_a_mismatch_is_one_sentence_that_names_what_to_install(name: str, found: str) -> None:
    installed = {**PINNED, name: found}
    with pytest.raises(EngineMismatch) as caught:
        require_matching(installed)
    told = ", ".join(f"{each} {number}" for each, number in installed.items())
    wanted = " ".join(f"{each}=={number}" for each, number in PINNED.items())
    assert str(caught.value) == f"{told} do not work together: pip install {wanted}"


def test_looking_at_versions_loads_no_engine() -> None:
    program = (
        "import sys, cst_contracts.engine.session.versions as v; v.installed_versions();"
        "print([n for n in ('datafusion', 'deltalake', 'pyarrow', 'libcst') if n in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
