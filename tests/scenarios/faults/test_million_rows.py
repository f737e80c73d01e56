"""Among a million rows, and thousands of files, each seeded fault is found: how often, and where."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from support.gate import judge, observer_of
from support.rows import answers, observing, placed, table_contract, without_values

from cst_contracts.checks.verdict import Broken
from cst_contracts.facts import (
    Basis,
    KeyCount,
    Misplaced,
    NullCount,
    ReferenceCount,
    RowOrder,
    RowPlace,
    RuleCount,
    Sample,
    ValueCount,
)
from cst_contracts.needs import KeyNeed, NullsNeed
from cst_contracts.report.promise import findings_of

pytest_plugins = "pytester"

FILES, ROWS_A_FILE = 4, 250_000
ROWS = FILES * ROWS_A_FILE
ROWS_A_PATH = 999
GROUP, BATCH = 100_000, 32_768  # of rows in a file; the engine reads a group batch by batch

NULLS = [3, 99_999, 100_000, 250_000, 499_999, 700_001, ROWS - 1]
#: Where a row has the key of another one, in its own file or elsewhere.
DUPLICATES = {10: 9, 100_005: 99_995, 250_001: 249_998, 600_000: 20, 900_000: 500_000}
MISPLACED = [BATCH, 250_000 + GROUP, 777_777]
UNKNOWN = [1, 333_333, 333_334, 999_998]
BACKWARDS = [42, 874_999]
DANGLING = [654_321]
FAR = [123_456, 750_000, ROWS - 2]
SHOUTED = [5, 640_000]
#: The file of narrower integers, the one that is written otherwise, and the one without a field's metadata.
OLDER, REWRITTEN, UNMARKED = 2, 3, 1
NEWEST = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEWEST_US, LATEST = int(NEWEST.timestamp()) * 1_000_000, 400_001

CONTRACT = """\
table: cst_refs
source: {format: parquet, location: cst_refs, ordered_by: [path, bstart]}
evolution: {types: widen}
fields:
  - {name: ref_id, type: string, nullable: false}
  - {name: file_id, type: string, nullable: false}
  - {name: path, type: string, nullable: false}
  - {name: bstart, type: int64, nullable: false, minimum: 4}
  - {name: bend, type: int64, nullable: false, minimum: 0, maximum: 9989}
  - {name: expr_ctx, type: string, enum: [LOAD, STORE, DEL]}
  - {name: ref_text, type: string, sensitive: true, pattern: "^s[a-z]{5}[0-9]+$", max_length: 13}
  - {name: took, type: "time32[ms]"}
  - {name: at, type: "timestamp[us, tz=UTC]"}
nullability: values
keys: [[ref_id]]
references: [{fields: [file_id], table: files, to: [file_id]}]
rules:
  - {name: known_context, sql: "expr_ctx IN ('LOAD', 'STORE', 'DEL')"}
  - {name: span_is_forward, sql: bend >= bstart}
"""
FILES_CONTRACT = """\
table: files
source: {format: parquet, location: files}
fields: [{name: file_id, type: string, nullable: false}]
nullability: values
"""
NESTED = """\
table: libcst_files_v1
source: {format: parquet, location: libcst_files_v1}
fields:
  - {name: file_id, type: string, nullable: false}
  - name: refs
    type: list<struct>
    fields:
      - {name: ref_id, type: string, nullable: false, pattern: "^[0-9]+-[0-2]$"}
      - {name: ref_text, type: string, sensitive: true}
