"""What each finding code means."""

from _generate.markdown import heading
from cst_contracts.checks.codes import EXPLANATIONS, FindingCode


def codes_markdown() -> str:
    return "\n".join(
        f"{heading(2, f'`{code.value}`', f'code-{code.value}')}\n{EXPLANATIONS[code]}\n"
        for code in FindingCode
    )
