"""Writes the contracts of tables that have none, edits the others if asked, and says what came of each."""

import os
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

from msgspec import Struct

from cst_contracts.contract.json_schema import json_schema_text
from cst_contracts.contract.model import TableContract
from cst_contracts.gate.memory import physical_memory
from cst_contracts.gate.opening import open_observer
from cst_contracts.gate.project import Project
from cst_contracts.progress import Progress
from cst_contracts.proposals.contracts import Proposal
from cst_contracts.proposals.finding import Found
from cst_contracts.proposals.folder import Folder
from cst_contracts.proposals.sensitive import Hidden
from cst_contracts.proposals.sources import Source
from cst_contracts.proposals.tables import Asking, Proposed, Unwritten, propose
from cst_contracts.proposals.updating import Due, NotUpdated, Wishes, updates

#: In the project's root, where the guide to editors has it.
SCHEMA_FILE = "contract.schema.json"


class Asked(Struct, frozen=True):
    """`folder` is the one that contracts are written into, `root` that of the project. `session` is a
    SessionContext of the project's own; `memory` is in bytes, a quarter of the machine's where it is None.
    Each query may take `query_seconds`, None: as long as it does.
    `update`: contracts that are there are edited. `dry`: no file is written."""

    found: Found
    root: Path
    folder: Path
    wanted: Set[Proposed] = frozenset()
    session: object = None
    memory: int | None = None
    query_seconds: float | None = None
    progress: Progress | None = None
    update: bool = False
    dry: bool = False


class Started(Struct, frozen=True):
    """Files are named relative to the project's root. `left` are those that were there and are not to be
    edited, each with its table; `updates` are those that were held beside their tables. `schema` is the file
    of the language's JSON Schema, where it was written, too."""

    written: tuple[tuple[str, Proposal], ...]
    left: tuple[tuple[str, str], ...]
    unwritten: tuple[Unwritten, ...]
    updates: tuple[Due | NotUpdated, ...] = ()
    schema: str | None = None


def start(asked: Asked) -> Started:
    """Raises CstContractsError where a file cannot be written."""
    project = _project(asked)
    folder = Folder(project, asked.folder)
    existing = folder.existing(asked.found.sources)
    written: list[tuple[str, Proposal]] = []
    unwritten: list[Unwritten] = []
    for each in propose(project, _new(asked, existing), _asking(asked, folder)):
        if isinstance(each, Unwritten):
            unwritten.append(each)
        else:
            if not asked.dry:
                folder.write(asked.root / each.file, each.text)
            written.append((each.file, each))
    told = _updated(asked, project, folder, existing) if asked.update else {}
    left = tuple(
        (folder.name(file), source.name) for source, file in existing.items() if file not in told
    )
    schema = _schema(asked, folder) if written and not asked.dry else None
    return Started(tuple(written), left, tuple(unwritten), tuple(told.values()), schema)


def _updated(
    asked: Asked, project: Project, folder: Folder, existing: Mapping[Source, Path]
) -> Mapping[Path, Due | NotUpdated]:
    """Ill-formed files are none of them: nobody knows what they promise."""
    files = frozenset(existing.values())
    contracts = {path: each for path, each in folder.tables().items() if path in files}
    observer = open_observer(
        project, folder.known(), session=asked.session, progress=asked.progress
    )
    wishes = Wishes(asked.wanted, _hidden(folder))
    told = dict(updates(contracts, observer, wishes))
    for path, each in told.items():
        if isinstance(each, Due) and each.changes and not asked.dry:
            folder.replace(path, each.text)
    return told


def _project(asked: Asked) -> Project:
    memory = physical_memory() // 4 if asked.memory is None else asked.memory
    return Project(
        asked.root,
        (asked.folder,),
        asked.found.lake,
        memory,
        query_seconds=asked.query_seconds,
    )


def _new(asked: Asked, existing: Mapping[Source, Path]) -> list[Source]:
    return [source for source in asked.found.sources if source not in existing]


def _asking(asked: Asked, folder: Folder) -> Asking:
    schema = Path(os.path.relpath(asked.root / SCHEMA_FILE, asked.folder)).as_posix()
    return Asking(
        lambda source: Path(folder.name(folder.file_of(source))),
        schema,
        asked.wanted,
        _hidden(folder),
        asked.session,
        asked.progress,
    )


def _hidden(folder: Folder) -> Hidden:
    return Hidden(frozenset(_sensitive(folder.tables().values())))


def _sensitive(contracts: Iterable[TableContract]) -> Iterator[str]:
    """The names of fields, of views' too, that are sensitive somewhere: what is called so in another table is
    likely to be the same."""
    for contract in contracts:
        relations = (contract.fields, *(view.fields or () for view in contract.views))
        nodes = (node for fields in relations for field in fields for node in field.walk())
        yield from (node.name.lower() for node in nodes if node.sensitive)


def _schema(asked: Asked, folder: Folder) -> str | None:
    """Written where there is none: one of another version may be pinned."""
    file = asked.root / SCHEMA_FILE
    if file.exists():
        return None
    folder.write(file, json_schema_text())
    return folder.name(file)