nullability: values
keys: [["refs[].ref_id"]]
"""


def named(prefix: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(
        prefix, pc.utf8_lpad(pa.array(numbers).cast("string"), 7, "0"), ""
    )


def flat_table() -> pa.Table:
    rows = np.arange(ROWS)
    ids, start = rows.copy(), 10 * (rows % ROWS_A_PATH) + 5
    for row, other in DUPLICATES.items():
        ids[row] = other
    start[MISPLACED] = start[np.array(MISPLACED) - 1] - 1
    end = start + 4
    end[BACKWARDS] = start[BACKWARDS] - 1
    end[FAR] = 1_000_000
    files = rows // 1000
    files[DANGLING] = ROWS
    wrong = np.isin(rows, UNKNOWN)
    return pa.table(
        {
            "ref_id": pc.if_else(pa.array(np.isin(rows, NULLS)), None, named("ref", ids)),
            "file_id": named("file", files),
            "path": named("src/", rows // ROWS_A_PATH),
            "bstart": start,
            "bend": end,
            "expr_ctx": pc.if_else(
                pa.array(wrong), "LOAD ", pa.array(["LOAD", "STORE"]).take(pa.array(rows % 2))
            ),
            "ref_text": pc.if_else(
                pa.array(np.isin(rows, SHOUTED)), "SECRET, and more", named("secret", rows)
            ),
            "took": pa.array(np.zeros(ROWS, "int32")).cast(pa.time32("ms")),
            "at": pa.array(
                np.where(rows == LATEST, NEWEST_US, NEWEST_US - 1 - rows % 7), "int64"
            ).cast(pa.timestamp("us", "UTC")),
        }
    )


def written(table: pa.Table, number: int, file: Path) -> None:
    """As the one writer writes it, or one of the others that each do something else."""
    part = table.slice(number * ROWS_A_FILE, ROWS_A_FILE)
    if number == OLDER:
        place = part.schema.get_field_index("bend")
        part = part.set_column(place, "bend", part["bend"].cast("int32"))
    if number != UNMARKED:
        place = part.schema.get_field_index("path")
        marked = part.schema.field(place).with_metadata({"semantic": "Path"})
        part = part.cast(part.schema.set(place, marked))
    pq.write_table(part, file, **(_otherwise(part) if number == REWRITTEN else _PACKED))


_CLAIMED = [pq.SortingColumn(2), pq.SortingColumn(3)]
_PACKED: Mapping[str, Any] = {
    "compression": "snappy",
    "row_group_size": GROUP,
    "write_page_index": True,
    "bloom_filter_options": {"file_id": {"ndv": 1_000}},
    "sorting_columns": _CLAIMED,
}


def _otherwise(table: pa.Table) -> Mapping[str, Any]:
    return {
        "compression": "zstd",
        "row_group_size": GROUP // 2,
        "use_dictionary": [each for each in table.column_names if each != "expr_ctx"],
        "write_statistics": [each for each in table.column_names if each != "took"],
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("million")
    table = flat_table()
    for name in ("cst_refs", "files", "libcst_files_v1"):
        (lake / name).mkdir()
    for number in range(FILES):
        written(table, number, lake / "cst_refs" / f"{number}.parquet")
    pq.write_table(
        pa.table({"file_id": named("file", np.arange(ROWS // 1000))}), lake / "files" / "0.parquet"
    )
    nested(lake / "libcst_files_v1")
    return lake


def nested(folder: Path) -> None:
    """Of 2,000 files, one has one null, and one a list that is null and one that is empty."""
    refs = pa.list_(pa.struct([("ref_id", pa.string()), ("ref_text", pa.string())]))
    for number in range(2_000):
        found = [{"ref_id": f"{number}-{each}", "ref_text": "secret"} for each in range(3)]
        if number == 99:
            found[0]["ref_id"] = "99 0"
        if number == 1_234:
            found[1]["ref_id"] = None  # type: ignore[assignment]
        lists = [None, [], found] if number == 7 else [found]
        table = pa.table({"file_id": [f"file{number}"] * len(lists), "refs": pa.array(lists, refs)})
        pq.write_table(table, folder / f"{number:04}.parquet")


@pytest.fixture(scope="module")
def found(lake: Path) -> Mapping[str, Any]:
    contracts = [table_contract(CONTRACT), table_contract(FILES_CONTRACT)]
    return placed(answers(observing(lake, contracts, samples=20), contracts[0]))


def places(*rows: int) -> tuple[Sample, ...]:
    return tuple(
        Sample(RowPlace(f"{row // ROWS_A_FILE}.parquet", row % ROWS_A_FILE), ())
        for row in sorted(rows)
    )


def test_nulls_in_a_key(found: Mapping[str, Any]) -> None:
    answer = found["nulls[ref_id]"]
    assert isinstance(answer, NullCount)
    count = answer
    assert (count.values, count.nulls, count.samples) == (ROWS, 7, places(*NULLS))


def test_duplicates(found: Mapping[str, Any]) -> None:
    """Each pair together, in the order of the first of each: those of three come from two files."""
    pairs = sorted(sorted(pair) for pair in DUPLICATES.items())
    same = tuple(sample for pair in pairs for sample in places(*pair))
    assert found["unique[ref_id]"] == KeyCount(ROWS - 7, 5, 7, same)


def test_rows_out_of_order(found: Mapping[str, Any]) -> None:
    """One just where a batch begins, one just where a row group does."""
    order = found["order[measured]"]
    assert isinstance(order, RowOrder)
    assert (order.rows, order.violations) == (ROWS, 3)
    assert order.samples == places(*MISPLACED)
    assert order.examples == (
        Misplaced("0.parquet", BATCH, "(src/0000032, 7995)", "(src/0000032, 7994)"),
        Misplaced("1.parquet", GROUP, "(src/0000350, 3495)", "(src/0000350, 3494)"),
        Misplaced("3.parquet", 27_777, "(src/0000778, 5545)", "(src/0000778, 5544)"),
    )


def test_values_outside_a_set(found: Mapping[str, Any]) -> None:
    assert found["rule[known_context]"] == RuleCount(ROWS, 4, places(*UNKNOWN))


def test_values_that_are_not_listed(found: Mapping[str, Any]) -> None:
    assert found["enum[expr_ctx]"] == ValueCount(
        ROWS, 4, (("'LOAD '", 4),), 0, samples=places(*UNKNOWN), rows=ROWS
    )


def test_values_out_of_range(found: Mapping[str, Any]) -> None:
    assert found["range[bend]"] == ValueCount(
        ROWS, 3, (("1000000", 3),), 0, samples=places(*FAR), rows=ROWS
    )


@pytest.mark.parametrize("check", ["pattern[ref_text]", "length[ref_text]"])
def test_texts_of_another_form_and_length_none_of_them_told(
    found: Mapping[str, Any], check: str
) -> None:
    assert found[check] == ValueCount(ROWS, 2, samples=places(*SHOUTED), rows=ROWS)


def test_spans_backwards(found: Mapping[str, Any]) -> None:
    assert found["rule[span_is_forward]"] == RuleCount(ROWS, 2, places(*BACKWARDS))


def test_a_dangling_reference(found: Mapping[str, Any]) -> None:
    assert found["reference[file_id→files.file_id]"] == ReferenceCount(ROWS, 1, places(*DANGLING))


def test_what_is_sound_is_kept(found: Mapping[str, Any]) -> None:
    for name in ("file_id", "path", "bstart", "bend"):
        answer = found[f"nulls[{name}]"]
        assert isinstance(answer, NullCount)
        assert (answer.nulls, answer.basis) == (0, Basis.STATISTICS)
    proved = ValueCount(ROWS, 0, (), 0, Basis.STATISTICS, rows=ROWS)
    assert found["range[bstart]"] == proved


@pytest.mark.parametrize("samples", [0, 5])
def test_a_null_in_a_list_of_one_file_among_thousands(lake: Path, samples: int) -> None:
    contract = table_contract(NESTED)
    measured = observing(lake, [contract], samples=samples)
    count = without_values(measured.answer(NullsNeed("libcst_files_v1", "refs[].ref_id")))
    place = (Sample(RowPlace("1234.parquet", 0), ()),) if samples else ()
    assert (count.rows, count.values, count.nulls, count.samples) == (2_002, 6_000, 1, place)
    key = measured.answer(KeyNeed("libcst_files_v1", ("refs[].ref_id",)))
    assert key == KeyCount(5_999, 0, 1)


#: What each promise tolerates, where it is what there is and where it is one less.
BOUNDS = {
    "nullable: false}\n  - {name: file_id": ("max_nulls: %s}\n  - {name: file_id", 7),
    "keys: [[ref_id]]": ("keys: [{fields: [ref_id], at_most: %s}]", 5),
    "to: [file_id]}": ("to: [file_id], at_most: %s}", 1),
    "'DEL')\"}": ("'DEL')\", at_most: %s}", 4),
    "sql: bend >= bstart}": ("sql: bend >= bstart, at_most: %s}", 2),
}
TOLERATED = {
    "nulls[ref_id]": ("null-values", 7),
    "unique[ref_id]": ("duplicate-keys", 5),
    "reference[file_id→files.file_id]": ("dangling-references", 1),
    "rule[known_context]": ("rule-violated", 4),
    "rule[span_is_forward]": ("rule-violated", 2),
}


@pytest.mark.parametrize("less", [0, 1])
def test_a_bound_is_held_against_the_exact_count(lake: Path, less: int) -> None:
    text = CONTRACT.replace(", ordered_by: [path, bstart]", "")
    for written, (bounded, count) in BOUNDS.items():
        assert text.count(written) == 1
        text = text.replace(written, bounded % (count - less))
    contracts = [table_contract(text), table_contract(FILES_CONTRACT)]
    judged = judge(contracts, observer_of(contracts, lake), lambda check: check.id in TOLERATED)
    promises = judged.of("cst_refs")
    if less:
        red = {check: codes[0] for check, codes in promises.red.items()}
        assert red == {check: code for check, (code, _) in TOLERATED.items()}
    else:
        told = {check: getattr(promises[check], "violations", None) for check in TOLERATED}
        assert told == {check: count for check, (_, count) in TOLERATED.items()}
        assert promises.red == {}


def test_what_only_warns_is_counted_all_the_same_and_fails_nothing(lake: Path) -> None:
    text = CONTRACT.replace("sql: bend >= bstart}", "sql: bend >= bstart, severity: warn}")
    contract = table_contract(text)
    judged = judge(
        [contract], observer_of([contract], lake), lambda check: check.id == "rule[span_is_forward]"
    ).of("cst_refs")
    (found,) = judged.judgements.values()
    assert isinstance(found.verdict, Broken)
    assert (found.verdict.violations, found.failed) == (2, False)


AGGREGATES = """\
aggregates:
  - {name: rows, sql: "count(*) = 1000000 AND count(DISTINCT file_id) = 1001"}
  - {name: unknown_contexts, sql: "count(*) FILTER (WHERE expr_ctx = 'LOAD ') = 3"}
  - {name: whole_files, sql: count(*) >= 1000, per: [file_id]}
  - {name: apart, sql: count(DISTINCT ref_id) = count(*) AND avg(bstart) >= 0, per: [file_id]}
