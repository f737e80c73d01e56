"""The clause that says which drift of a snapshot is red, and which is only told."""

from enum import StrEnum

from msgspec import Struct

from cst_contracts.contract.clauses.clause import EVERYWHERE, Clause, Scope
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    ChoiceKind,
    EitherKind,
    Foreign,
    Key,
    Record,
    RecordKind,
    choice_of,
    keys_by_name,
)
from cst_contracts.location import Location


class Evolution(StrEnum):
    """Which drift is told and not red, in the words of schema registries.

    BACKWARD: whoever reads by what is there now can read what was written before. FORWARD: whoever reads
    by what was there before can read what is written now. FULL: both. NONE: any drift. FREEZE: none.
    The transitive ones mean every version before, as far as git has them, and not only the last one.
    """

    BACKWARD = "backward"
    FORWARD = "forward"
    FULL = "full"
    NONE = "none"
    FREEZE = "freeze"
    BACKWARD_TRANSITIVE = "backward_transitive"
    FORWARD_TRANSITIVE = "forward_transitive"
    FULL_TRANSITIVE = "full_transitive"

    @property
    def is_transitive(self) -> bool:
        return self.value.endswith("_transitive")


#: What may be said of each kind of change; what is not said of is frozen.
MODES: dict[str, tuple[str, ...]] = {
    "fields": ("freeze", "add", "any"),
    "types": ("freeze", "widen", "any"),
    "nullability": ("freeze", "loosen", "tighten", "any"),
    "metadata": ("freeze", "any"),
    "partitioning": ("freeze", "any"),
    "ordering": ("freeze", "extend", "any"),
    "views": ("freeze", "add", "any"),
    "functions": ("freeze", "add", "any"),
    "settings": ("freeze", "any"),
}

_MEANINGS = {
    "fields": "Fields and nested fields that come, go, move or are renamed.",
    "types": "Types of fields and of nested fields.",
    "nullability": "Whether fields and nested fields may hold nulls.",
    "metadata": "Metadata of the schema and of fields, and the engine's own words for types.",
    "partitioning": "The fields that the table is partitioned by.",
    "ordering": "The sort order of the table.",
    "views": "Views and readers' queries of the contract, and what their plans look like.",
    "functions": "Functions of the session and their signatures.",
    "settings": "Settings of the session that left the engine's defaults.",
}


class EvolutionContract(Struct, frozen=True):
    """One word for all changes; or, where `overall` is None, a mode for each kind, which are pairs."""

    place: Location
    overall: Evolution | None = None
    kinds: tuple[tuple[str, str], ...] = ()


def _mode_key(kind: str) -> Key:
    modes = MODES[kind]
    return Key(kind, ChoiceKind(modes), _MEANINGS[kind], modes[1], default="freeze")


_RECORD = Record(
    "evolution",
    "Which drift of the accepted snapshot is told and not red, by kind of change.",
    keys_by_name(*map(_mode_key, MODES)),
    at_least_one=tuple(MODES),
    foreign=(
        Foreign(("columns",), "write `fields: $value`", means="fields"),
        Foreign(("order", "sort_order"), "write `ordering: $value`", means="ordering"),
    ),
)


def _build(scope: Scope) -> EvolutionContract | None:
    word = scope.form.text("evolution")
    if word is not None:
        return EvolutionContract(word.place, Evolution(word.text))
    form = scope.form.value("evolution", Form)
    if form is None:
        return None
    return EvolutionContract(form.place, kinds=tuple((kind, form.words(kind)) for kind in MODES))


EVOLUTION = Clause(
    Key(
        "evolution",
        EitherKind(
            choice_of(Evolution),
            RecordKind("evolution"),
            "`backward`, `forward`, `full`, each also with `_transitive`, `none`, `freeze` or a mapping of "
            "kinds of change",
        ),
        "Which drift of the accepted snapshot is told and not red; by default the project's, and there "
        "none.",
        "backward",
    ),
    _build,
    {"evolution": _RECORD},
    EVERYWHERE,
)
