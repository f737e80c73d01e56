"""Is a promised field, or a node below one, there, at its place, of its type, as nullable as promised?"""

from collections.abc import Mapping

import pyarrow as pa
import pytest
from support.answers import Answered, checks_of

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.fields import FieldKept
from cst_contracts.checks.verdict import Broken, Cause, Finding, Kept, Undecided, Verdict
from cst_contracts.datatypes import parse_type
from cst_contracts.facts import (
    Basis,
    CouldNotLook,
    FilesFacts,
    MetadataInFiles,
    TableFacts,
    Trouble,
)
from cst_contracts.location import Location
from cst_contracts.needs import FilesNeed, SchemaNeed, SourceNeed

TEXT = """\
table: t
fields:
  - {name: a, type: int64, nullable: false}
  - {name: b, type: string, metadata: {unit: byte}}
  - name: refs
    type: list<struct>
    fields:
      - {name: id, type: string}
      - {name: span, type: struct, fields: [{name: start, type: int32}, {name: end, type: int32}]}
  - {name: attrs, type: "map<string, int64>"}
"""
SPAN = "struct<start: int32, end: int32>"
A = pa.field("a", pa.int64(), nullable=False)
B = pa.field("b", pa.string(), metadata={"unit": "byte"})
REFS = f"list<struct<id: string, span: {SPAN}>>"
ATTRS = "map<string, int64>"


def at(line: int, column: int = 5) -> Location:
    return Location("contracts/t.yaml", line, column)


def schema(a: pa.Field = A, b: pa.Field = B, refs: str = REFS, attrs: str = ATTRS) -> pa.Schema:
    return pa.schema([a, b, ("refs", parse_type(refs)), ("attrs", parse_type(attrs))])


def verdicts(
    observed: pa.Schema,
    text: str = TEXT,
    *,
    stored: pa.Schema | None = None,
    hive: frozenset[str] = frozenset(),
    format_: str = "parquet",
    files: FilesFacts = FilesFacts(1),  # noqa: B008 - it is frozen
) -> Mapping[str, Verdict]:
    """Of the `field[…]` checks, by path."""
    facts = TableFacts("t", format_, observed, stored_schema=stored, hive_partitions=hive)
    answers = {SchemaNeed("t"): facts, FilesNeed("t"): files}
    return {
        check.field.path: check.judge(Answered(answers))
        for check in checks_of(text).values()
        if isinstance(check, FieldKept)
    }


def broken(found: Mapping[str, Verdict]) -> dict[str, tuple[Finding, ...]]:
    return {
        path: verdict.findings for path, verdict in found.items() if isinstance(verdict, Broken)
    }


def undecided(found: Mapping[str, Verdict]) -> dict[str, Cause | None]:
    return {path: each.cause for path, each in found.items() if isinstance(each, Undecided)}


def only_finding(found: Mapping[str, Verdict], path: str) -> Finding:
    """Of the one path that is broken; all others are kept."""
    assert list(broken(found)) == [path]
    assert undecided(found) == {}
    (finding,) = broken(found)[path]
    assert finding.subject == f"t.{path}"
    return finding


def test_a_schema_as_promised_is_kept_at_every_node() -> None:
    found = verdicts(schema())
    paths = ["a", "b", "refs", "refs[]", "refs[].id", "refs[].span", "refs[].span.start"]
    assert list(found) == [*paths, "refs[].span.end", "attrs", "attrs{}.key", "attrs{}.value"]
    assert set(found.values()) == {Kept(Basis.SCHEMA)}


def test_equivalent_spellings_are_kept_and_exact_fields_are_not() -> None:
    refs = f"large_list<struct<id: string_view, span: {SPAN}>>"
    observed = schema(b=B.with_type(pa.large_string()), refs=refs)
    assert set(verdicts(observed).values()) == {Kept(Basis.SCHEMA)}
    exact = TEXT.replace("name: b, ", "name: b, exact: true, ")
    finding = only_finding(verdicts(observed, exact), "b")
    assert (finding.code, finding.place) == (FindingCode.TYPE_MISMATCH, at(4))
    assert (finding.promised, finding.observed) == ("string", "large_string")