"""


def test_groups_are_counted_exactly(lake: Path) -> None:
    """The one row that refers to another file is missing in its own, and each null stands in a file of its
    own."""
    contract = table_contract(CONTRACT + AGGREGATES)
    judged = judge(
        [contract], observer_of([contract], lake), lambda check: check.id.startswith("aggregate")
    )
    promises = judged.of("cst_refs")
    assert promises.outcomes["aggregate[rows]"] == "kept"
    told = {check: promises.finding(check).observed for check in promises.red}
    assert told == {
        "aggregate[unknown_contexts]": (
            'false for 1000000 rows: count(*) FILTER (WHERE expr_ctx = Utf8("LOAD ")) = 4'
        ),
        "aggregate[whole_files]": (
            "false for 2 of 1001 groups: file_id='file0000654' (999 rows); file_id='file1000000' (1 row)"
        ),
        "aggregate[apart]": (
            f"false for {len(NULLS)} of 1001 groups: "
            + "; ".join(f"file_id='file{row // 1000:07}' (1000 rows)" for row in NULLS[:5])
            + " and 2 more"
        ),
    }


MORE = """\
queries:
  - name: of_file
    sql: SELECT ref_id, bend FROM cst_refs WHERE path = $path
    parameters: {path: {type: string, example: src/0000100}}
    fields: [{name: ref_id, type: string, nullable: false}, {name: bend, type: int64, maximum: 9000}]
    reads: [path, ref_id, bend]
  - {name: far, sql: SELECT ref_id FROM cst_refs WHERE bend > 9989, reads: [ref_id]}
