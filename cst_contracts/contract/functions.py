"""Forms of required functions to their contracts."""

from cst_contracts.contract.fields import read_type
from cst_contracts.contract.forms import Form, Named
from cst_contracts.contract.model import FunctionContract, FunctionKind, TypeFamily, TypePattern
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.reading import Problems


def build_functions(contract: Form, problems: Problems) -> tuple[FunctionContract, ...]:
    entries = contract.named("functions", "name")
    refuse_repeats((entry.name for entry in entries), "function", problems)
    return tuple(_function(entry, problems) for entry in entries)


def _function(entry: Named, problems: Problems) -> FunctionContract:
    form = entry.form
    if form is None:
        return FunctionContract(entry.name.text, entry.place)
    kind, returns = form.text("kind"), form.text("returns")
    patterns = [_pattern(text, problems) for text in form.texts("arguments")]
    return FunctionContract(
        entry.name.text,
        entry.place,
        kind=FunctionKind(kind.text) if kind else None,
        arguments=tuple(filter(None, patterns)) if "arguments" in form.values else None,
        returns=_pattern(returns, problems) if returns else None,
    )


def _pattern(text: Scalar, problems: Problems) -> TypePattern | None:
    """None where the text names no type, which is told."""
    if text.text in tuple(TypeFamily):
        return TypeFamily(text.text)
    return read_type(text, problems)
