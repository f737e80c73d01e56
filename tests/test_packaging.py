"""What is installed: the bounds, the files beside the code, the doors, and how little an import loads."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker

import cst_contracts
from cst_contracts.engine.session.versions import OLDEST

ROOT = Path(__file__).parents[1]
PACKAGE = Path(cst_contracts.__file__).parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HEAVY = {"pyarrow", "datafusion", "deltalake", "libcst", "pyspark", "yaml", "pytest", "syrupy"}
DISTRIBUTION = {
    "_pytest": "pytest",
    "open_data_contract_standard": "open-data-contract-standard",
    "pyspark": "pyspark-client",
    "yaml": "pyyaml",
}


def requirements() -> list[str]:
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    wanted = (
        extras[name] for name in ("extract", "html", "interop", "neighbours", "proof", "spark")
    )
    return [*project["dependencies"], *(each for extra in wanted for each in extra)]


def constraints() -> dict[str, str]:
    lines = (ROOT / ".ci" / "constraints-oldest.txt").read_text(encoding="utf-8").splitlines()
    return dict(each.split("==") for each in lines if each and not each.startswith("#"))


def lowest(requirement: str) -> tuple[str, str]:
    """A requirement's name and the oldest version that it allows."""
    found = re.match(r"([\w-]+)(?:\[\w+\])?(?:>=|==)([\d.]+)", requirement)
    assert found is not None, requirement
    return found[1], found[2]


def test_the_oldest_versions_that_are_allowed_are_those_that_are_run() -> None:
    assert dict(map(lowest, requirements())) == constraints()


def test_the_engines_are_bounded_alike_in_the_metadata_and_in_the_code() -> None:
    oldest = dict(map(lowest, requirements()))
    assert {name: oldest[name] for name in OLDEST} == OLDEST


def imported(file: Path) -> Iterator[str]:
    """The top-level names of a module's absolute imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case _:
                pass


def test_every_distribution_that_the_package_imports_is_required() -> None:
    names = {name for file in PACKAGE.rglob("*.py") for name in imported(file)}
    others = names - sys.stdlib_module_names - {"cst_contracts"}
    required = {re.split(r"[^\w-]", each)[0].lower() for each in requirements()}
    assert {DISTRIBUTION.get(name, name).lower() for name in others} <= required


@pytest.mark.parametrize(
    "file", ["py.typed", "contract/language.schema.json", "report/html/templates/page.html"]
)
def test_what_stands_beside_the_code_is_installed_with_it(file: str) -> None:
    """The wheel has every file of the package's folder: nothing is excluded."""
    assert (PACKAGE / file).is_file()
    build = PROJECT["tool"]["hatch"]["build"]
    assert build == {"targets": {"wheel": {"packages": [PACKAGE.name]}}}
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert not {f"*{Path(file).suffix}", Path(file).name, file} & set(ignored)


def test_the_version_is_read_from_the_package() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == f"{PACKAGE.name}/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", cst_contracts.__version__)


def test_the_doors_lead_somewhere() -> None:
    project = PROJECT["project"]
    (plugin,) = project["entry-points"]["pytest11"].values()
    assert callable(importlib.import_module(plugin).pytest_configure)
    module, _, function = project["scripts"]["cst-contracts"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("cst_contracts", set()),
        ("cst_contracts.errors", set()),
        ("cst_contracts.engine.session.versions", set()),
        ("cst_contracts.checks.verdict", {"pyarrow"}),
        ("cst_contracts.checks.plan", {"pyarrow", "yaml"}),
        ("cst_contracts.report.manifest", {"pyarrow", "yaml"}),
        ("cst_contracts.contract.parse", {"pyarrow", "yaml"}),
        ("cst_contracts.gate.opening", {"pyarrow", "yaml", "datafusion"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(module: str, needed: set[str]) -> None:
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert HEAVY & set(run.stdout.split()) == needed


RELEASE = (ROOT / ".ci" / "release").read_text(encoding="utf-8")


def brought(name: str, seen: dict[str, Distribution]) -> dict[str, Distribution]:
    """What an installed distribution needs, without extras, and what that needs in turn."""
    for each in distribution(name).requires or ():
        needed = re.split(r"[^\w.-]", each)[0]
        if ";" in each and not _holds(each.partition(";")[2]):
            continue
        if needed.lower() not in seen:
            seen[needed.lower()] = distribution(needed)
            brought(needed, seen)
    return seen


def _holds(marker: str) -> bool:
    return "extra ==" not in marker and bool(Marker(marker).evaluate())


def licence_of(found: Distribution) -> str:
    every = found.metadata.get_all
    classified = [each for each in every("Classifier") or () if each.startswith("License ::")]
    return "; ".join(every("License-Expression") or classified or every("License") or ())


def test_all_that_the_package_brings_is_under_a_licence_that_a_release_allows() -> None:
    allowed = re.search(r'^licences="(.+)"$', RELEASE, re.MULTILINE)
    assert allowed is not None
    found = brought("cst-contracts", {})
    assert {"datafusion", "deltalake", "pyarrow", "pytest"} <= set(found)
    odd = {
        name: licence_of(each)
        for name, each in found.items()
        if not any(word in licence_of(each) for word in allowed[1].split(";"))
    }
    assert odd == {}


def test_the_tools_of_a_release_are_pinned_and_are_no_dependencies() -> None:
    lines = (ROOT / ".ci" / "requirements-release.txt").read_text(encoding="utf-8").splitlines()
    tools = dict(each.split("==") for each in lines if not each.startswith("#"))
    assert {"build", "twine", "check-wheel-contents", "cyclonedx-bom", "pip-audit"} <= set(tools)
    assert not set(tools) & {lowest(each)[0] for each in requirements()}
