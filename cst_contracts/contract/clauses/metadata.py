"""The clause of metadata that the table's schema has, beside what its fields have."""

from msgspec import Struct

from cst_contracts.contract.clauses.clause import Clause, Scope
from cst_contracts.contract.kinds import PROSE, Key, PairsKind
from cst_contracts.contract.nodes import Scalar
from cst_contracts.location import Location


class MetadataContract(Struct, frozen=True):
    """One pair of text."""

    key: str
    value: str
    place: Location


def _build(scope: Scope) -> tuple[MetadataContract, ...]:
    return tuple(
        MetadataContract(key.text, value.text, key.place)
        for key, value in scope.form.pairs("metadata")
        if isinstance(value, Scalar)
    )


METADATA = Clause(
    Key(
        "metadata",
        PairsKind(PROSE, "a metadata value"),
        "Metadata that the table's schema has, text to text; more is fine.",
        "{schema_name: cst_refs}",
        default=(),
    ),
    _build,
)
