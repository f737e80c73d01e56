"""Proves all contracts of files and folders."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from cst_contracts.contract.model import TableContract
from cst_contracts.errors import CstContractsError
from cst_contracts.gate.contracts import ContractFiles
from cst_contracts.gate.selection import contract_paths
from cst_contracts.proof.making import utc_now
from cst_contracts.proof.proving import prove
from cst_contracts.proof.score import Proof, Score


def prove_contracts(
    places: Sequence[Path],
    patterns: Sequence[str] = (),
    told: Callable[[str, Proof], None] = lambda name, proof: None,  # noqa: ARG005
    query_seconds: float | None = None,
) -> Iterator[Score]:
    """One score a contract, in the order of the files. A pattern is a part of a check's id; without one, all
    promises are proven. Tables that contracts refer to keep the contracts that lie beside these.
    Each query over the rows that are made may take `query_seconds`, None: as long as it does.

    Raises InvalidContract where a file is no contract, and CstContractsError where there is none.
    """
    files = ContractFiles(Path.cwd())
    paths = contract_paths([Path.cwd() / place for place in places])
    missing = next((path for path in paths if not path.is_file()), None)
    if missing is not None:
        raise CstContractsError(f"{missing}: there is no such file or folder of contracts")
    if not paths:
        raise CstContractsError(f"there is no contract file in {', '.join(map(str, places))}")
    chosen = [files.load(path) for path in paths]
    folders = dict.fromkeys(path.parent for path in paths)
    beside, _ = files.known(contract_paths(list(folders)))
    known = {each.name: each for each in (*beside, *chosen) if isinstance(each, TableContract)}
    for contract in chosen:
        yield prove(
            contract,
            known,
            utc_now(),
            partial(told, contract.name),
            lambda check: not patterns or any(pattern in check.id for pattern in patterns),
            query_seconds,
        )
