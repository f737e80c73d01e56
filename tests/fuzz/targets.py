"""What is fed, and what must be true of it whatever it is fed with."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from cst_contracts.contract.parse import parse_contract
from cst_contracts.datatypes import parse_type, print_type, same_type
from cst_contracts.errors import InvalidContract, InvalidType
from cst_contracts.sql import plan_text
from cst_contracts.sql.scans import fields_read

_SCHEMA = pa.schema(
    [("a", pa.int64()), ("s", pa.struct([("b", pa.list_(pa.struct([("c", pa.string())])))]))]
)
ROOT = Path(__file__).parents[2]


def read_contract(data: bytes) -> None:
    """It is a contract, or all of its problems have a line of the text."""
    breaks = b"\n", b"\r", "\x85".encode(), "\u2028".encode(), "\u2029".encode()
    lines = 2 + sum(data.count(each) for each in breaks)
    assert all(1 <= line <= lines for line in _lines_of_problems(data))


def _lines_of_problems(data: bytes) -> list[int]:
    try:
        parse_contract(data, "contracts/t.yaml")
    except InvalidContract as error:
        return [each.place.line for each in error.problems] or [0]
    return []


def read_type(data: bytes) -> None:
    """It is no type, or it is printed as text that is read as the same type."""
    try:
        found = parse_type(data.decode("utf-8", "surrogateescape"))
    except InvalidType:
        return
    assert same_type(parse_type(print_type(found)), found)


def read_plan(data: bytes) -> None:
    """Names of fields stand in a plan without quotes, so that anything may: no text is an error."""
    text = data.decode("utf-8", "replace")
    for read in (
        plan_text.output_orderings,
        plan_text.answered_from_metadata,
        plan_text.pruned_row_groups,
        plan_text.pruned_files,
        plan_text.reads_without_end,
        plan_text.scans_files,
        plan_text.sorts_rows,
        plan_text.view_lines,
        plan_text.unknown_function,
        _read_with_names,
    ):
        read(text)


def _read_with_names(text: str) -> object:
    return (
        plan_text.unique_fields(text, _SCHEMA.names),
        plan_text.called_functions(text.splitlines(), ["count", "sum"]),
        plan_text.generates(text, "range"),
        list(plan_text.column_casts(text, "t")),
        list(fields_read(text, lambda name: _SCHEMA if name == "t" else None)),
    )


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "contract": read_contract,
    "type": read_type,
    "plan": read_plan,
}


def seeds(target: str) -> Iterator[bytes]:
    """Inputs that reach far."""
    if target == "contract":
        for folder in (ROOT / "contracts", ROOT / "docs" / "_generate" / "examples"):
            yield from (file.read_bytes() for file in sorted(folder.rglob("*.yaml")))
    else:
        yield from map(str.encode, {"type": _TYPES, "plan": _PLANS}[target])


_TYPES = (
    "int64",
    "timestamp[us, tz=Europe/Zurich]",
    "decimal128(10, 2)",
    "fixed_size_binary[16]",
    "list<struct<a: int64 not null, `b c`: map<string, list<large_string>>>>",
    "dictionary<values=string, indices=int32, ordered=true>",
    "run_end_encoded<run_ends: int32, values: float>",
    "struct<a: time64[ns], b: duration[ms], c: fixed_size_list<uint8>[3]>",
)
_PLANS = (
    "DataSourceExec: file_groups={1 group: [[a.parquet]]}, projection=[a, s], output_ordering=[a@0 ASC NULLS "
    "LAST, s@1 DESC], file_type=parquet, predicate=a@0 > 1, pruning_predicate=a_max@0 > 1",
    "DataSourceExec: partitions=1, output_orderings=[[a@0 ASC], [s@1 DESC NULLS FIRST]], constraints="
    "[PrimaryKey([0, 1]), Unique([1])], infinite_source=true",
    "ProjectionExec: expr=[1 as count(*)]\n  PlaceholderRowExec",
    "SortExec: expr=[a@0 ASC]\n  StreamingTableExec: infinite_source=true",
    'Projection: count(a), get_field(t.s, Utf8("b"))\n  Filter: CAST(t.a AS Int64) > Int64(1)\n'
    "    TableScan: t projection=[a, s], full_filters=[t.a IS NOT NULL]",
    "SubqueryAlias: v\n  Projection: t.a AS x\n    TableScan: t projection=[a]",
    "metrics=[row_groups_pruned_statistics=3 total → 1 matched, "
    "files_ranges_pruned_statistics=2 total → 1 matched]",
    "Invalid function 'nosuch'.\nDid you mean 'now'?",
)