interop: [polars, pandas]
freshness: {field: at, within: 24h}
metadata: {made_by: someone}
"""
FOOTERS = """, ordered_by: [path, bstart], files: {codec: snappy, encodings: {expr_ctx: dictionary},
  statistics: [took], bloom_filters: [file_id], page_index: [path, bend], row_group_rows: {at_least: 90000},
  bytes: {at_most: %sB}, sorting_columns: true}"""


@pytest.fixture(scope="module")
def told(lake: Path) -> Callable[[str], list[str]]:
    """What is told of the promises about files, readers and time, a minute too late."""
    text = CONTRACT.replace(", ordered_by: [path, bstart]", FOOTERS % (largest(lake) - 1))
    text = text.replace(
        "{name: path, type: string,", "{name: path, type: string, metadata: {semantic: Path},"
    )
    contract = table_contract(text + MORE)
    asked = ("files", "query", "interop", "freshness", "metadata", "field[")
    judged = judge(
        [contract],
        observer_of([contract], lake),
        lambda check: check.id.startswith(asked),
        NEWEST + timedelta(hours=24, minutes=1),
    ).of("cst_refs")

    def of(check: str) -> list[str]:
        return [f"{judged.outcomes[check]}: {each.observed}" for each in findings_of(judged[check])]

    return of


def largest(lake: Path) -> int:
    return max(file.stat().st_size for file in (lake / "cst_refs").iterdir())


WHERE = "the first in 3.parquet, row group 0"
#: Of 14 row groups, the file that is written otherwise has five.
OTHERWISE = {
    "codec": f"ref_id, file_id, path and 6 more: zstd in 45 column chunks of 126, {WHERE}",
    "encodings": f"expr_ctx: plain in 5 column chunks of 14, {WHERE}",
    "statistics": f"took: no statistics in 5 column chunks of 14, {WHERE}",
    "bloom_filters": f"file_id: no bloom filter in 5 column chunks of 14, {WHERE}",
    "page_index": f"path, bend: no column index and no offset index in 10 column chunks of 28, {WHERE}",
    "row_group_rows": "3.parquet, row group 0 has 50000 rows, and 3 more have fewer than promised",
    "sorting_columns": f"no order of 5 row groups of 14, {WHERE}",
}


@pytest.mark.parametrize("trait", OTHERWISE)
def test_files_that_are_written_otherwise_are_counted(
    told: Callable[[str], list[str]], trait: str
) -> None:
    assert told(f"files[{trait}]") == [f"broken: {OTHERWISE[trait]}"]


def test_the_one_file_that_is_a_byte_too_large_is_named(
    lake: Path, told: Callable[[str], list[str]]
) -> None:
    size = largest(lake)
    (name,) = (file.name for file in (lake / "cst_refs").iterdir() if file.stat().st_size == size)
    assert told("files[bytes]") == [f"broken: {name} has {size} bytes"]


def test_the_file_of_narrower_integers_is_told(told: Callable[[str], list[str]]) -> None:
    assert told("field[bend]") == [
        "kept: bend int32, read as int64, in 2.parquet, 1 of 4 files: type-widened (backward)"
    ]


def test_the_file_without_a_fields_metadata_is_named(told: Callable[[str], list[str]]) -> None:
    assert told("field[path]") == [
        "broken: semantic is `Path` in 0.parquet, 3.parquet, 2.parquet and nothing in 1.parquet"
    ]


def test_what_readers_queries_give_is_counted(told: Callable[[str], list[str]]) -> None:
    """Of a file's 999 rows; the nulls are the last row of a row group, and the first of the next."""
    assert told("query[of_file]") == [
        "broken: 2 nulls among 999",
        "broken: 99 of 999 values: 9009 (1), 9019 (1), 9029 (1), 9039 (1), 9049 (1) and 94 others",
    ]
    assert told("query[far]") == ["broken: the plan scans bend"]


