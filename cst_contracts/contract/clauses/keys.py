"""The clause that names the sets of fields which are unique over the table."""

from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.forms import Items, texts
from cst_contracts.contract.kinds import FIELD_NAMES, Key, ListKind
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.errors import Problem
from cst_contracts.location import Location


class KeyContract(Struct, frozen=True):
    fields: tuple[str, ...]
    place: Location


def _build(scope: Scope) -> tuple[KeyContract, ...]:
    keys: dict[frozenset[str], KeyContract] = {}
    for item in scope.form.items("keys"):
        if not isinstance(item, Items):
            continue
        paths = texts(item)
        refuse_repeats(paths, "field", scope.problems)
        scope.promised.refuse_unknown_paths(paths, scope.problems)
        key = KeyContract(tuple(map(scope.promised.path_of, paths)), item.place)
        first = keys.setdefault(frozenset(key.fields), key)
        if first is not key:
            instead = f"remove one, the first is on line {first.place.line}"
            scope.problems.append(Problem(item.place, "the same key is promised twice", instead))
    return tuple(keys.values())


KEYS = Clause(
    Key(
        "keys",
        ListKind(FIELD_NAMES, "a key"),
        "Sets of fields that are unique over the table; paths such as refs[].ref_id reach "
        "into lists.",
        "[[ref_id], [file_id, bstart, bend]]",
        default=(),
    ),
    _build,
)
