"""Tables of a session of the caller's own, and files of a lake that are damaged."""

import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext, col
from support.project import Project, counts, promise, red

from cst_contracts.gate.result import ExitCode

FIELDS = "fields: [{name: ref_id, type: string, nullable: false}, {name: path, type: string}]\n"
REFS = f"table: refs\nsource: {{format: parquet, location: refs.parquet}}\n{FIELDS}"
DELTA = f"table: delta\nsource: {{format: delta, location: delta}}\nnullability: values\n{FIELDS}"
IN_MEMORY = f"table: memory\nnullability: values\n{FIELDS}functions: [arrow_typeof]\n"
SESSION = "session: own\nfunctions: [arrow_typeof]\n"
ORDERED = f"""\
table: refs
source: {{format: parquet, location: refs.parquet, ordered_by: [ref_id]}}
{FIELDS}"""


def session(*, hidden: bool = False) -> SessionContext:
    return SessionContext(SessionConfig().with_information_schema(not hidden))


def test_the_tables_of_a_session_are_used_as_they_are(project: Project) -> None:
    """`refs` has another type in the session than where its source lies: the session's word counts."""
    own = session()
    own.from_arrow(pa.table({"ref_id": ["a"], "path": ["p"]}), "memory")
    own.register_parquet("refs", str(project.lake / "moved.parquet"))
    project.write(memory=IN_MEMORY, refs=REFS, delta=DELTA, own=SESSION)

    result = project.check(session=own)

    assert red(result)["refs", "field[path]"] == ("type-mismatch",)
    broken = promise(result, "field[path]", "refs")
    assert broken.place.startswith("contracts/refs.yaml:3:")
    assert promise(result, "rows", "memory").outcome == "kept"
    assert promise(result, "rows", "delta").outcome == "kept"


def test_a_declared_order_is_the_sessions_own(project: Project) -> None:
    project.write(refs=ORDERED)
    file = str(project.lake / "refs.parquet")
    undeclared, declared = session(), session()
    undeclared.register_parquet("refs", file)
    order = [[col("ref_id").sort(ascending=True, nulls_first=False)]]
    declared.register_parquet("refs", file, file_sort_order=order)

    result = project.check("order[declared]", session=undeclared)

    assert red(result) == {("refs", "order[declared]"): ("order-not-declared",)}
    assert promise(result, "order[declared]").place.startswith("contracts/refs.yaml:2:")
    assert project.check("order[declared]", session=declared).ok


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("duckdb://lake", "`session` is a str, `'duckdb://lake'`"),
        (SessionContext, "`session` is the class SessionContext itself"),
    ],
)
def test_what_is_no_session_is_named(project: Project, given: Any, told: str) -> None:
    project.write(refs=REFS)

    result = project.check("refs::table", session=given)

    found = promise(result, "table")
    assert found.code == "session-unreadable"
    assert found.observed is not None
    assert found.observed.startswith(f"{told}; ")
    assert result.exit_code is ExitCode.NOT_RUN


def test_a_session_that_hides_itself_is_told_with_the_way_out(project: Project) -> None:
    project.write(refs=REFS, own=SESSION)

    result = project.check("rows", "nulls", "function", "snapshot", session=session(hidden=True))

    told = "information_schema is off; make the session with .with_information_schema"
    assert {check for _, check in red(result)} == {
        "function[arrow_typeof]",
        "snapshot[functions]",
    }
    assert all(each.observed and told in each.observed for each in result.failed)
    assert counts(result)["kept"] == 2


def test_a_lake_can_be_a_uri(project: Project) -> None:
    project.write(refs=REFS, delta=DELTA)

    result = project.check(lake=project.lake.as_uri())

    assert result.ok
    assert len(result.promises) == 18


def test_a_damaged_file_reddens_its_own_table_only(project: Project) -> None:
    os.truncate(project.lake / "refs.parquet", 100)
    project.write(refs=REFS, delta=DELTA)

    result = project.check()

    assert red(result) == {("refs", "table"): ("table-unreadable",)}
    assert promise(result, "table", "refs").place == "contracts/refs.yaml:1:1"
    assert counts(result)["undecided"] == 7


READERS = """\
table: readers
source: {format: view}
fields: [{name: ref_id, type: string}]
views: [{name: readers, sql: SELECT ref_id FROM refs}]
"""


