"""One contract, and what an exporter makes of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.orders import ORDERS, contract_of

from cst_contracts.contract.model import TableContract
from cst_contracts.neighbours.exported import Exported, FileExport
from cst_contracts.neighbours.formats import ExportFormat, exporter


@pytest.fixture
def orders() -> TableContract:
    return contract_of(ORDERS)


@pytest.fixture
def orders_file(tmp_path: Path) -> Path:
    file = tmp_path / "orders.yaml"
    file.write_text(ORDERS)
    return file


@pytest.fixture
def parsed() -> Callable[[str], TableContract]:
    return contract_of


@pytest.fixture
def exported() -> Callable[[TableContract, str], Exported]:
    def export(contract: TableContract, name: str) -> Exported:
        chosen = exporter(ExportFormat(name))
        assert isinstance(chosen, FileExport)
        return chosen.make(contract)

    return export