def test_a_missing_field_is_red_with_those_that_are_there() -> None:
    finding = only_finding(verdicts(schema().remove(1)), "b")
    assert (finding.code, finding.place) == (FindingCode.FIELD_MISSING, at(4))
    assert (finding.promised, finding.observed) == ("b: string", "absent; there are a, refs, attrs")


def test_a_missing_field_is_told_what_it_may_be_called_now() -> None:
    (finding,) = broken(verdicts(schema().remove(2).append(pa.field("refz", "int8"))))["refs"]
    assert finding.hint == "there is `refz`: was it renamed, or is it meant?"
    promised = "table: t\nfields: [{name: refs, type: int8}, {name: refz, type: int8}]\n"
    (finding,) = broken(verdicts(pa.schema({"refz": pa.int8()}), promised))["refs"]
    assert not finding.hint  # that one is promised, too


def test_a_missing_leaf_is_red_at_its_own_path_only() -> None:
    refs = "list<struct<id: string, span: struct<start: int32>>>"
    finding = only_finding(verdicts(schema(refs=refs)), "refs[].span.end")
    assert (finding.code, finding.place) == (FindingCode.FIELD_MISSING, at(9, 73))
    assert (finding.promised, finding.observed) == (
        "refs[].span.end: int32",
        "absent; there are start",
    )


def test_what_stands_below_a_missing_node_is_undecided_by_the_node_above() -> None:
    found = verdicts(schema(refs="list<struct<id: string>>"))
    assert list(broken(found)) == ["refs[].span"]
    cause = Cause("t", "field[refs[].span]")
    assert undecided(found) == {"refs[].span.start": cause, "refs[].span.end": cause}
    below = found["refs[].span.end"]
    assert isinstance(below, Undecided)
    assert below.finding.observed == "no refs[].span to look into"


@pytest.mark.parametrize(
    ("refs", "attrs", "path"),
    [
        ("int64", ATTRS, "refs"),
        ("struct<id: string>", ATTRS, "refs"),
        ("map<string, struct<id: string>>", ATTRS, "refs"),
        ("list<list<string>>", ATTRS, "refs[]"),
        (f"list<struct<id: string, span: list<{SPAN}>>>", ATTRS, "refs[].span"),
        (REFS, "struct<key: string, value: int64>", "attrs"),
        (REFS, "list<struct<key: string, value: int64>>", "attrs"),
    ],
)
def test_a_node_of_another_kind_is_red_and_all_below_it_is_undecided(
    refs: str, attrs: str, path: str
) -> None:
    found = verdicts(schema(refs=refs, attrs=attrs))
    assert list(broken(found)) == [path]
    assert [finding.code for finding in broken(found)[path]] == [FindingCode.TYPE_MISMATCH]
    below = {each for each in found if each != path and each.startswith(path)}
    assert undecided(found).keys() == below


@pytest.mark.parametrize(
    ("refs", "attrs", "path", "sides"),
    [
        (REFS.replace("end: int32", "end: int64"), ATTRS, "refs[].span.end", ("int32", "int64")),
        (REFS.replace("id: string", "id: int8"), ATTRS, "refs[].id", ("string", "int8")),
        (REFS, "map<int32, int64>", "attrs{}.key", ("string", "int32")),
        (REFS, "map<string, double>", "attrs{}.value", ("int64", "double")),
    ],
)
def test_a_leaf_of_another_type_is_red_at_its_own_path_only(
    refs: str, attrs: str, path: str, sides: tuple[str, str]
) -> None:
    finding = only_finding(verdicts(schema(refs=refs, attrs=attrs)), path)
    assert finding.code is FindingCode.TYPE_MISMATCH
    assert (finding.promised, finding.observed) == sides


@pytest.mark.parametrize(
    ("promised", "observed", "hint"),
    [
        ("uint64", pa.int64(), "Delta has no unsigned integers"),
        ('"timestamp[ns]"', pa.timestamp("us"), "Delta keeps timestamps in µs"),
        ('"timestamp[us]"', pa.timestamp("us", "UTC"), ""),
        ("int64", pa.string(), ""),
    ],
)
def test_a_type_that_delta_cannot_keep_comes_with_the_reason(
    promised: str, observed: pa.DataType, hint: str
) -> None:
    text = TEXT.replace("type: int64, nullable", f"type: {promised}, nullable")
    there = schema(a=A.with_type(observed))
    assert only_finding(verdicts(there, text), "a").hint == ""
    assert only_finding(verdicts(there, text, format_="delta"), "a").hint == hint


