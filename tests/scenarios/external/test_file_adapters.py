"""Data files that are not as their table is read: what the engine adapts is told by file, and red by
`evolution`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionContext
from deltalake import write_deltalake
from support.delta_logs import map_columns
from support.gate import Promises

from cst_contracts.checks.verdict import Finding, Kept
from cst_contracts.report.promise import findings_of

Judge = Callable[..., Promises]
Write = Callable[[Path, pa.Table, pa.Table], SessionContext | None]

READ = pa.schema(
    [
        ("a", pa.int64()),
        ("b", pa.string()),
        ("s", pa.struct([("x", pa.int64()), ("y", pa.string())])),
        ("l", pa.list_(pa.field("element", pa.struct([("n", pa.int64())])))),
    ]
)
ROW: Mapping[str, Any] = {"a": 1, "b": "x", "s": {"x": 1, "y": "y"}, "l": [{"n": 1}]}
CONTRACT = """\
table: t
source: {format: FORMAT, location: tMORE}
fields:
  - {name: a, type: int64}
  - {name: b, type: string}
  - {name: s, type: struct, fields: [{name: x, type: int64}, {name: y, type: string}]}
  - {name: l, type: list<struct>, fields: [{name: n, type: int64}]}
"""


def declared(folder: Path, whole: pa.Table, odd: pa.Table) -> SessionContext:
    """Parquet files that the project registers with the table's schema."""
    folder.mkdir()
    pq.write_table(whole, folder / "0.parquet")
    pq.write_table(odd, folder / "1.parquet", use_compliant_nested_type=False)
    session = SessionContext()
    session.register_parquet("t", str(folder), schema=whole.schema)
    return session


def in_a_log(folder: Path, whole: pa.Table, odd: pa.Table) -> None:
    """A Delta table, of which a writer of another kind has written the second file."""
    write_deltalake(folder, whole)
    write_deltalake(folder, whole, mode="append")
    commit = folder / "_delta_log" / "00000000000000000001.json"
    actions = [json.loads(line) for line in commit.read_text().splitlines()]
    (added,) = (each["add"] for each in actions if "add" in each)
    (folder / added["path"]).unlink()
    pq.write_table(odd, folder / "1.parquet", use_compliant_nested_type=False)
    size = (folder / "1.parquet").stat().st_size
    added.update(path="1.parquet", size=size, stats=json.dumps({"numRecords": odd.num_rows}))
    commit.write_text("".join(json.dumps(each) + "\n" for each in actions))


WAYS = [("parquet", declared), ("delta", in_a_log)]
both = pytest.mark.parametrize(("format_", "write"), WAYS, ids=["parquet", "delta"])


def contract(format_: str, more: str = "", evolution: str = "") -> str:
    text = CONTRACT.replace("FORMAT", format_).replace("MORE", more)
    return f"{text}evolution: {evolution}\n" if evolution else text


def table(schema: pa.Schema = READ, **values: Any) -> pa.Table:
    row = {**ROW, **values}
    return pa.Table.from_pylist([{name: row[name] for name in schema.names}] * 3, schema)


def with_type(path: str, type_: pa.DataType) -> pa.Schema:
    return READ.set(READ.get_field_index(path), pa.field(path, type_))


def told(promises: Promises, check: str) -> list[Finding]:
    verdict = promises[check]
    return list(verdict.notes) if isinstance(verdict, Kept) else []


WIDENED = with_type("a", pa.int32())
WIDENED_BELOW = with_type("l", pa.list_(pa.struct([("n", pa.int32())])))
NARROWED = with_type("s", pa.struct([("x", pa.float64()), ("y", pa.string())]))
#: What a file holds, where it differs from the table, and from what to what.
CASTS = [
    (table(WIDENED), "field[a]", "a int32, read as int64,", "type-widened (backward)"),
    (
        table(WIDENED_BELOW),
        "field[l[].n]",
        "l[].n int32, read as int64,",
        "type-widened (backward)",
    ),
    (table(NARROWED), "field[s.x]", "s.x double, read as int64,", "type-changed (breaking)"),
]


