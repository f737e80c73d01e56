"""The clause of views that the session registers, each promised and checked like a table."""

from collections.abc import Iterable

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.clauses.source import SourceFormat
from cst_contracts.contract.clauses.view import VIEW, ViewContract, draft_view
from cst_contracts.contract.clauses.view_columns import check_views
from cst_contracts.contract.folded import refuse_folded
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import Key, ListKind, RecordKind
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.wording import shown
from cst_contracts.errors import Problem


def _build(scope: Scope) -> tuple[ViewContract, ...]:
    contract, promised, problems = scope.form, scope.promised, scope.problems
    forms, table = contract.forms("views"), contract.words("table")
    names = [name for form in forms if (name := form.text("name"))]
    refuse_repeats(names, "view", problems)
    drafts = [draft for form in forms if (draft := draft_view(form, table, promised, problems))]
    if _is_stored(contract):
        _refuse_own_name(names, table, problems)
        drafts = [draft for draft in drafts if draft.contract.name != table]
    for form in forms:
        if (sql := form.text("sql")) is not None:
            refuse_folded(sql, promised.columns.types, problems)
    check_views(drafts, table, promised.columns if promised.complete else None, problems)
    return tuple(draft.contract for draft in drafts)


def _is_stored(contract: Form) -> bool:
    """Whether the table is none of the views itself, as it may be without a source or with `format: view`."""
    source = contract.value("source", Form)
    return source is not None and source.words("format") != SourceFormat.VIEW


def _refuse_own_name(names: Iterable[Scalar], table: str, problems: Problems) -> None:
    for name in names:
        if name.text == table:
            what = f"view {shown(name.text)} has the name of the stored table"
            problems.append(Problem(name.place, what, "rename the view"))


VIEWS = Clause(
    Key(
        "views",
        ListKind(RecordKind("view"), "a view"),
        "Views to register in the session, promised and checked like tables.",
        "[{name: cst_refs_attrs, expand: attrs, keep: [file_id, ref_id]}]",
        default=(),
    ),
    _build,
    {"view": VIEW},
)