def test_what_a_library_does_not_have_is_lost_there(told: Callable[[str], list[str]]) -> None:
    assert told("interop[polars]") == ["broken: time64[ns] in polars"]
    assert told("interop[pandas]") == []


def test_the_latest_of_a_million_times_is_a_minute_too_old(
    told: Callable[[str], list[str]],
) -> None:
    assert told("freshness[at]") == [
        "broken: the newest is of 2026-03-01T12:00:00+00:00, 24 h 1 min ago"
    ]


def test_metadata_of_the_schema_are_held_against_the_promise(
    told: Callable[[str], list[str]],
) -> None:
    assert told("metadata[made_by]") == ["broken: no made_by"]


LACKING = "0077.parquet"


def test_the_one_file_of_thousands_that_lacks_a_nested_field_is_named(
    lake: Path, tmp_path: Path
) -> None:
    (tmp_path / "libcst_files_v1").mkdir()
    for file in (lake / "libcst_files_v1").iterdir():
        link = tmp_path / "libcst_files_v1" / file.name
        if file.name == LACKING:
            refs = pa.array([[{"ref_id": "77-0"}]])
            pq.write_table(pa.table({"file_id": ["file77"], "refs": refs}), link)
        else:
            os.link(file, link)
    contract = table_contract(NESTED)
    judged = judge(
        [contract], observer_of([contract], tmp_path), lambda check: check.id.startswith("field")
    ).of("libcst_files_v1")
    assert judged.red == {"field[refs[].ref_text]": ("field-missing-in-files",)}
    assert judged.finding("field[refs[].ref_text]").observed == (
        f"missing in {LACKING}, 1 of 2000 files"
    )


