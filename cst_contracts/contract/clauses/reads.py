"""The fields that a query or a view may read: of the contract's own table, and of others."""

from cst_contracts.contract.forms import Form, Items
from cst_contracts.contract.kinds import FIELD_NAME, Foreign, Key, ListKind
from cst_contracts.contract.names import Promised, refuse_repeats
from cst_contracts.contract.nodes import Scalar
from cst_contracts.contract.problems import Problems

READS = Key(
    "reads",
    ListKind(FIELD_NAME, "a field name", wanted="a list of field names"),
    "The fields that the plan may scan: of this table by name or path, of another as `table.field`.",
    "[path, ref_id, bstart]",
)
FOREIGN_READS = Foreign(("uses", "scans", "inputs", "lineage"), "write `reads: $list`")


def build_reads(form: Form, promised: Promised, problems: Problems) -> tuple[str, ...] | None:
    """Paths of fields, those of other tables with the table's name in front; None where nothing is said."""
    if form.value(READS.name, Items) is None:
        return None
    written = form.texts(READS.name)
    refuse_repeats(written, "field", problems)
    own = [name for name in written if not _is_of_another(name, promised)]
    promised.refuse_unknown_paths(own, problems)
    return tuple(promised.path_of(name) if name in own else name.text for name in written)


def _is_of_another(written: Scalar, promised: Promised) -> bool:
    """A path below a field of the table itself is its own, even where nobody promises it."""
    first, dot, _ = written.text.partition(".")
    own = {first, first.partition("[")[0], first.partition("{")[0]} & promised.columns.types.keys()
    known = written.text in promised.paths or written.text in promised.columns.types
    return bool(dot) and not own and not known
