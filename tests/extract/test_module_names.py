from pathlib import Path
from typing import Any

import pytest

from cst_contracts.extract.file import extract_bytes
from cst_contracts.extract.module_names import ModuleName, absolute, module_name, source_folder
from cst_contracts.extract.sources import SourceRoot, find_sources


@pytest.mark.parametrize(
    ("path", "name", "package"),
    [
        ("m.py", "m", ""),
        ("pkg/mod.py", "pkg.mod", "pkg"),
        ("pkg/__init__.py", "pkg", "pkg"),
        ("pkg/__main__.py", "pkg.__main__", "pkg"),
        ("__main__.py", "__main__", ""),
        ("__init__.pyi", "", ""),
        ("src/pkg/mod.py", "pkg.mod", "pkg"),
        ("src/mod.py", "mod", ""),
        ("libs/one/src/pkg/mod.py", "pkg.mod", "pkg"),
        ("src.py", "src", ""),
    ],
)
def test_a_module_is_called_what_it_is_imported_by(path: str, name: str, package: str) -> None:
    assert module_name(path, source_folder(path)) == ModuleName(name, package)


@pytest.mark.parametrize(
    ("packages", "folder"),
    [((), "pkg/src"), (("pkg",), ""), (("pkg/src",), ""), (("other",), "pkg/src")],
)
def test_a_folder_src_that_is_a_package_is_part_of_the_name(
    packages: tuple[str, ...], folder: str
) -> None:
    assert source_folder("pkg/src/mod.py", packages) == folder


def test_packages_are_those_that_lie_beside(tmp_path: Path) -> None:
    for path in ("a/src/m.py", "b/src/__init__.py", "b/src/m.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")

    found = {source.path: source.source_folder for source in find_sources([SourceRoot(tmp_path)])}

    assert found == {"a/src/m.py": "a/src", "b/src/__init__.py": "", "b/src/m.py": ""}


@pytest.mark.parametrize(
    ("level", "name", "found"),
    [(1, "x", "a.b.x"), (2, "x", "a.x"), (3, "x", None), (1, "", "a.b")],
)
def test_leading_dots_go_up_from_the_package(level: int, name: str, found: str | None) -> None:
    assert absolute("a.b", level, name) == found


def test_rows_carry_the_name() -> None:
    row: Any = extract_bytes(
        "repo", "src/pkg/mod.py", b"from . import x\ndef f(): x()\n"
    ).to_pylist()[0]

    assert row["defs"][0]["def_fqns"] == ["pkg.mod.f"]
    assert row["callsites"][0]["callee_fqns"] == ["pkg.x"]
    assert row["parse_manifest"][0]["module_name"] == "pkg.mod"
    assert dict(row["imports"][0]["attrs"]) == {"written_in": "global", "absolute_module": "pkg"}