@both
@pytest.mark.parametrize(("odd", "check", "words", "class_"), CASTS, ids=lambda each: str(each)[:9])
def test_a_cast_is_told_with_its_file_and_red_by_evolution(
    tmp_path: Path,
    judge: Judge,
    format_: str,
    write: Write,
    odd: pa.Table,
    check: str,
    words: str,
    class_: str,
) -> None:
    session = write(tmp_path / "t", table(), odd)
    for evolution in ("", "backward", "forward", "none", "{types: widen}"):
        judged = judge(contract(format_, evolution=evolution), supplied=session, only=check)
        red = evolution == "forward" or (evolution != "none" and "widened" not in class_)
        found = findings_of(judged[check])
        assert judged.outcomes == {check: "broken" if red else "kept"}
        assert [each.code for each in found] == ["cast-in-files"]
        assert found[0].observed == f"{words} in 1.parquet, 1 of 2 files: {class_}"


@both
@pytest.mark.parametrize(
    ("more", "evolution", "outcome"),
    [
        ("", "", "broken"),
        ("", "backward", "kept"),
        ("", "{types: widen}", "broken"),
        (", missing_in_files: allow", "freeze", "kept"),
        (", missing_in_files: forbid", "backward", "broken"),
    ],
)
def test_a_field_that_a_file_lacks_is_red_by_its_own_clause_and_else_by_evolution(
    tmp_path: Path,
    judge: Judge,
    format_: str,
    write: Write,
    more: str,
    evolution: str,
    outcome: str,
) -> None:
    """Of Delta, where nothing else is written, a log says what it means."""
    lacking = READ.set(2, pa.field("s", pa.struct([("x", pa.int64())]))).remove(1)
    session = write(tmp_path / "t", table(), table(lacking, s={"x": 1}))
    judged = judge(contract(format_, more, evolution), supplied=session)
    wanted = "kept" if format_ == "delta" and "forbid" not in more else outcome
    for check in ("field[b]", "field[s.y]"):
        assert judged.outcomes[check] == wanted
        found = findings_of(judged[check])
        assert [each.code for each in found] == ["field-missing-in-files"]
        assert found[0].observed == "missing in 1.parquet, 1 of 2 files"


def test_a_field_that_is_declared_and_stands_in_no_file_is_red(
    tmp_path: Path, judge: Judge
) -> None:
    session = declared(tmp_path / "t", table(READ.remove(1)), table(READ.remove(1)))
    session.deregister_table("t")
    session.register_parquet("t", str(tmp_path / "t"), schema=READ)
    judged = judge(contract("parquet"), supplied=session)
    assert judged.red["field[b]"] == ("field-missing-in-files",)
    assert "missing in 0.parquet, 1.parquet, 2 of 2 files" in judged.finding("field[b]").observed


@both
@pytest.mark.parametrize(("evolution", "red"), [("", False), ("forward", True)])
def test_what_the_table_does_not_have_is_dropped_and_told_together(
    tmp_path: Path, judge: Judge, format_: str, write: Write, evolution: str, *, red: bool
) -> None:
    more = with_type("s", pa.struct([("x", pa.int64()), ("y", pa.string()), ("z", pa.int8())]))
    odd = table(more.append(pa.field("n", pa.int8())), n=1)
    session = write(tmp_path / "t", table(), odd)
    judged = judge(contract(format_, evolution=evolution), supplied=session, only="fields")
    assert judged.outcomes == {"fields": "broken" if red else "kept"}
    found = findings_of(judged["fields"])
    assert [(each.code, each.observed) for each in found] == [
        (
            "dropped-in-files",
            "s.z, n not read, since the table has no such field, in 1.parquet, 1 of 2 files: "
            "field-removed (backward)",
        )
    ]


@both
@pytest.mark.parametrize(("evolution", "red"), [("", True), ("none", False)])
def test_a_name_in_other_case_is_another_field_to_the_engine(
    tmp_path: Path, judge: Judge, format_: str, write: Write, evolution: str, *, red: bool
) -> None:
    odd = table(READ.set(1, pa.field("B", pa.string())), B="x")
    session = write(tmp_path / "t", table(), odd)
    judged = judge(contract(format_, evolution=evolution), supplied=session, only="field[b]")
    assert judged.outcomes == {"field[b]": "broken" if red else "kept"}
    found = findings_of(judged["field[b]"])
    assert [(each.code, each.observed) for each in found] == [
        (
            "recased-in-files",
            "b called B, which is another name to the engine, and null in 1.parquet, 1 of 2 files: "
            "field-renamed (breaking)",
        )
    ]


