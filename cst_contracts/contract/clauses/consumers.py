"""The clause that names who reads a table, so that a change can say whom it breaks."""

from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    FIELD_NAMES,
    NAME,
    TEXT,
    Foreign,
    Key,
    ListKind,
    Record,
    RecordKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.location import Location


class ConsumerContract(Struct, frozen=True):
    """Somebody who reads the table. `reads` are paths of fields; without any, it reads all of them."""

    name: str
    place: Location
    owner: str = ""
    reads: tuple[str, ...] = ()


_RECORD = Record(
    "consumer",
    "Somebody who reads the table.",
    keys_by_name(
        required_key("name", NAME, "Name of the program, job or team.", "cpg-builder", "…"),
        Key("owner", TEXT, "Who answers for the consumer.", "graph-team"),
        Key(
            "reads",
            FIELD_NAMES,
            "The fields that it reads, by name or path; every field where nothing is written.",
            "[ref_id, path, bstart, bend]",
        ),
    ),
    foreign=(
        Foreign(("id", "consumer", "system"), "write `name: $value`", means="name"),
        Foreign(("fields", "columns", "uses"), "write `reads: $list`"),
        Foreign(("team", "contact"), "write `owner: $value`"),
    ),
)


def _build(scope: Scope) -> tuple[ConsumerContract, ...]:
    forms = scope.form.forms("consumers")
    refuse_repeats(filter(None, (form.text("name") for form in forms)), "consumer", scope.problems)
    return tuple(_consumer(form, scope) for form in forms)


def _consumer(form: Form, scope: Scope) -> ConsumerContract:
    reads = form.texts("reads")
    refuse_repeats(reads, "field", scope.problems)
    scope.promised.refuse_unknown_paths(reads, scope.problems)
    paths = tuple(map(scope.promised.path_of, reads))
    return ConsumerContract(form.words("name"), form.place, form.words("owner"), paths)


CONSUMERS = Clause(
    Key(
        "consumers",
        ListKind(RecordKind("consumer"), "a consumer"),
        "Who reads the table; a change that breaks one of them names it.",
        "[{name: cpg-builder, owner: graph-team, reads: [ref_id, bstart]}]",
        default=(),
    ),
    _build,
    {"consumer": _RECORD},
)
