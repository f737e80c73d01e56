"""Which engines are refused, told without loading any."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cst_contracts.engine.session.versions import (
    OLDEST,
    PROVEN_PAIR,
    built_with,
    installed_versions,
    require_matching,
)
from cst_contracts.errors import EngineMismatch

CRATES = {"datafusion": "55.2.0", "deltalake": "55.1.0"}


def test_what_is_installed_here_matches() -> None:
    require_matching(installed_versions(), built_with())


def test_the_wheels_tell_which_datafusion_they_were_built_with() -> None:
    assert {name: number.split(".")[0] for name, number in built_with().items()} == {
        "datafusion": "55",
        "deltalake": "55",
    }


@pytest.mark.parametrize(
    "newer",
    [
        {"datafusion": "55.1.0"},
        {"datafusion": "55.0.0rc1"},
        {"deltalake": "1.6.7"},
        {"deltalake": "1.10.0"},
        {"pyarrow": "26.0.1"},
        {"pyarrow": "27.0.0.dev12+g1a2b3c"},
    ],
)
def test_newer_releases_are_not_refused(newer: dict[str, str]) -> None:
    require_matching({**OLDEST, **newer}, CRATES)


@pytest.mark.parametrize(
    ("name", "found", "install"),
    [
        ("datafusion", "54.1.0", "'datafusion>=55.0.0,<56'"),
        ("datafusion", "56.0.0", "'datafusion>=55.0.0,<56'"),
        ("deltalake", "1.6.3", "'deltalake>=1.6.6'"),
        ("pyarrow", "24.0.0", "'pyarrow>=25.0.0'"),
        ("pyarrow", "absent", "'pyarrow>=25.0.0'"),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_install(
    name: str, found: str, install: str
) -> None:
    with pytest.raises(EngineMismatch) as caught:
        require_matching({**OLDEST, name: found}, CRATES)
    assert str(caught.value) == f"{name} is {found}: pip install {install}"


def test_all_that_cannot_work_is_told_at_once() -> None:
    with pytest.raises(EngineMismatch) as caught:
        require_matching(dict.fromkeys(OLDEST, "absent"), {})
    assert str(caught.value) == (
        "datafusion is absent, deltalake is absent, pyarrow is absent: pip install "
        "'datafusion>=55.0.0,<56' 'deltalake>=1.6.6' 'pyarrow>=25.0.0'"
    )


def test_a_pair_that_was_built_with_two_majors_is_refused_with_one_that_fits() -> None:
    with pytest.raises(EngineMismatch) as caught:
        require_matching({**OLDEST, "deltalake": "1.6.7"}, {**CRATES, "deltalake": "56.0.1"})
    assert str(caught.value) == (
        "datafusion 55.0.0 was built with DataFusion 55.2.0, "
        "deltalake 1.6.7 was built with DataFusion 56.0.1: they cannot share tables: "
        "pip install datafusion==55.0.0 deltalake==1.6.6"
    )


def test_a_build_that_does_not_tell_is_not_refused() -> None:
    require_matching(OLDEST, {"datafusion": "55.2.0"})


def test_the_pair_to_install_is_one_that_is_supported() -> None:
    require_matching({**OLDEST, **PROVEN_PAIR}, CRATES)


BUILT_WITH = "import cst_contracts.engine.session.versions as v; print(v.built_with())"


def test_bills_of_materials_are_read_from_the_distributions_that_are_found_first(
    tmp_path: Path,
) -> None:
    """A distribution with a bill, and one whose build left none."""
    for name in ("datafusion", "deltalake"):
        info = tmp_path / f"{name}-9.9.dist-info"
        (info / "sboms").mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 9.9\n")
        (info / "RECORD").write_text("")
    bill = tmp_path / "deltalake-9.9.dist-info" / "sboms" / "x.cyclonedx.json"
    bill.write_text(
        json.dumps({"components": [{"name": "x"}, {"name": "datafusion-ffi", "version": "8.1"}]})
    )
    record = bill.parents[1] / "RECORD"
    record.write_text(f"{bill.relative_to(tmp_path).as_posix()},,\n")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {BUILT_WITH}"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "{'deltalake': '8.1'}"


def test_looking_at_versions_loads_no_engine() -> None:
    program = (
        "import sys, cst_contracts.engine.session.versions as v;"
        "v.installed_versions(); v.built_with();"
        "print([n for n in ('datafusion', 'deltalake', 'pyarrow', 'libcst') if n in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