def test_two_swapped_siblings_are_told_at_one_of_them() -> None:
    refs = f"list<struct<span: {SPAN}, id: string>>"
    finding = only_finding(verdicts(schema(refs=refs)), "refs[].span")
    assert (finding.code, finding.place) == (FindingCode.FIELD_POSITION, at(9, 9))
    assert (finding.promised, finding.observed) == ("after id", "before id")
    in_any_order = verdicts(schema(refs=refs), TEXT + "field_order: any\n")
    assert set(in_any_order.values()) == {Kept(Basis.SCHEMA)}


def test_a_nested_child_that_nobody_promised_is_red_at_its_parent_unless_allowed() -> None:
    refs = "list<struct<id: string, span: struct<start: int32, end: int32, x: int8>>>"
    finding = only_finding(verdicts(schema(refs=refs)), "refs[].span")
    assert (finding.code, finding.place) == (FindingCode.FIELD_UNPROMISED, at(9, 9))
    assert (finding.promised, finding.observed) == ("no such field", "refs[].span.x: int8")
    allowing = verdicts(schema(refs=refs), TEXT + "extra_fields: allow\n")
    assert set(allowing.values()) == {Kept(Basis.SCHEMA)}


@pytest.mark.parametrize(
    ("metadata", "observed", "hint"),
    [
        (
            None,
            "no unit",
            "a session hides metadata unless datafusion.execution.parquet.skip_metadata is false",
        ),
        ({"unit": "char"}, "unit = char", ""),
        ({b"unit": b"\xff"}, "unit = \ufffd", ""),
        ({"units": "byte", "x": "y"}, "no unit", "did you mean `units`?"),
        ({"x": "y", "z": "y"}, "no unit", "there is `x` and `z`"),
    ],
)
def test_promised_metadata_that_is_absent_or_different_is_red(
    metadata: dict[str, str] | None, observed: str, hint: str
) -> None:
    finding = only_finding(verdicts(schema(b=B.with_metadata(metadata))), "b")
    assert (finding.code, finding.place) == (FindingCode.METADATA_MISMATCH, at(4))
    assert (finding.promised, finding.observed) == ("unit = byte", observed)
    assert finding.hint == hint


def test_metadata_that_nobody_promised_is_fine() -> None:
    more = B.with_metadata({"unit": "byte", "PARQUET:field_id": "7"})
    assert set(verdicts(schema(a=A.with_metadata({"x": "y"}), b=more)).values()) == {
        Kept(Basis.SCHEMA)
    }


STRICT = f"{TEXT}nullability: strict\n"
NULLABLE = A.with_nullable(nullable=True)
DECLARED, STORED = FindingCode.DECLARED_NULLABLE, FindingCode.STORED_NULLABLE


@pytest.mark.parametrize(
    ("declared", "stored", "codes"),
    [
        (A, None, []),
        (A, A, []),
        (NULLABLE, None, [DECLARED]),
        (NULLABLE, A, [DECLARED]),
        (A, NULLABLE, [STORED]),
        (NULLABLE, NULLABLE, [DECLARED, STORED]),
    ],
)
def test_the_declared_and_the_stored_flag_are_told_apart(
    declared: pa.Field, stored: pa.Field | None, codes: list[FindingCode]
) -> None:
    kept_in = None if stored is None else schema(a=stored)
    strict = verdicts(schema(a=declared), STRICT, stored=kept_in)["a"]
    values = complete(schema(a=declared), stored=kept_in)
    assert verdicts(schema(a=declared), stored=kept_in)["a"] == Kept(Basis.SCHEMA)
    findings = strict.findings if isinstance(strict, Broken) else ()
    assert [finding.code for finding in findings] == codes
    assert isinstance(values, Kept)
    assert [(note.code, note.subject) for note in values.notes] == [(code, "t") for code in codes]
    assert {finding.place for finding in findings} <= {at(3)}


def complete(observed: pa.Schema, text: str = TEXT, *, stored: pa.Schema | None = None) -> Verdict:
    """Of the check `fields`."""
    facts = TableFacts("t", "parquet", observed, stored_schema=stored)
    answers = {SchemaNeed("t"): facts, FilesNeed("t"): FilesFacts(1)}
    return checks_of(text)["fields"].judge(Answered(answers))


