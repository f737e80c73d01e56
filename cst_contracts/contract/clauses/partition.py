"""One field that a table's files are partitioned by."""

import pyarrow as pa
from msgspec import Struct

from cst_contracts.contract.forms import Form, Named
from cst_contracts.contract.kinds import (
    ARROW_TYPE,
    FIELD_NAME,
    EitherKind,
    Key,
    ListKind,
    Record,
    RecordKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.type_text import read_type
from cst_contracts.location import Location


class PartitionContract(Struct, frozen=True):
    name: str
    place: Location
    type: pa.DataType | None = None


PARTITION = Record(
    "partition field",
    "A field that the files are partitioned by.",
    keys_by_name(
        required_key(
            "name", FIELD_NAME, "Name of the field, as the folders spell it.", "commit", "…"
        ),
        Key("type", ARROW_TYPE, "Type of its values; text where nothing is promised.", "string"),
    ),
)

PARTITIONED_BY = Key(
    "partitioned_by",
    ListKind(
        EitherKind(
            FIELD_NAME,
            RecordKind("partition"),
            "a field name, or a mapping with `name` and `type`",
        ),
        "a partition field",
    ),
    "Fields that the files are partitioned by, outermost folder first.",
    "[repo, {name: commit, type: string}]",
    default=(),
)


def build_partitions(source: Form | None, problems: Problems) -> tuple[PartitionContract, ...]:
    entries = source.named("partitioned_by", "name") if source else ()
    refuse_repeats((entry.name for entry in entries), "partition field", problems)
    return tuple(
        PartitionContract(entry.name.text, entry.place, _type(entry, problems)) for entry in entries
    )


def _type(entry: Named, problems: Problems) -> pa.DataType | None:
    text = entry.form.text("type") if entry.form else None
    return read_type(text, problems) if text else None
