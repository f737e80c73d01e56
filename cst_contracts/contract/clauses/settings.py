"""The clauses of a session's settings: a preset of them, and single ones."""

from msgspec import Struct

from cst_contracts.contract.clauses.clause import IN_SESSIONS, Clause, Scope
from cst_contracts.contract.kinds import TEXT, Key, PairsKind, SettingKind
from cst_contracts.contract.nodes import Scalar
from cst_contracts.location import Location


class SettingContract(Struct, frozen=True):
    name: str
    value: str
    place: Location


PRESET = Clause(
    Key("preset", TEXT, "A named policy of session settings shipped with the project.", "cst"),
    lambda scope: scope.form.optional("preset"),
    contracts=IN_SESSIONS,
)


def _settings(scope: Scope) -> tuple[SettingContract, ...]:
    return tuple(
        SettingContract(name.text, value.text, name.place)
        for name, value in scope.form.pairs("settings")
        if isinstance(value, Scalar)
    )


SETTINGS = Clause(
    Key(
        "settings",
        PairsKind(SettingKind(), "a setting"),
        "Settings, each promised as the session's effective value.",
        '{datafusion.execution.parquet.pushdown_filters: "true"}',
        default=(),
    ),
    _settings,
    contracts=IN_SESSIONS,
)