@both
@pytest.mark.parametrize(
    ("evolution", "red"),
    [("", False), ("backward", False), ("freeze", True), ("{types: any}", True)],
)
def test_another_order_of_fields_is_told_and_red_where_fields_are_frozen(
    tmp_path: Path, judge: Judge, format_: str, write: Write, evolution: str, *, red: bool
) -> None:
    moved = pa.schema([READ.field(name) for name in ("b", "a", "s", "l")])
    session = write(tmp_path / "t", table(), table(moved))
    judged = judge(contract(format_, evolution=evolution), supplied=session, only="fields")
    assert judged.outcomes == {"fields": "broken" if red else "kept"}
    found = findings_of(judged["fields"])
    assert [(each.code, each.observed) for each in found] == [
        ("moved-in-files", "b at another place in 1.parquet, 1 of 2 files: field-moved (breaking)")
    ]


@both
def test_another_name_of_a_lists_child_counts_as_the_same_and_is_told(
    tmp_path: Path, judge: Judge, format_: str, write: Write
) -> None:
    named = with_type("l", pa.list_(pa.field("thing", pa.struct([("n", pa.int64())]))))
    whole = table() if format_ == "parquet" else table(READ)
    session = write(tmp_path / "t", whole, table(named))
    judged = judge(contract(format_, evolution="freeze"), supplied=session, only="fields")
    assert judged.red == {}
    (note,) = (each for each in told(judged, "fields") if "l " in each.observed)
    assert note.code == "respelled-in-files"
    assert "1.parquet, 1 of 2 files: engine-type-changed (full)" in note.observed


OLDER = """\
table: t
source: {format: parquet, location: t}
fields:
  - {name: a, type: int64, nullable: false, maximum: 7}
  - {name: l, type: list<struct>, fields: [{name: n, type: int64}]}
keys: [[a], ["l[].n"]]
"""


@pytest.mark.parametrize(
    ("evolution", "outcome"), [("", "broken"), ("{types: widen}", "kept"), ("forward", "broken")]
)
def test_files_older_than_a_wider_type_are_one_table_where_evolution_allows_it(
    tmp_path: Path, judge: Judge, evolution: str, outcome: str
) -> None:
    """DataFusion 55 infers no schema of them, and casts where it is given one."""
    older = pa.schema([("a", pa.int32()), ("l", pa.list_(pa.struct([("n", pa.int16())])))])
    newer = pa.schema([("a", pa.int64()), ("l", pa.list_(pa.struct([("n", pa.int64())])))])
    (tmp_path / "t").mkdir()
    for name, schema, start in (("old", older, 0), ("new", newer, 4)):
        rows = [{"a": start + n, "l": [{"n": start + n}]} for n in range(5)]
        pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "t" / f"{name}.parquet")

    judged = judge(f"{OLDER}evolution: {evolution}\n" if evolution else OLDER)

    assert judged.outcomes["field[a]"] == outcome
    if outcome == "kept":
        assert judged.red == {
            "range[a]": ("value-out-of-range",),
            "unique[a]": ("duplicate-keys",),
            "unique[l[].n]": ("duplicate-keys",),
        }
        assert [getattr(judged[check], "violations", 0) for check in judged.red] == [1, 1, 1]
        assert [each.observed for each in told(judged, "field[l[].n]")] == [
            "l[].n int16, read as int64, in old.parquet, 1 of 2 files: type-widened (backward)"
        ]
    else:
        assert judged.red["field[a]"] == ("type-mismatch",)


def test_files_that_are_all_alike_are_not_told(tmp_path: Path, judge: Judge) -> None:
    """DataFusion 55 reads every string of Parquet as string_view."""
    declared(tmp_path / "t", table(), table())
    judged = judge(contract("parquet", evolution="freeze"))
    assert judged.red == {}
    assert all(told(judged, check) == [] for check in judged.outcomes)


def test_sparks_times_of_a_delta_table_are_none_of_another_type(
    tmp_path: Path, judge: Judge
) -> None:
    """Spark stores them as INT96, which pyarrow reads as ns."""
    us, ns = (pa.schema([("a", pa.timestamp(unit))]) for unit in ("us", "ns"))
    in_a_log(tmp_path / "t", table(us, a=1_000), table(ns, a=1_000))
    text = "table: t\nsource: {format: delta, location: t}\nfields: [{name: a, type: 'timestamp[us]'}]\n"
    judged = judge(f"{text}evolution: full\n", only="field[a]")
    assert judged.outcomes == {"field[a]": "kept"}
    assert told(judged, "field[a]") == []


