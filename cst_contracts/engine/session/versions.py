"""The set of engine versions that work together. Imports none of them."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from cst_contracts.errors import EngineMismatch

#: The same pins as in pyproject.toml. The wheels share memory through FFI without declaring each
#: other's versions, and some pairs crash the interpreter on the first Delta table.
PINNED: Mapping[str, str] = {"datafusion": "55.0.0", "deltalake": "1.6.6", "pyarrow": "26.0.1"}


def installed_versions() -> dict[str, str]:
    """Distribution name to installed version; "absent" where it is not installed."""
    return {name: _installed(name) for name in PINNED}


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def require_matching(installed: Mapping[str, str]) -> None:
    """Raises EngineMismatch, before anything is imported, unless `installed` is the pinned set."""
    wrong = {name: found for name, found in installed.items() if found != PINNED[name]}
    if wrong:
        found = ", ".join(f"{name} {number}" for name, number in installed.items())
        wanted = " ".join(f"{name}=={number}" for name, number in PINNED.items())
        raise EngineMismatch(f"{found} do not work together: pip install {wanted}")
