"""Runs the gate under another environment's interpreter and under this one, and compares the two."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cst_contracts.errors import CstContractsError
from cst_contracts.files.interpreter import complaint, interpreter, run_module
from cst_contracts.files.manifests import read_manifest_text
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.result import RunResult
from cst_contracts.gate.selection import contract_paths
from cst_contracts.report.manifest import read_manifest
from cst_contracts.report.manifest_file import Manifest
from cst_contracts.report.rehearsal import Rehearsal, rehearsal
from cst_contracts.report.summary import looked_at_nothing

#: Functions are looked at where a contract asks for one: this one does, whatever a project promises.
_CONTRACT = "session: rehearsal\nfunctions: [count]\n"


class Rehearsing(Struct, frozen=True):
    """What is looked at twice: contract files and folders, in the working directory `folder`.

    `options` are those of `cst-contracts check` that say how. `here` checks in this environment: contract
    files and folders, and a folder for snapshots that it may write. The other environment has `seconds`.
    """

    folder: Path
    paths: tuple[Path, ...]
    options: tuple[str, ...]
    here: Callable[[Sequence[Path], Path], RunResult]
    seconds: float


def rehearse(python: str, asked: Rehearsing) -> Rehearsal:
    """Nothing of the project is written: snapshots, which tell most about tables and views, are accepted
    in a folder that is gone afterwards.

    Raises InvalidContract where a contract is ill-formed, and CstContractsError where one of the two
    environments could not look at anything.
    """
    program = interpreter(python, asked.folder)
    _require_contracts(asked)
    with tempfile.TemporaryDirectory(prefix="cst-rehearsal-") as made:
        folder = Path(made)
        contract = folder / "contract" / "rehearsal.yaml"
        contract.parent.mkdir()
        contract.write_text(_CONTRACT, encoding="utf-8")
        there = _there(program, asked, contract, folder)
        here = asked.here((*asked.paths, contract), folder / "here")
    own = ContractFiles(asked.folder).name(contract)
    return rehearsal(
        _without(own, here.manifest(), "here"), _without(own, there, f"under {program}")
    )


def _require_contracts(asked: Rehearsing) -> None:
    """Before the other environment is asked, which would only say that something is wrong."""
    places = [asked.folder / each for each in asked.paths]
    files = contract_paths([each for each in places if each.exists()])
    if not files:
        where = ", ".join(map(str, asked.paths))
        raise CstContractsError(f"there is no contract file (.yaml, .yml) in {where}")
    contracts = ContractFiles(asked.folder)
    for file in files:
        contracts.load(file)


def _there(program: Path, asked: Rehearsing, contract: Path, folder: Path) -> Manifest:
    manifest, log = folder / "manifest.json", folder / "log.txt"
    arguments = (
        "check",
        *map(str, (*asked.paths, contract)),
        *asked.options,
        *("--snapshots", str(folder / "there"), "--snapshot-update"),
        *("--manifest", str(manifest), "--quiet"),
    )
    run_module(program, arguments, asked.folder, log, asked.seconds)
    if not manifest.exists():
        raise CstContractsError(complaint(program, log))
    return read_manifest(read_manifest_text(manifest), f"the manifest of {program}")


def _without(own: str, manifest: Manifest, where: str) -> Manifest:
    """Without the contract that asks for functions. Raises CstContractsError where nothing was looked at."""
    promises = tuple(each for each in manifest.promises if each.contract != own)
    if looked_at_nothing(promises):
        why = next((each.observed for each in promises if each.observed), "there is no promise")
        raise CstContractsError(f"{where}, nothing could be looked at: {why}")
    contracts = tuple(each for each in manifest.contracts if each.file != own)
    return replace(manifest, promises=promises, contracts=contracts)