def test_under_column_mapping_files_are_compared_by_the_names_of_the_log(
    tmp_path: Path, judge: Judge
) -> None:
    struct = pa.struct([("x", pa.int64()), ("y", pa.string())])
    schema = pa.schema([("a", pa.int64()), ("s", struct)])
    older = pa.schema([("a", pa.int32()), ("s", pa.struct([("x", pa.int64())]))])
    row = {"a": 1, "s": {"x": 1, "y": "y"}}
    whole, odd = (pa.Table.from_pylist([row], each) for each in (schema, older))
    in_a_log(tmp_path / "t", whole, odd)
    first, second = sorted((tmp_path / "t" / "_delta_log").glob("*.json"))
    added = [line for line in second.read_text().splitlines() if '"add"' in line]
    first.write_text("\n".join([*first.read_text().splitlines(), *added, ""]))
    second.unlink()
    map_columns(tmp_path / "t", {"a": ("id", 1), "s": ("t", 2), "x": ("p", 3), "y": ("q", 4)})
    text = (
        "table: t\nsource: {format: delta, location: t}\nfields:\n  - {name: id, type: int64}\n"
        "  - {name: t, type: struct, fields: [{name: p, type: int64}, {name: q, type: string}]}\n"
    )
    judged = judge(text)
    assert {check: codes for check, codes in judged.red.items() if "field" in check} == {}
    notes = {check: [each.code for each in told(judged, check)] for check in judged.outcomes}
    assert {check: codes for check, codes in notes.items() if codes} == {
        "field[id]": ["cast-in-files"],
        "field[t.q]": ["field-missing-in-files"],
    }


def test_arrow_files_of_another_order_are_not_read_by_position(
    tmp_path: Path, judge: Judge
) -> None:
    (tmp_path / "t").mkdir()
    schema = pa.schema([("a", pa.int64()), ("b", pa.int64())])
    for number, names in enumerate((("a", "b"), ("b", "a"))):
        each = pa.schema([schema.field(name) for name in names])
        with pa.ipc.new_file(str(tmp_path / "t" / f"{number}.arrow"), each) as writer:
            writer.write_table(pa.table({"a": [1], "b": [2]}).select(list(names)))
    fields = "[{name: a, type: int64}, {name: b, type: int64}]"
    judged = judge(f"table: t\nsource: {{format: arrow, location: t}}\nfields: {fields}\n")
    broken = [check for check, outcome in judged.outcomes.items() if outcome == "broken"]
    assert broken == ["field[b]"]
    assert judged.finding("field[b]").observed == (
        "b stands at another place in 1.arrow, and the engine reads Arrow files by position and casts "
        "nothing"
    )


def test_a_spelling_that_all_files_share_is_not_told(tmp_path: Path, judge: Judge) -> None:
    """Though a file lacks the field, or what is below it has another type."""
    wider, narrower = (
        pa.schema([("a", pa.int64()), ("l", pa.list_(pa.struct([("n", type_)])))])
        for type_ in (pa.int64(), pa.int32())
    )
    whole = wider.append(pa.field("b", pa.string()))
    in_a_log(tmp_path / "t", table(whole), table(narrower))
    text = contract("delta").replace(
        "  - {name: s, type: struct, fields: [{name: x, type: int64}, {name: y, type: string}]}\n",
        "",
    )
    judged = judge(
        text.replace("  - {name: b, type: string}\n", "") + "extra_fields: allow\n", only="fields"
    )
    assert told(judged, "fields") == []


def of_another_schema(folder: Path) -> None:
    """A Delta table, of whose three files one lacks most fields."""
    in_a_log(folder, table(), table(pa.schema([("a", pa.string())]), a="5"))
    write_deltalake(folder, table(), mode="append")


@pytest.mark.parametrize("evolution", ["", "backward"])
def test_casts_of_a_file_that_lacks_most_fields_are_red_where_it_may_lack_them(
    tmp_path: Path, judge: Judge, evolution: str
) -> None:
    of_another_schema(tmp_path / "t")
    judged = judge(contract("delta", evolution=evolution))
    assert judged.red["field[a]"] == ("cast-in-files",)
    assert judged.finding("field[a]").observed == (
        "a string, read as int64, in 1.parquet, 1 of 3 files: type-changed (breaking)"
    )


