"""All that the page shows, as the value that is embedded in it: words once, and lists in place of objects."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from cst_contracts.checks.check import Group
from cst_contracts.facts import Basis
from cst_contracts.location import Location
from cst_contracts.report.html.causes import Cause, causes, rank
from cst_contracts.report.html.details import Texts, detail
from cst_contracts.report.html.headlines import argument
from cst_contracts.report.html.history import History, Moved, history, moment, promise_name
from cst_contracts.report.html.states import MEANINGS, WORDS, State, state_of
from cst_contracts.report.html.tree import Tree, tree
from cst_contracts.report.html.verdict import Verdict, verdict
from cst_contracts.report.manifest_file import (
    ContractEntry,
    ContractKind,
    Manifest,
    PromiseRecord,
    TableEntry,
    Unit,
)

_STATES = tuple(State)
_GROUPS = tuple(Group)
_BASES = tuple(Basis)


class Content(Struct, frozen=True):
    """`data` is made of what JSON has. `verdict` stands in the page's text, too, for readers without
    scripts."""

    title: str
    verdict: Verdict
    data: dict[str, Any]


def content(manifest: Manifest, earlier: Sequence[Manifest]) -> Content:
    folded, moved = causes(manifest.promises), history(manifest, earlier)
    told = verdict(manifest, folded)
    title = _title(manifest)
    texts = Texts()
    contracts = _Contracts(manifest)
    promises = list(_promises(contracts, folded, moved, texts))
    data = {
        "title": title,
        "verdict": [told.state, told.sentence, told.lede, told.failed],
        "states": [[each, WORDS[each], MEANINGS[each]] for each in State],
        "groups": list(_GROUPS),
        "bases": list(_BASES),
        "contracts": [contracts.told(file) for file in contracts.files],
        "promises": promises,
        "causes": [_cause(each, contracts, moved) for each in _sorted(folded, contracts, moved)],
        "texts": texts.texts,
        "facts": _facts(manifest),
        "runs": [
            [each.label, [each.states.get(state, 0) for state in State]] for each in moved.runs
        ],
        "gone": [[name, state] for name, state in moved.gone],
        "shifts": [[each.table, each.line, each.compatibility] for each in moved.shifts],
        "run": _run(manifest),
    }
    return Content(title, told, data)


class _Contracts:
    """The contract files of a manifest, failing ones first: by the number of failures, the worst outcome,
    the number not kept, and the name. The same order is everywhere on the page."""

    def __init__(self, manifest: Manifest) -> None:
        self.records = manifest.promises
        self._entries = {each.file: each for each in manifest.contracts}
        self._tables = {each.table: each for each in manifest.tables}
        self._own: dict[str, list[PromiseRecord]] = {}
        for each in manifest.promises:
            self._own.setdefault(each.contract, []).append(each)
        self.files = sorted(self._own, key=self._place)
        self.numbers = {file: number for number, file in enumerate(self.files)}
        self.trees = {file: self._tree(file) for file in self.files}
        self._referring = self._references()

    def entry(self, file: str) -> ContractEntry:
        """Manifests of earlier releases have none."""
        subject = self._own[file][0].subject
        made = ContractEntry(file=file, kind=ContractKind.TABLE, name=subject)
        return self._entries.get(file, made)

    def told(self, file: str) -> dict[str, Any]:
        entry, table = self.entry(file), self._table(file)
        told = {
            "name": entry.name,
            "file": file,
            "kind": entry.kind,
            "owner": entry.owner,
            "version": entry.version,
            "about": entry.description,
            "referring": self._referring.get(entry.name),
            "nodes": [
                [each.path, each.name, each.type, int(each.nullable), each.parent, int(each.there)]
                for each in self.trees[file].nodes
            ],
            **({} if table is None else _table(table)),
        }
        return {key: value for key, value in told.items() if value not in (None, "", [], ())}

    def _table(self, file: str) -> TableEntry | None:
        entry = self.entry(file)
        return self._tables.get(entry.name) if entry.kind is ContractKind.TABLE else None

    def _tree(self, file: str) -> Tree:
        table = self._table(file)
        return tree(() if table is None else table.fields, self._own[file])

    def _place(self, file: str) -> tuple[int, int, int, str]:
        own = self._own[file]
        states = [_STATES.index(state_of(each)) for each in own]
        kept = states.count(len(_STATES) - 1)
        return (
            -sum(each.failed for each in own),
            min(states),
            kept - len(own),
            self.entry(file).name,
        )

    def _references(self) -> dict[str, list[int]]:
        """By table, the contracts that refer to it."""
        found: dict[str, dict[int, None]] = {}
        for each in self.records:
            if each.check.startswith("reference["):
                target = argument(each.check).partition("→")[2].rpartition(".")[0]
                found.setdefault(target, {})[self.numbers[each.contract]] = None
        return {table: list(numbers) for table, numbers in found.items()}


def _table(table: TableEntry) -> dict[str, Any]:
    """Without its location, which may be nobody's business."""
    return {
        "format": table.format,
        "rows": table.rows,
        "files": table.files,
        "delta": table.delta_version,
        "ordered": list(table.ordered_by),
        "partitioned": list(table.partitioned_by),
        "unread": table.error is not None or None,
    }


