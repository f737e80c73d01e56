"""The presets of session settings, each setting with its value and its reason."""

from _generate.markdown import code, heading, table
from cst_contracts.contract.presets import PRESETS, Preset


def presets_markdown() -> str:
    return "\n".join(_section(preset) for preset in PRESETS.values())


def _section(preset: Preset) -> str:
    rows = [(code(each.name), code(each.value), each.why) for each in preset.settings]
    head = heading(2, code(preset.name), f"preset-{preset.name}")
    return f"{head}\n{preset.purpose}\n\n{table(('setting', 'value', 'why'), rows)}"
