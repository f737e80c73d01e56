"""Decides which answers a cluster finds: this is the one place that does."""

from collections.abc import Sequence
from typing import assert_never

from cst_contracts.datatypes import top_level
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.rows.measures import measure_of
from cst_contracts.engine.rows.plan import (
    Answer,
    Compared,
    Hashed,
    Ordered,
    Proved,
    Queried,
    Scanned,
)
from cst_contracts.engine.rows.rules import fields_named_in
from cst_contracts.needs import AnyRowNeed, RuleNeed


def why_here(answer: Answer, files: ScannableFiles) -> str | None:
    """Why this machine finds an answer; None where the cluster does.

    Only what the one scan of a table's files answers gets here: streams, text, views, and Delta tables that
    need their log are asked by queries, and so are keys that are no plain fields, references and aggregates.
    """
    match answer:
        case Scanned() | Compared():
            return _in_folders(answer.need, files)
        case Hashed():
            return "the hashes of all rows have to meet"
        case Proved() | Queried() | Ordered():
            return "it is no part of the scan"
        case _:
            assert_never(answer)


def _in_folders(need: AnyRowNeed, files: ScannableFiles) -> str | None:
    """A task knows its files, and not the folders that they are in."""
    folders = files.storage.hive_partitions
    read = [name for name in _fields_read(need, files) if name in folders]
    return f"{', '.join(read)} stands in the names of folders" if read else None


def _fields_read(need: AnyRowNeed, files: ScannableFiles) -> Sequence[str]:
    if isinstance(need, RuleNeed):
        return fields_named_in(files.schema, need.rule)
    return [top_level(path) for path in measure_of(need).paths_read(need)]
