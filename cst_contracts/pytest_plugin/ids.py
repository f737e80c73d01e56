"""Says which ids there are near one that does not exist."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cst_contracts.checks.plan import plan
from cst_contracts.errors import InvalidContract
from cst_contracts.files.contracts import is_contract
from cst_contracts.gate.selection import near
from cst_contracts.pytest_plugin.state import contract_files


def nearest_ids(config: pytest.Config, contracts: Path) -> Iterator[str]:
    """A line for each argument of the run that names a check which its contract does not have.

    As pytest matches them, `nulls` names all items of that kind.
    """
    for argument in config.args:
        place, separator, id_ = argument.partition("::")
        file = Path(config.invocation_params.dir, place)
        if not separator or not is_contract(file, contracts):
            continue
        try:
            ids = [check.id for check in plan(contract_files(config).load(file))]
        except InvalidContract:
            continue  # its one item says what is wrong with it
        if id_ not in ids and id_ not in {each.partition("[")[0] for each in ids}:
            lists = f"`pytest --collect-only -q {place}` lists all"
            yield f"{place} has no check `{id_}`{near(id_, ids)}; {lists}"