def test_a_file_that_is_red_as_a_whole_is_not_told_field_by_field(
    tmp_path: Path, judge: Judge
) -> None:
    of_another_schema(tmp_path / "t")
    judged = judge(contract("delta", ", missing_in_files: forbid"))
    broken = [check for check, outcome in judged.outcomes.items() if outcome == "broken"]
    assert broken == ["fields"]
    assert judged.red["fields"] == ("file-of-another-schema",)


@both
@pytest.mark.parametrize(
    ("missing", "evolution", "hint"),
    [
        (
            "forbid",
            "none",
            "write the files again with the table's spelling; where null is meant, say so with "
            "`missing_in_files: allow` under `source` and with `evolution`",
        ),
        (
            "allow",
            "backward",
            "write the files again as the table is, or say with `evolution` that this is meant",
        ),
    ],
)
def test_a_name_in_other_case_says_what_allows_it(
    tmp_path: Path,
    judge: Judge,
    format_: str,
    write: Write,
    missing: str,
    evolution: str,
    hint: str,
) -> None:
    odd = table(READ.set(1, pa.field("B", pa.string())), B="x")
    session = write(tmp_path / "t", table(), odd)
    text = contract(format_, f", missing_in_files: {missing}", evolution)
    judged = judge(text, supplied=session, only="field[b]")
    assert judged.red == {"field[b]": ("recased-in-files",)}
    assert judged.finding("field[b]").hint == hint


@both
def test_casts_of_what_nobody_promises_are_red_at_the_fields(
    tmp_path: Path, judge: Judge, format_: str, write: Write
) -> None:
    """At every depth, and under names that a path writes otherwise."""
    more = [
        pa.schema(
            [
                ("a", pa.int64()),
                ("s", pa.struct([("x", pa.int64()), ("n", type_)])),
                ("e", pa.struct([("n", type_)])),
                ("z.z", type_),
            ]
        )
        for type_ in (pa.int64(), pa.string())
    ]
    rows = [{"a": 1, "s": {"x": 1, "n": n}, "e": {"n": n}, "z.z": n} for n in (5, "5")]
    tables = [pa.Table.from_pylist([row], schema) for row, schema in zip(rows, more, strict=True)]
    session = write(tmp_path / "t", *tables)
    text = (
        f"table: t\nsource: {{format: {format_}, location: t}}\nextra_fields: allow\n"
        'fields: [{name: a, type: int64}, {name: s, type: "struct<x: int64>"}]\n'
    )
    judged = judge(text, supplied=session, only="fields")
    assert judged.red == {"fields": ("cast-in-files",)}
    assert judged.finding("fields").observed == (
        's.n, e.n, "z.z" string, read as int64, in 1.parquet, 1 of 2 files: type-changed (breaking)'
    )


def two_files(folder: Path, older: pa.Table, newer: pa.Table) -> None:
    folder.mkdir()
    pq.write_table(older, folder / "old.parquet")
    pq.write_table(newer, folder / "new.parquet")


def test_a_field_that_evolution_allows_is_not_blamed_for_another(
    tmp_path: Path, judge: Judge
) -> None:
    older = pa.table({"a": pa.array([1], pa.int32()), "b": [1]})
    two_files(tmp_path / "t", older, pa.table({"a": [1], "b": ["1"]}))
    fields = "[{name: a, type: int64}, {name: b, type: int64}]"
    text = f"table: t\nsource: {{format: parquet, location: t}}\nfields: {fields}\n"
    assert judge(text).red["field[a]"] == ("type-mismatch",)
    judged = judge(f"{text}evolution: backward\n")
    broken = [check for check, outcome in judged.outcomes.items() if outcome == "broken"]
    assert broken == ["field[b]"]
    assert judged.finding("field[b]").observed == (
        "its files are of several types: b is string in new.parquet; int64 in old.parquet"
    )


def test_a_field_that_nobody_promises_is_told_with_all_fields_where_files_disagree_on_it(
    tmp_path: Path, judge: Judge
) -> None:
    older = pa.table({"a": [1], "z.z": pa.array([1], pa.int32())})
    two_files(tmp_path / "t", older, pa.table({"a": [1], "z.z": [1]}))
    judged = judge(
        "table: t\nsource: {format: parquet, location: t}\nextra_fields: allow\n"
        "fields: [{name: a, type: int64}]\nevolution: backward\n"
    )
    assert judged.red["fields"] == ("type-mismatch",)
    found = judged.finding("fields")
    assert found.promised == 'one type of "z.z" in every file'
    assert found.observed == (
        'its files are of several types: "z.z" is int64 in new.parquet; int32 in old.parquet'
    )
    assert "`evolution`" in found.hint