def _promises(
    contracts: _Contracts, folded: Sequence[Cause], moved: History, texts: Texts
) -> Iterator[list[Any]]:
    waits = {number: each.red[0] for each in folded for number in each.waiting}
    for number, record in enumerate(contracts.records):
        told = detail(
            record,
            texts,
            contracts.entry(record.contract).source,
            moved.moved.get(promise_name(record), Moved()),
            waits.get(number),
        )
        row = [
            contracts.numbers[record.contract],
            record.check,
            _STATES.index(state_of(record)),
            None if record.group is None else _GROUPS.index(record.group),
            Location.of(record.place).line,
            None if record.basis is None else _BASES.index(record.basis),
            record.rows,
            contracts.trees[record.contract].number_of(record) or None,
            told or None,
        ]
        while row[-1] is None:
            row.pop()
        yield row


def _sorted(folded: Sequence[Cause], contracts: _Contracts, moved: History) -> list[Cause]:
    """What fails first, then what is new, then the worst."""
    records = contracts.records

    def place(each: Cause) -> tuple[bool, bool, float, int]:
        fails = any(records[number].failed for number in each.red)
        return (
            not fails,
            not _is_new(each, records, moved),
            rank(records[each.red[0]]),
            -len(each.waiting),
        )

    return sorted(folded, key=place)


def _cause(each: Cause, contracts: _Contracts, moved: History) -> list[Any]:
    records = contracts.records
    head = records[each.red[0]]
    return [
        contracts.numbers[head.contract],
        each.red,
        each.waiting,
        rank(head),
        int(_is_new(each, records, moved)),
    ]


def _is_new(each: Cause, records: Sequence[PromiseRecord], moved: History) -> bool:
    return any(
        moved.moved.get(promise_name(records[number]), Moved()).was is not None
        for number in each.red
    )


def _facts(manifest: Manifest) -> dict[str, Any]:
    """How many rows were answered for and read, of all, and what the answers rest on."""
    answered: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for each in manifest.promises:
        covered = each.looked_at
        if covered is not None and covered.unit is Unit.ROW:
            answered[each.subject] = max(answered[each.subject], covered.rows)
            read[each.subject] = max(read[each.subject], covered.read or 0)
    counted = {each.table: each.rows for each in manifest.tables if each.rows is not None}
    bases = Counter(each.basis for each in manifest.promises if each.basis is not None)
    return {
        "answered": sum(min(answered[table], rows) for table, rows in counted.items()),
        "read": sum(min(read[table], rows) for table, rows in counted.items()),
        "rows": sum(counted.values()),
        "tables": len(counted),
        "unopened": sum(each.error is not None for each in manifest.tables),
        "bases": [bases[each] for each in Basis],
    }


def _run(manifest: Manifest) -> dict[str, Any]:
    """What a reader elsewhere may know of it: no place of the machine, and no command line."""
    run, memory = manifest.run, manifest.memory
    told: dict[str, Any] = {
        "versions": manifest.versions,
        "functions": len(manifest.functions),
        "shadowed": list(manifest.shadowed_functions),
        "settings": [
            [each.name, each.promised, each.effective] for each in manifest.required_settings
        ],
        "memory": None if memory is None else [memory.limit, memory.peak],
    }
    if run is not None:
        told |= {
            "started": None if run.started is None else moment(run.started),
            "seconds": run.duration,
            "status": run.exit_status,
            "commit": run.commit,
            "branch": run.branch,
            "deselected": run.deselected,
            "keyword": run.keyword,
            "markers": run.markers,
            "samples": run.options.get("samples"),
        }
    return {key: value for key, value in told.items() if value not in (None, "")}


def _title(manifest: Manifest) -> str:
    root = "" if manifest.run is None else manifest.run.root or ""
    name = root.rstrip("/").rpartition("/")[2]
    return f"Contracts of {name}" if name else "Contracts"
