"""Manifests of made-up runs for the page: one with a fault of each kind, one of hundreds of contracts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from msgspec.structs import replace

from cst_contracts.checks.check import Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import Severity
from cst_contracts.facts import Basis
from cst_contracts.report.manifest_file import (
    CauseEntry,
    ConsumerEntry,
    ContractEntry,
    ContractKind,
    FieldEntry,
    FindingEntry,
    LookedAt,
    Manifest,
    Outcome,
    PromiseRecord,
    RunEntry,
    SampleEntry,
    TableEntry,
    WaiverEntry,
)
from support.promises import manifest, promise, red

FILES = "contracts/files.yaml"
REFS = "contracts/refs.yaml"
TORN = "contracts/torn.yaml"
CALM = "contracts/calm.yaml"
#: The nulls of a leaf deep in a list of structs.
DEEP = "defs[].params[].span.byte_start"


def found(
    record: PromiseRecord, code: FindingCode, promised: str, observed: str, hint: str | None = None
) -> PromiseRecord:
    """The promise with one finding, which failed."""
    finding = FindingEntry(
        code=code,
        place=record.place,
        subject=record.subject,
        promised=promised,
        observed=observed,
        hint=hint,
    )
    return replace(
        record,
        outcome=Outcome.BROKEN,
        code=code,
        promised=promised,
        observed=observed,
        hint=hint,
        failed=True,
        findings=(finding,),
    )


def run_of(day: int, records: Sequence[PromiseRecord], tables: Sequence[TableEntry]) -> Manifest:
    """Of a day in January 2030, with the contracts that the records are of."""
    return replace(
        manifest(*records),
        versions={"cst_contracts": "0.1.0", "datafusion": "55.0.0"},
        run=RunEntry(
            deselected=0,
            started=datetime(2030, 1, day, 6, 0, tzinfo=UTC),
            duration=1.5,
            root="/srv/atlas",
            commit="9f2c1ab",
            branch="main",
        ),
        contracts=tuple(_contracts(records)),
        tables=tuple(tables),
    )


def faulty_run() -> Manifest:
    """Nulls in a deep leaf with rows to show, an absent field, a rule that only warns, a waived one, and a
    table that cannot be read, which holds up two promises. `calm` keeps everything."""
    return run_of(4, [*_files(), *_refs(), *_torn(), *_calm()], _tables())


def sound_run(day: int = 1) -> Manifest:
    """The same contracts, all kept."""
    kept = [
        replace(
            promise(each.contract, each.subject, each.check), group=each.group, field=each.field
        )
        for each in (*_files(), *_refs(), *_torn(), *_calm())
    ]
    return run_of(day, kept, [*_tables()[:2], _table("torn", ["a"])])


def many_contracts(contracts: int, promises: int) -> Manifest:
    """So many contracts with so many promises each, of which some are broken in each fifth."""
    records: list[PromiseRecord] = []
    tables: list[TableEntry] = []
    for number in range(contracts):
        name = f"table_{number:03}"
        file, fields = f"contracts/{name}.yaml", [f"field_{at:02}" for at in range(promises // 2)]
        for line, field in enumerate(fields, start=3):
            records.append(replace(promise(file, name, f"field[{field}]", line), field=field))
            broken = number % 5 == 0 and field.endswith("7")
            kept = replace(_nulls(file, name, field, line), basis=Basis.SCAN)
            red_one = replace(red(field, file, name), place=f"{file}:{line}:5")
            records.append(red_one if broken else kept)
        tables.append(_table(name, fields, rows=1000))
    return run_of(1, records, tables)


def _files() -> Iterator[PromiseRecord]:
    yield replace(promise(FILES, "files", "table"), basis=Basis.SCHEMA)
    yield _field(FILES, "files", "file_id", 4)
    for path in ("defs", "defs[].params", "defs[].params[].span", DEEP):
        yield _field(FILES, "files", path, 9)
    yield replace(
        found(
            _nulls(FILES, "files", DEEP, 12),
            FindingCode.NULL_VALUES,
            "no null",
            "72 nulls among 2400",
            "write `nullable: true`",
        ),
        basis=Basis.SCAN,
        rows=400,
        violations=72,
        looked_at=LookedAt(rows=400, read=400),
        consumers=(ConsumerEntry(name="search", owner="search-team", through="open_files"),),
        samples=tuple(
            SampleEntry(
                file="part-0.parquet",
                row=row,
                values={"file_id": f"'f{row}'", "secret": "<redacted>", "defs": "[{'params': …"},
            )
            for row in (3, 20)
        ),
    )
    absent = _field(FILES, "files", "defs[].params[].default_text", 14)
    yield found(
        absent,
        FindingCode.FIELD_MISSING,
        "defs[].params[].default_text: string",
        "absent; there are span",
    )


def _refs() -> Iterator[PromiseRecord]:
    rule = replace(
        promise(REFS, "refs", "rule[known]", line=8), group=Group.VALUES, basis=Basis.SCAN
    )
    told = found(rule, FindingCode.RULE_VIOLATED, "size > 100", "false for 140 of 20634 rows")
    yield replace(told, failed=False, severity=Severity.WARN, rows=20634, violations=140)
    yield replace(
        found(
            replace(rule, check="rule[level]", id=f"{REFS}::rule[level]", place=f"{REFS}:9:5"),
            FindingCode.RULE_VIOLATED,
            "level >= 0",
            "false for 60 of 20634 rows",
        ),
        outcome=Outcome.WAIVED,
        failed=False,
        waiver=WaiverEntry(reason="backfill", owner="ana", expires=date(2030, 2, 1)),
    )
    yield replace(
        promise(REFS, "refs", "reference[file_id→files.file_id]", line=10), basis=Basis.SCAN
    )


def _torn() -> Iterator[PromiseRecord]:
    why = "part-1.parquet cannot be read: corrupt footer"
    table = replace(promise(TORN, "torn", "table"), basis=Basis.SCHEMA)
    yield found(
        table, FindingCode.TABLE_UNREADABLE, "a table that the engine can read at torn/", why
    )
    for check in ("rows", "field[a]"):
        waiting = replace(promise(TORN, "torn", check, line=3), field="a" if "[" in check else None)
        yield replace(
            found(waiting, FindingCode.TABLE_UNREADABLE, "a table that can be looked at", why),
            outcome=Outcome.UNDECIDED,
            failed=False,
            cause=CauseEntry(subject="torn", check="table", contract=TORN),
        )


def _calm() -> Iterator[PromiseRecord]:
    yield promise(CALM, "calm", "table")
    noted = found(
        _field(CALM, "calm", "a", 3), FindingCode.DECLARED_NULLABLE, "not null", "declared nullable"
    )
    yield replace(noted, outcome=Outcome.KEPT, failed=False)


def _field(file: str, table: str, path: str, line: int) -> PromiseRecord:
    return replace(promise(file, table, f"field[{path}]", line), field=path, basis=Basis.SCHEMA)


def _nulls(file: str, table: str, path: str, line: int) -> PromiseRecord:
    made = promise(file, table, f"nulls[{path}]", line)
    return replace(made, field=path, group=Group.VALUES)


def _tables() -> list[TableEntry]:
    nested = {
        "file_id": "string",
        "defs": "list<struct<params: list<struct<span: struct<byte_start: int32>>>>>",
        "defs[]": "struct<params: list<struct<span: struct<byte_start: int32>>>>",
        "defs[].params": "list<struct<span: struct<byte_start: int32>>>",
        "defs[].params[]": "struct<span: struct<byte_start: int32>>",
        "defs[].params[].span": "struct<byte_start: int32>",
        DEEP: "int32",
        "extracted_by": "string",
    }
    files = replace(_table("files", [], rows=400), fields=tuple(_entries(nested)))
    torn = replace(_table("torn", []), error="corrupt footer")
    refs, calm = _table("refs", ["file_id"], rows=20634), _table("calm", ["a"], rows=3)
    return [files, refs, replace(calm, location="file:///srv/secret/calm"), torn]


def _table(name: str, fields: Sequence[str], rows: int | None = None) -> TableEntry:
    return TableEntry(
        table=name,
        format="parquet",
        location=None,
        delta_version=None,
        files=1,
        rows=rows,
        fields=tuple(_entries(dict.fromkeys(fields, "string"))),
        partitioned_by=(),
        ordered_by=(),
        diagnostics=(),
    )


def _entries(types: dict[str, str]) -> Iterator[FieldEntry]:
    for path, type_ in types.items():
        yield FieldEntry(path=path, type=type_, nullable=True, metadata={})


def _contracts(records: Sequence[PromiseRecord]) -> Iterator[ContractEntry]:
    owners = {"files": "extraction-team", "refs": "graph-team"}
    for file, name in dict.fromkeys((each.contract, each.subject) for each in records):
        yield ContractEntry(
            file=file,
            kind=ContractKind.TABLE,
            name=name,
            owner=owners.get(name, ""),
            version="1.2.0",
            source={"12": "      - {name: byte_start, type: int32, nullable: false}"},
        )
