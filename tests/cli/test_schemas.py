"""`schema` and `manifest-schema`."""

import json

import pytest
from jsonschema import Draft202012Validator

from cst_contracts.cli.main import main


@pytest.mark.parametrize("command", ["schema", "manifest-schema"])
def test_the_schemas_are_json_schemas(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command]) == 0

    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))
