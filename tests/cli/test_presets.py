"""`presets`: the named policies of settings."""

import json

import pytest

from cst_contracts.cli.main import main
from cst_contracts.contract.model import SessionContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.contract.presets import PRESETS


def test_presets_are_printed_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        name: preset.values for name, preset in PRESETS.items()
    }


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_printed_with_its_reasons_as_a_contract_would_have_it(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["presets", name]) == 0

    told = capsys.readouterr().out
    contract = parse_contract(f"session: s\n{told}".encode(), "s.yaml")
    assert isinstance(contract, SessionContract)
    assert {each.name: each.value for each in contract.settings} == PRESETS[name].values
    assert all(f"  # {setting.why}\n" in told for setting in PRESETS[name].settings)


def test_an_unknown_preset_is_told_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets", "cts"]) == 2

    expected = "cst-contracts: no such preset: cts; known are cst, cst-strings\n"
    assert capsys.readouterr().err == expected