def test_flags_that_are_only_told_are_one_line_a_table() -> None:
    names = [f"f{n}" for n in range(5)]
    fields = "".join(f"  - {{name: {name}, type: int8, nullable: false}}\n" for name in names)
    open_ = pa.schema([(name, pa.int8()) for name in names])
    verdict = complete(open_, f"table: t\nfields:\n{fields}", stored=open_)
    assert isinstance(verdict, Kept)
    assert [note.observed for note in verdict.notes] == [
        "declared nullable by the session's schema: 5 fields, f0, f1, f2 and 2 more",
        "the storage allows nulls: 5 fields, f0, f1, f2 and 2 more",
    ]


FILES = f"table: t\nsource: {{format: parquet, location: t}}\n{TEXT.partition(chr(10))[2]}"
LACKING = FilesFacts(8, lacking={"refs[].span.end": ("p=1/part-7.parquet",)})


def test_a_field_that_a_file_lacks_is_red_at_its_path_with_the_file() -> None:
    (finding,) = broken(verdicts(schema(), FILES, files=LACKING))["refs[].span.end"]
    assert finding.code is FindingCode.FIELD_MISSING_IN_FILES
    assert finding.subject == "t.refs[].span.end"
    assert finding.observed == "missing in p=1/part-7.parquet, 1 of 8 files"


@pytest.mark.parametrize("format_", ["parquet", "delta"])
def test_a_field_that_a_file_lacks_is_told_where_that_is_allowed(format_: str) -> None:
    text = FILES.replace("parquet, location: t", f"{format_}, location: t, missing_in_files: allow")
    found = verdicts(schema(), text, files=LACKING)
    assert broken(found) == {}
    noted = [path for path, each in found.items() if isinstance(each, Kept) and each.notes]
    assert noted == ["refs[].span.end"]


def test_a_file_of_another_schema_is_one_finding() -> None:
    files = FilesFacts(
        8,
        lacking={"a": ("x.parquet",), "b": ("x.parquet",)},
        strangers=("x.parquet",),
        strange_fields=frozenset({"z"}),
    )
    observed = schema().append(pa.field("z", pa.int8()))
    found = verdicts(observed, FILES, files=files)
    assert broken(found) == {}
    assert undecided(found) == dict.fromkeys("ab", Cause("t", "fields"))
    answers = {SchemaNeed("t"): TableFacts("t", "parquet", observed), FilesNeed("t"): files}
    verdict = checks_of(FILES)["fields"].judge(Answered(answers))
    assert isinstance(verdict, Broken)
    (finding,) = verdict.findings
    assert finding.code is FindingCode.FILE_OF_ANOTHER_SCHEMA
    assert finding.observed == "most of them are missing in x.parquet"


def test_metadata_that_differ_in_files_are_told_or_red_where_they_are_promised() -> None:
    differing = MetadataInFiles(
        "unit", (("byte", ("1.parquet", "2.parquet")), (None, ("3.parquet",)))
    )
    told = FilesFacts(3, metadata={"a": (differing,), "b": (differing,)})
    found = verdicts(schema(), FILES, files=told)
    kept = found["a"]
    assert isinstance(kept, Kept)
    assert [note.code for note in kept.notes] == [FindingCode.METADATA_DIFFERS_IN_FILES]
    (finding,) = broken(found)["b"]
    assert finding.code is FindingCode.METADATA_MISMATCH
    assert finding.observed == "unit is `byte` in 1.parquet, 2.parquet and nothing in 3.parquet"


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Trouble.FILE_TYPES, FindingCode.TYPE_MISMATCH),
        (Trouble.FILE_LACKS, FindingCode.FIELD_MISSING_IN_FILES),
    ],
)
def test_the_field_that_keeps_files_apart_is_the_one_that_is_red(
    trouble: Trouble, code: FindingCode
) -> None:
    answer = CouldNotLook("b is int8 in x.parquet", "t", None, trouble, ("b",))
    answers = Answered({SchemaNeed("t"): answer, SourceNeed("t"): answer})
    found = {id_: check.judge(answers) for id_, check in checks_of(FILES).items()}
    red = {id_: each for id_, each in found.items() if isinstance(each, Broken)}
    assert [each.findings[0].code for each in red.values()] == [code]
    assert list(red) == ["field[b]"]
    causes = {each.cause for each in found.values() if isinstance(each, Undecided)}
    assert causes == {Cause("t", "field[b]")}


