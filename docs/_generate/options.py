"""pytest's options and ini keys, as the plugin registers them."""

from typing import Any, cast

import pytest

from _generate.markdown import code, table
from cst_contracts.pytest_plugin.options import add_options


class _Recorder:
    """Stands where pytest hands its parser over, and keeps what is registered."""

    def __init__(self) -> None:
        self.options: list[tuple[str, str, str]] = []
        self.keys: list[tuple[str, str, str]] = []

    def getgroup(self, _name: str, _description: str) -> "_Recorder":
        return self

    def addoption(self, *names: str, **attributes: Any) -> None:
        spelled = f"{', '.join(names)} {attributes.get('metavar') or ''}".strip()
        self.options.append((code(spelled), _shown(attributes.get("default")), attributes["help"]))

    def addini(self, name: str, meaning: str, default: object = None, **_: Any) -> None:
        self.keys.append((code(name), _shown(default), meaning))


def options_markdown() -> str:
    """A table of the options, and one of the keys of `pytest.ini` or `[tool.pytest]`."""
    recorder = _Recorder()
    add_options(cast("pytest.Parser", recorder))
    return "\n".join(
        [
            table(("option", "default", "meaning"), recorder.options),
            table(("key", "default", "meaning"), recorder.keys),
        ]
    )


def _shown(default: object) -> str:
    return "" if default in (None, "") else code(str(default))