def test_all_of_it_is_told(lake: Path, pytester: pytest.Pytester) -> None:
    """On the terminal and in the manifest, without what is sensitive, at any depth."""
    for name, text in {"refs": CONTRACT, "files": FILES_CONTRACT, "nested": NESTED}.items():
        pytester.makefile(".yaml", **{f"contracts/{name}": text})
    pytester.makeini("[pytest]")

    result = pytester.runpytest_inprocess(
        "--cst-samples=20", "--cst-manifest=m.json", f"--cst-lake={lake}", "-p", "no:typeguard",
        "-k", "nulls or unique or reference or rule or measured or enum or range or pattern or length",
    )  # fmt: skip

    text = result.stdout.str()
    assert "secret" not in text.casefold()
    manifest = json.loads((pytester.path / "m.json").read_text())
    assert "secret" not in json.dumps(manifest).casefold()
    broken = {
        promise["check"]: (promise["violations"], promise["observed"], promise["samples"])
        for promise in manifest["promises"]
        if promise["outcome"] == "broken"
    }
    assert {check: violations for check, (violations, *_) in broken.items()} == {
        "nulls[ref_id]": 7,
        "unique[ref_id]": 5,
        "order[measured]": 3,
        "rule[known_context]": 4,
        "rule[span_is_forward]": 2,
        "reference[file_id→files.file_id]": 1,
        "nulls[refs[].ref_id]": 1,
        "enum[expr_ctx]": 4,
        "range[bend]": 3,
        "pattern[ref_text]": 2,
        "length[ref_text]": 2,
        "pattern[refs[].ref_id]": 1,
    }
    for _, observed, samples in broken.values():
        assert observed in text
        assert all(f"{each['file']}, row {each['row']}" in text for each in samples)
    assert "1234.parquet, row 0: file_id='file1234', refs=<redacted>" in text
    assert (
        "2.parquet, row 154321: ref_id='ref0654321', file_id='file1000000', path='src/0000654', "
        "bstart=9755, bend=9759, expr_ctx='STORE', ref_text=<redacted>"
    ) in text
    places = {
        check: [(each["file"], each["row"]) for each in told[2]] for check, told in broken.items()
    }
    assert places["nulls[refs[].ref_id]"] == [("1234.parquet", 0)]
    assert places["pattern[refs[].ref_id]"] == [("0099.parquet", 0)]
    assert places["reference[file_id→files.file_id]"] == [("2.parquet", 154321)]