def test_each_flag_says_whose_it_is() -> None:
    found = broken(verdicts(schema(a=NULLABLE), STRICT, stored=schema(a=NULLABLE)))
    assert [(finding.promised, finding.observed) for finding in found["a"]] == [
        ("declared not null", "declared nullable by the session's schema"),
        ("not null in storage", "the storage allows nulls"),
    ]


def test_a_promise_of_nulls_allowed_does_not_ask_for_nulls() -> None:
    certain = B.with_nullable(nullable=False)
    assert verdicts(schema(b=certain))["b"] == Kept(Basis.SCHEMA)


def test_a_flag_deep_down_is_red_at_its_own_path() -> None:
    text = """\
table: t
fields:
  - {name: x, type: "list<struct<m: map<string, struct<v: int64 not null>>>>"}
nullability: strict
"""
    path = "x[].m{}.value.v"
    promised = pa.schema(
        [("x", parse_type("list<struct<m: map<string, struct<v: int64 not null>>>>"))]
    )
    observed = pa.schema([("x", parse_type("list<struct<m: map<string, struct<v: int64>>>>"))])
    assert broken(verdicts(promised, text)) == {}
    assert only_finding(verdicts(observed, text), path).code is DECLARED
    assert only_finding(verdicts(promised, text, stored=observed), path).code is STORED


def test_values_mode_excuses_the_flag_and_nothing_else() -> None:
    observed = schema(a=NULLABLE.with_type(pa.int8()))
    finding = only_finding(verdicts(observed), "a")
    assert finding.code is FindingCode.TYPE_MISMATCH


PARTITIONED = """\
table: t
source: {format: parquet, location: t, partitioned_by: [p]}
fields:
  - {name: p, type: int64}
"""


def test_a_hive_partition_field_has_no_type_of_its_own_and_a_stored_one_has() -> None:
    observed = pa.schema([("p", pa.string())])
    hive = verdicts(observed, PARTITIONED, hive=frozenset("p"))
    assert hive == {"p": Kept(Basis.SCHEMA)}
    finding = only_finding(verdicts(observed, PARTITIONED), "p")
    assert finding.code is FindingCode.TYPE_MISMATCH


def test_a_folder_field_that_nobody_promised_as_a_partition_keeps_its_type() -> None:
    text = PARTITIONED.replace(", partitioned_by: [p]", "")
    found = verdicts(pa.schema([("p", pa.string())]), text, hive=frozenset("p"))
    assert only_finding(found, "p").code is FindingCode.TYPE_MISMATCH


def test_names_that_need_quotes_are_found_and_told_by_their_path() -> None:
    text = 'table: t\nfields:\n  - {name: "a.b", type: "struct<\\"c[]\\": int8>"}\n'
    inner = parse_type('struct<"c[]": int8>')
    assert set(verdicts(pa.schema([("a.b", inner)]), text).values()) == {Kept(Basis.SCHEMA)}
    wrong = parse_type('struct<"c[]": int16>')
    found = verdicts(pa.schema([("a.b", wrong)]), text)
    assert only_finding(found, '"a.b"."c[]"').code is FindingCode.TYPE_MISMATCH


@pytest.mark.parametrize(
    ("table", "field", "red"),
    [("values", "strict", True), ("strict", "values", False), ("values", "values", False)],
)
def test_a_fields_own_mode_of_nullability_goes_before_the_tables(
    table: str, field: str, *, red: bool
) -> None:
    text = (
        "table: t\nfields:\n"
        f"  - {{name: a, type: int64, nullable: false, nullability: {field}}}\n"
        f"nullability: {table}\n"
    )
    verdict = verdicts(pa.schema([("a", pa.int64())]), text)["a"]

    assert isinstance(verdict, Broken if red else Kept)
    whole = complete(pa.schema([("a", pa.int64())]), text)
    assert isinstance(whole, Kept)
    found = verdict.findings if isinstance(verdict, Broken) else whole.notes
    assert [each.code for each in found] == [FindingCode.DECLARED_NULLABLE]
    assert whole.notes == () or not red
