"""The path of a file → the name that Python imports it by.

As LibCST's `calculate_module_and_package`, but for two things: modules below a folder `src` are imported
without it, and `pkg/__main__.py` is the module `pkg.__main__`.
"""

from collections.abc import Collection
from pathlib import PurePosixPath

from msgspec import Struct

_SOURCE_FOLDER = "src"
_PACKAGE_FILE = "__init__"
NO_PACKAGES: frozenset[str] = frozenset()


class ModuleName(Struct, frozen=True):
    """`package` is what relative imports are relative to."""

    name: str
    package: str


def module_name(path: str, source_folder: str) -> ModuleName:
    """`source_folder` is the folder that names start below, empty where they start at the root."""
    *folders, stem = PurePosixPath(path).relative_to(source_folder).with_suffix("").parts
    package = ".".join(folders)
    return ModuleName(package if stem == _PACKAGE_FILE else ".".join((*folders, stem)), package)


def source_folder(path: str, packages: Collection[str] = NO_PACKAGES) -> str:
    """The outermost folder called `src` that is no package and in none, as `packages` tells."""
    folders = PurePosixPath(path).parts[:-1]
    for depth, folder in enumerate(folders, start=1):
        at = "/".join(folders[:depth])
        if at in packages:
            return ""
        if folder == _SOURCE_FOLDER:
            return at
    return ""


def packages_among(paths: Collection[str]) -> frozenset[str]:
    """The folders that hold an `__init__` file."""
    files = (PurePosixPath(path) for path in paths)
    return frozenset(str(file.parent) for file in files if file.stem == _PACKAGE_FILE)


def absolute(package: str, level: int, name: str) -> str | None:
    """What `name` with so many leading dots means in a package; None where it leaves the package."""
    parts = package.split(".") if package else []
    if level - 1 >= len(parts):
        return None
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])
