"""Which versions of the engines work together, told before any of them is loaded.

Where the bounds come from (the suite's core was run at both ends of each range):

* datafusion stays within 55: checks read the text of its plans, and `input_file_name()`,
  `file_row_index()` and several files in one LOCATION exist from 55 on only.
* deltalake and datafusion hand tables to each other through FFI, which fits where both were built with one
  major of the Rust crate `datafusion-ffi`. Their own version numbers do not tell: deltalake changes that
  major in patch releases (1.6.0 was built with 53, 1.6.1 with 54, 1.6.3 with 55), and datafusion 54 with
  deltalake 1.6.3 crashes the interpreter. The bills of materials in their wheels do tell. deltalake
  1.6.3 refuses 55, with which it was built, therefore 1.6.6 is the first that works.
* pyarrow only speaks Arrow's C data interface with the two, and need not match them. Before 25 it cannot
  compare views of text, which is how datafusion delivers text, and orders could not be measured.

One major is necessary, but not sufficient: a session of datafusion 54.1 has a setting that a table of
deltalake 1.6.2, built with 54.0, does not know, and reading it is an error. The package asks for the
releases that were run, therefore; here only what cannot work is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import msgspec
from msgspec import Struct

from cst_contracts.errors import EngineMismatch

#: The oldest releases that work. datafusion's next major is not among them.
OLDEST: Mapping[str, str] = {"datafusion": "55.0.0", "deltalake": "1.6.6", "pyarrow": "25.0.0"}

#: A pair that was run together, to recommend where two do not fit.
PROVEN_PAIR: Mapping[str, str] = {"datafusion": "55.0.0", "deltalake": "1.6.6"}

_ABSENT = "absent"
_CRATE = "datafusion-ffi"


class _Component(Struct, frozen=True):
    name: str = ""
    version: str = ""


class _BillOfMaterials(Struct, frozen=True):
    """The part of a CycloneDX document that is read; maturin puts one into every wheel that it builds."""

    components: tuple[_Component, ...] = ()


def installed_versions() -> dict[str, str]:
    """Distribution name to installed version; "absent" where it is not installed."""
    return {name: _installed(name) for name in OLDEST}


@cache  # of what a process has loaded, it does not change
def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _ABSENT


def built_with() -> dict[str, str]:
    """Distribution name to the version of `datafusion-ffi` in it; without those that do not tell."""
    found = {name: _crate(name) for name in PROVEN_PAIR}
    return {name: number for name, number in found.items() if number is not None}


@cache
def _crate(name: str) -> str | None:
    return next(_linked(name), None)


def _linked(name: str) -> Iterator[str]:
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return
    for file in files:
        if "sboms" in file.parts and file.name.endswith(".cyclonedx.json"):
            bill = msgspec.json.decode(Path(file.locate()).read_bytes(), type=_BillOfMaterials)
            yield from (each.version for each in bill.components if each.name == _CRATE)


def require_fitting() -> None:
    """Raises EngineMismatch where the installed engines cannot work together, before one is imported."""
    require_matching(installed_versions(), built_with())


def require_matching(installed: Mapping[str, str], crates: Mapping[str, str]) -> None:
    """Raises EngineMismatch, before anything is imported, where versions cannot work together.

    `crates` is what `built_with` tells. A build without a bill of materials is not refused for that:
    deltalake itself refuses another major of datafusion when a table is registered.
    """
    wrong = [name for name, number in installed.items() if not _is_supported(name, number)]
    if wrong:
        found = ", ".join(f"{name} is {installed[name]}" for name in wrong)
        raise EngineMismatch(f"{found}: pip install {_quoted(map(_range, wrong))}")
    majors = {_release(number)[0] for number in crates.values()}
    if len(majors) > 1:
        found = ", ".join(
            f"{name} {installed[name]} was built with DataFusion {number}"
            for name, number in crates.items()
        )
        pair = _quoted(f"{name}=={number}" for name, number in PROVEN_PAIR.items())
        raise EngineMismatch(f"{found}: they cannot share tables: pip install {pair}")


def _is_supported(name: str, number: str) -> bool:
    if number == _ABSENT or _release(number) < _release(OLDEST[name]):
        return False
    return name != "datafusion" or _release(number)[0] == _release(OLDEST[name])[0]


def _release(number: str) -> tuple[int, ...]:
    """The numbers of a version, without what marks a pre-release or a local build."""
    found = re.match(r"\d+(?:\.\d+)*", number)
    return tuple(map(int, found[0].split("."))) if found else (0,)


def _range(name: str) -> str:
    below = f",<{_release(OLDEST[name])[0] + 1}" if name == "datafusion" else ""
    return f"{name}>={OLDEST[name]}{below}"


def _quoted(requirements: Iterable[str]) -> str:
    return " ".join(f"'{each}'" if set("<>") & set(each) else each for each in requirements)