@pytest.mark.parametrize(
    ("size", "told", "hint"),
    [
        (100, "two.parquet cannot be read: ", "the cause is in the engine's words"),
        (
            0,
            "two.parquet is empty, as a write that was cut short ",
            "write the file again, or delete it",
        ),
    ],
)
def test_a_file_that_is_damaged_among_others_is_named(
    project: Project, size: int, told: str, hint: str
) -> None:
    folder = project.lake / "many"
    folder.mkdir()
    for name in ("one", "two", "three"):
        shutil.copy(project.lake / "refs.parquet", folder / f"{name}.parquet")
    project.write(refs=REFS.replace("refs.parquet", "many"), readers=READERS)
    assert project.check().ok
    os.truncate(folder / "two.parquet", size)

    result = project.check()

    assert red(result) == {("refs", "table"): ("table-unreadable",)}
    assert told in str(promise(result, "table", "refs").observed)
    assert str(promise(result, "table", "refs").hint).startswith(hint)
    assert counts(result) == {"broken": 1, "undecided": 13, "red": 1}
    causes = {(each.cause.subject, each.cause.check) for each in result.promises if each.cause}
    assert causes == {("refs", "table")}


STRUCTS = """\
table: encoded
nullability: values
fields:
  - {name: s, type: struct, fields: [{name: a, type: int64, nullable: false}]}
  - {name: sound, type: struct, fields: [{name: a, type: int64, nullable: false}]}
"""


def test_promises_below_a_struct_that_is_stored_as_a_dictionary_are_decided(
    project: Project,
) -> None:
    structs = pa.array([{"a": 1}, {"a": None}])
    encoded = {
        "s": pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int32()), structs),
        "sound": pa.DictionaryArray.from_arrays(pa.array([0, 0, 0], pa.int32()), structs),
    }
    own = session()
    own.from_arrow(pa.table(encoded), "encoded")
    project.write(encoded=STRUCTS)

    result = project.check(session=own)

    assert red(result) == {("encoded", "nulls[s.a]"): ("null-values",)}
    broken = promise(result, "nulls[s.a]")
    assert (broken.observed, broken.place[:25]) == ("1 null among 3", "contracts/encoded.yaml:4:")


NAMES = """\
table: names
nullability: values
fields:
  - {name: a.b, type: int64}
  - {name: "c[]", type: int64}
keys: [[a.b], ["c[]"], ['"a.b"', "c[]"]]
references: [{fields: [a.b], table: names, to: ['"a.b"']}]
"""


def test_a_field_whose_name_is_no_path_can_be_a_key_by_its_name(project: Project) -> None:
    own = session()
    own.from_arrow(pa.table({"a.b": [1, 1], "c[]": [1, 2]}), "names")
    project.write(names=NAMES)

    result = project.check("unique", "reference", session=own)

    assert red(result) == {("names", 'unique["a.b"]'): ("duplicate-keys",)}
    assert promise(result, 'unique["a.b"]').observed == "1 more row than keys, of 2"
    assert counts(result)["kept"] == 3


STREAM = """\
table: events
source: {format: json, location: events.json, unbounded: true}
fields: [{name: n, type: int64, nullable: false}]
keys: [[n]]
"""


def test_all_rows_of_a_stream_are_looked_at_below_the_bound(project: Project) -> None:
    lines = "".join(f'{{"n": {n}}}\n' for n in range(500))
    (project.lake / "events.json").write_text(lines)
    project.write(events=STREAM)

    result = project.check()

    assert result.ok
    assert promise(result, "rows").rows == 500
    assert "stream-cut" not in result.manifest_json()


def test_a_type_that_is_another_to_the_engine_alone_is_drift(project: Project) -> None:
    project.write(refs=REFS)
    assert project.check(update_snapshots=True).ok
    fields = [
        pa.field("ref_id", pa.string(), nullable=False),
        pa.field("path", pa.dictionary(pa.int32(), pa.string())),
    ]
    encoded = pa.table(
        {"ref_id": pa.array(["a", "b"]), "path": pa.array(["p", "q"]).dictionary_encode()},
        schema=pa.schema(fields),
    )
    pq.write_table(encoded, Path(project.lake, "refs.parquet"))

    result = project.check()

    assert red(result) == {("refs", "snapshot[schema]"): ("snapshot-differs",)}
    assert promise(result, "snapshot[schema]").observed == (
        "path: as the engine calls it Utf8 → Dictionary(Int32, Utf8) (cosmetic)"
    )


@pytest.mark.parametrize(
    ("table", "meant"),
    [("delt", "; did you mean `delta`?"), ("ref", "; did you mean `refs`?"), ("elsewhere", "")],
)
def test_a_reference_to_a_table_of_no_contract_names_the_nearest(
    project: Project, table: str, meant: str
) -> None:
    reference = f"references: [{{fields: [path], table: {table}, to: [ref_id]}}]\n"
    project.write(refs=f"{REFS}{reference}", delta=DELTA)

    result = project.check("refs::reference")

    (judged,) = result.promises
    told = f"{table}: the session has no such table, and no contract gives it a `source`{meant}"
    assert (judged.outcome, judged.failed, judged.observed) == ("undecided", True, told)
    assert judged.place.startswith("contracts/refs.yaml:4:")
