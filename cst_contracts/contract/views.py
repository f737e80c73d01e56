"""Forms of views to their contracts."""

from collections.abc import Iterable

from cst_contracts.contract.fields import build_fields
from cst_contracts.contract.forms import Form, texts
from cst_contracts.contract.model import (
    Expand,
    Explode,
    Extract,
    Flatten,
    Pack,
    SourceFormat,
    Sql,
    ViewContract,
    ViewDefinition,
)
from cst_contracts.contract.names import Promised, refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.reading import Problems
from cst_contracts.contract.view_columns import DraftView, check_views
from cst_contracts.contract.wording import shown
from cst_contracts.errors import Problem


def build_views(contract: Form, promised: Promised, problems: Problems) -> tuple[ViewContract, ...]:
    forms, table = contract.forms("views"), contract.words("table")
    names = [name for form in forms if (name := form.text("name"))]
    refuse_repeats(names, "view", problems)
    drafts = [draft for form in forms if (draft := _draft(form, table, problems))]
    if _is_stored(contract):
        _refuse_own_name(names, table, problems)
        drafts = [draft for draft in drafts if draft.contract.name != table]
    check_views(drafts, table, promised.columns if promised.complete else None, problems)
    return tuple(draft.contract for draft in drafts)


def _is_stored(contract: Form) -> bool:
    """Without a source, or with `format: view`, the table may be one of the views itself."""
    source = contract.value("source", Form)
    return source is not None and source.words("format") != SourceFormat.VIEW


def _refuse_own_name(names: Iterable[Scalar], table: str, problems: Problems) -> None:
    for name in names:
        if name.text == table:
            what = f"view {shown(name.text)} has the name of the stored table"
            problems.append(Problem(name.place, what, "rename the view"))


def _draft(form: Form, table: str, problems: Problems) -> DraftView | None:
    fields = build_fields(form.forms("fields"), problems)
    keep = form.texts("keep")
    refuse_repeats(keep, "column", problems)
    definition = _definition(form, problems)
    if definition is None:
        return None
    kept = tuple(name.text for name in keep)
    of = form.words("of", table)
    view = ViewContract(form.words("name"), definition, of, form.place, kept, fields)
    return DraftView(form, view)


def _definition(form: Form, problems: Problems) -> ViewDefinition | None:
    """Of the definitions that the form has, should there be several, any: they are told already."""
    if query := form.text("sql"):
        return Sql(query.text)
    if extracted := form.pairs("extract"):
        keys = [(column.text, key) for column, value in extracted for key in texts(value)]
        refuse_repeats((key for _, key in keys), "column", problems)
        return Extract(tuple((column, key.text) for column, key in keys))
    if packed := form.pairs("pack"):
        struct, value = packed[0]
        refuse_repeats(texts(value), "column", problems)
        return Pack(struct.text, tuple(name.text for name in texts(value)))
    if column := form.text("expand"):
        return Expand(column.text)
    if column := form.text("flatten"):
        return Flatten(column.text)
    if column := form.text("explode"):
        return Explode(column.text)
    return None