@pytest.mark.parametrize(
    "other", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str
)
def test_types_that_count_as_the_same_are_told_where_the_engine_unites_none(
    tmp_path: Path, judge: Judge, other: pa.DataType
) -> None:
    text = pa.table({"b": ["x"]})
    two_files(tmp_path / "t", text, text.cast(pa.schema([("b", other)])))
    contract_ = (
        "table: t\nsource: {format: parquet, location: t}\nfields: [{name: b, type: string}]\n"
    )
    for frozen in ("", "evolution: freeze\n", "evolution: {fields: any}\n"):
        judged = judge(contract_ + frozen)
        assert judged.red["field[b]"] == ("type-mismatch",)
        found = judged.finding("field[b]").observed
        assert found.endswith("in new.parquet; string in old.parquet")
    allowed = judge(f"{contract_}evolution: backward\n")
    assert allowed.outcomes["field[b]"] == "kept"


OF_OTHER_FILES = [
    (pa.int64(), pa.int32(), "b is int32 in 1.arrow, and int64 in the table"),
    (pa.string(), pa.large_string(), "b is large_string in 1.arrow, and string in the table"),
    (
        pa.struct([("x", pa.int64())]),
        pa.struct([pa.field("x", pa.int64(), nullable=False)]),
        "b is struct<x: int64 not null> in 1.arrow, and struct<x: int64> in the table",
    ),
]


@pytest.mark.parametrize(("one", "other", "words"), OF_OTHER_FILES, ids=["cast", "spelled", "flag"])
@pytest.mark.parametrize("evolution", ["", "evolution: none\n"])
def test_arrow_files_of_several_types_are_no_table(
    tmp_path: Path, judge: Judge, one: pa.DataType, other: pa.DataType, words: str, evolution: str
) -> None:
    """DataFusion 55 infers a schema of them, and then reads no row."""
    (tmp_path / "t").mkdir()
    for number, type_ in enumerate((one, other)):
        rows = pa.table({"b": pa.array([], type_)})
        with pa.ipc.new_file(str(tmp_path / "t" / f"{number}.arrow"), rows.schema) as writer:
            writer.write_table(rows)
    promised = "struct<x: int64>" if pa.types.is_struct(one) else str(one)
    text = (
        "table: t\nsource: {format: arrow, location: t, allow_empty: true}\n"
        f'fields: [{{name: b, type: "{promised}"}}]\n{evolution}'
    )
    judged = judge(text)
    broken = [check for check, outcome in judged.outcomes.items() if outcome == "broken"]
    assert broken == ["field[b]"]
    assert judged.finding("field[b]").observed.startswith(words)


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (pa.table({"b": [2], "a": [1]}), "b stands at another place in 0.arrow"),
        (pa.table({"x": [3], "a": [1], "b": [2]}), "a stands at another place in 0.arrow"),
        (
            pa.table({"a": pa.array([1], pa.int32()), "b": [2]}),
            "a is int32 in 0.arrow, and int64 in the table",
        ),
        (pa.table({"a": [1], "b": [2]}), ""),
    ],
    ids=["moved", "shifted", "narrow", "alike"],
)
def test_arrow_files_are_not_read_otherwise_than_a_project_declares_them(
    tmp_path: Path, judge: Judge, stored: pa.Table, words: str
) -> None:
    """DataFusion 55 would read the one field for the other, or no row."""
    (tmp_path / "t").mkdir()
    with pa.ipc.new_file(str(tmp_path / "t" / "0.arrow"), stored.schema) as writer:
        writer.write_table(stored)
    session = SessionContext()
    schema = pa.schema([("a", pa.int64()), ("b", pa.int64())])
    session.register_arrow("t", str(tmp_path / "t"), schema=schema)
    fields = "[{name: a, type: int64}, {name: b, type: int64}]"
    text = f"table: t\nsource: {{format: arrow, location: t}}\nfields: {fields}\n"
    judged = judge(text, supplied=session)
    broken = [check for check, outcome in judged.outcomes.items() if outcome == "broken"]
    assert broken == ([f"field[{words[0]}]"] if words else [])
    if words:
        assert judged.finding(broken[0]).observed.startswith(words)
