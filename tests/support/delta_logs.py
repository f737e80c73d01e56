"""What other writers, or careless ones, leave in the log of a Delta table that was written here."""

import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def edit_log(table: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """What another writer, or a careless one, would have left in the newest commit."""
    log = max((table / "_delta_log").glob("*.json"))
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    for entry in entries:
        edit(entry)
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def edit_schema(table: Path, edit: Callable[[list[dict[str, Any]]], None]) -> None:
    def in_metadata(entry: dict[str, Any]) -> None:
        if "metaData" in entry:
            schema = json.loads(entry["metaData"]["schemaString"])
            edit(schema["fields"])
            entry["metaData"]["schemaString"] = json.dumps(schema)

    edit_log(table, in_metadata)


def declare_not_null(table: Path, *names: str) -> None:
    def edit(fields: list[dict[str, Any]]) -> None:
        for field in fields:
            if field["name"] in names:
                field["nullable"] = False
                declare_below(field["type"])

    edit_schema(table, edit)


def declare_below(type_: Any) -> None:
    match type_:
        case {"type": "struct", "fields": fields}:
            for field in fields:
                field["nullable"] = False
                declare_below(field["type"])
        case {"type": "array", "elementType": element}:
            type_["containsNull"] = False
            declare_below(element)
        case {"type": "map", "valueType": value}:
            type_["valueContainsNull"] = False
            declare_below(value)
        case _:
            pass


def deletion_vector(rows: list[int]) -> dict[str, Any]:
    """Stored in the log itself: a 64-bit roaring array of one 32-bit bitmap, as Z85 text."""
    alphabet = (
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    )
    bitmap = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16)
    bitmap += b"".join(struct.pack("<H", row) for row in rows)
    data = struct.pack("<IQI", 1681511377, 1, 0) + bitmap
    padded = data + b"\0" * (-len(data) % 4)
    words = [int.from_bytes(padded[at : at + 4], "big") for at in range(0, len(padded), 4)]
    text = "".join(alphabet[word // 85**place % 85] for word in words for place in (4, 3, 2, 1, 0))
    return {
        "storageType": "i",
        "pathOrInlineDv": text,
        "sizeInBytes": len(data),
        "cardinality": len(rows),
    }


def with_deleted_rows(table: Path, rows: list[int]) -> None:
    def edit(entry: dict[str, Any]) -> None:
        if "protocol" in entry:
            entry["protocol"] = {
                "minReaderVersion": 3,
                "minWriterVersion": 7,
                "readerFeatures": ["deletionVectors"],
                "writerFeatures": ["deletionVectors"],
            }
        if "add" in entry:
            entry["add"]["deletionVector"] = deletion_vector(rows)

    edit_log(table, edit)


def map_columns(table: Path, logical: Mapping[str, tuple[str, int]]) -> None:
    """As a rename under column mapping leaves it: files keep the physical names."""

    def rename(fields: list[dict[str, Any]]) -> None:
        for field in fields:
            physical = field["name"]
            field["name"], number = logical[physical]
            field["metadata"] = {
                "delta.columnMapping.id": number,
                "delta.columnMapping.physicalName": physical,
            }
            if isinstance(field["type"], dict):
                rename(field["type"]["fields"])

    def declare(entry: dict[str, Any]) -> None:
        if "protocol" in entry:
            entry["protocol"] = {"minReaderVersion": 2, "minWriterVersion": 5}
        if "metaData" in entry:
            entry["metaData"]["configuration"] = {
                "delta.columnMapping.mode": "name",
                "delta.columnMapping.maxColumnId": str(len(logical)),
            }

    edit_schema(table, rename)
    edit_log(table, declare)
