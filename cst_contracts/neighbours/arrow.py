"""Contracts as pyarrow schemas: the Python that makes one, and Arrow's own bytes."""

from cst_contracts.contract.model import TableContract
from cst_contracts.errors import CstContractsError
from cst_contracts.neighbours.arrow_text import NoPython, field_text
from cst_contracts.neighbours.exported import Exported, left, remarks
from cst_contracts.neighbours.parts import Part, Said, schema_of

_HELD = frozenset(
    {Part.TYPE, Part.NULLABLE, Part.NULLABLE_BELOW, Part.METADATA, Part.METADATA_OF_TABLE}
)


def pyarrow_source(contract: TableContract) -> Exported:
    """A module whose `schema` is the promised one. Raises CstContractsError where pyarrow has no call that
    makes a promised type."""
    schema = schema_of(contract)
    try:
        fields = [f"        {field_text(field)}," for field in schema]
    except NoPython as error:
        raise CstContractsError(f"{contract.file}: no Python makes the type {error}") from error
    metadata = {each.key: each.value for each in contract.metadata}
    lines = [
        *(f"# {each}" for each in remarks(contract)),
        "import pyarrow as pa",
        "",
        "schema = pa.schema(",
        "    [",
        *fields,
        "    ],",
        *([f"    metadata={metadata!r},"] if metadata else []),
        ")",
    ]
    text = "\n".join(lines) + "\n"
    return Exported(
        text.encode(), left(contract, lambda each: _holds(each) or each.part is Part.ABOUT)
    )


def arrow_ipc(contract: TableContract) -> Exported:
    """The message of a schema, as `pyarrow.ipc.read_schema` reads it."""
    content = schema_of(contract).serialize().to_pybytes()
    return Exported(content, left(contract, _holds))


def _holds(each: Said) -> bool:
    return each.part in _HELD
