from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cst_contracts.contract import model
from cst_contracts.contract.model import (
    AsOfTimestamp,
    AsOfVersion,
    ExtraFields,
    FieldContract,
    FieldOrder,
    FunctionContract,
    FunctionKind,
    KeyContract,
    NullabilityMode,
    OrderingTerm,
    PartitionContract,
    PolicyContract,
    ReferenceContract,
    RuleContract,
    SessionContract,
    SettingContract,
    Severity,
    SourceContract,
    SourceFormat,
    TableContract,
    TypeFamily,
    ViewContract,
    WaiverContract,
)
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract, Problem
from cst_contracts.location import Location


def _at(line: int, column: int) -> Location:
    return Location("c.yaml", line, column)


def _table(text: str) -> TableContract:
    contract = parse_contract(text.encode(), "c.yaml")
    assert isinstance(contract, TableContract)
    return contract


def _session(text: str) -> SessionContract:
    contract = parse_contract(text.encode(), "c.yaml")
    assert isinstance(contract, SessionContract)
    return contract


def _problems(text: str) -> list[str]:
    with pytest.raises(InvalidContract) as refusal:
        parse_contract(text.encode(), "c.yaml")
    return [str(problem) for problem in refusal.value.problems]


def _line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_documented_table_says_what_it_is(table: str) -> None:
    contract = _table(table)
    assert (contract.name, contract.file, contract.place) == ("cst_refs", "c.yaml", _at(2, 1))
    assert contract.version == "1.2.0"
    assert contract.description == "One row per name reference that LibCST found."
    assert contract.owner == "cst-platform"
    assert contract.nullability is NullabilityMode.STRICT
    assert contract.extra_fields is ExtraFields.FORBID
    assert contract.field_order is FieldOrder.STRICT
    assert contract.fields_place == _at(18, 1)


def test_the_documented_table_has_its_source(table: str) -> None:
    assert _table(table).source == SourceContract(
        SourceFormat.DELTA,
        _at(7, 1),
        location="cst_refs",
        partitioned_by=(
            PartitionContract("repo", _at(10, 20)),
            PartitionContract("commit", _at(10, 26), pa.string()),
        ),
        ordered_by=(
            OrderingTerm("path", _at(11, 16)),
            OrderingTerm("bstart", _at(11, 22), descending=True),
        ),
        as_of=AsOfVersion(12, _at(13, 3)),
        policies=(
            PolicyContract("statistics", True, _at(14, 3)),  # noqa: FBT003
            PolicyContract("pruning", True, _at(15, 3)),  # noqa: FBT003
        ),
    )


def test_the_documented_table_has_every_node_of_its_fields(table: str) -> None:
    fields = _table(table).fields
    assert [field.name for field in fields] == [
        *("file_id", "bstart", "ref_text", "attrs", "qnames", "refs"),
        *("path", "ref_id", "bend", "expr_ctx"),
    ]
    assert fields[0] == FieldContract(
        "file_id",
        "file_id",
        pa.string(),
        _at(19, 5),
        nullable=False,
        description="Stable id of the source file.",
    )
    assert fields[2].sensitive
    assert fields[3].metadata == (("semantic", "attributes"),)
    nodes = {node.path: node for field in fields for node in field.walk()}
    assert list(nodes)[3:16] == [
        *("attrs", "attrs{}.key", "attrs{}.value"),
        *("qnames", "qnames[]", "qnames[].name", "qnames[].source"),
        *("refs", "refs[]", "refs[].ref_id", "refs[].span"),
        *("refs[].span.bstart", "refs[].span.bend"),
    ]
    assert not nodes["qnames[].name"].nullable
    assert nodes["qnames[].name"].place == nodes["qnames"].place == _at(23, 5)
    assert not nodes["refs[].ref_id"].nullable
    assert nodes["refs[].ref_id"].place == _at(28, 9)
    assert nodes["refs[].span.bend"].place == _at(29, 76)
    assert str(fields[5].type) == (
        "list<item: struct<ref_id: string not null, span: struct<bstart: int64, bend: int64>>>"
    )


def test_the_documented_table_has_its_promises(table: str) -> None:
    contract = _table(table)
    keys = _line_of(table, "keys:")
    assert contract.keys == (KeyContract(("ref_id",), _at(keys + 1, 5)),)
    assert contract.references == (
        ReferenceContract(("file_id",), "libcst_files_v1", ("file_id",), _at(keys + 3, 5)),
    )
    assert contract.rules == (
        RuleContract("span_is_forward", "bend >= bstart", _at(keys + 5, 5)),
        RuleContract(
            "known_context",
            "expr_ctx IN ('LOAD', 'STORE', 'DEL')",
            _at(keys + 6, 5),
            Severity.WARN,
        ),
    )
    functions = _line_of(table, "functions:")
    assert contract.functions == (
        FunctionContract("arrow_typeof", _at(functions, 13)),
        FunctionContract("unnest", _at(functions, 27)),
        FunctionContract("map_entries", _at(functions, 35)),
    )
    assert contract.waivers == (
        WaiverContract(
            "rule[known_context]",
            "upstream fix pending",
            "cst-platform",
            date(2027, 1, 31),
            _at(functions + 3, 5),
        ),
    )


def test_the_documented_table_has_its_views(table: str) -> None:
    contract, line = _table(table), _line_of(table, "views:")
    assert contract.views[:4] == (
        ViewContract(
            "cst_refs_attrs",
            model.Expand("attrs"),
            "cst_refs",
            _at(line + 1, 5),
            keep=("file_id", "ref_id"),
        ),
        ViewContract(
            "cst_refs_attr_origin",
            model.Extract((("attrs", "origin"),)),
            "cst_refs",
            _at(line + 2, 5),
            keep=("file_id", "ref_id"),
        ),
        ViewContract(
            "cst_ref_spans",
            model.Pack("span", ("bstart", "bend")),
            "cst_refs",
            _at(line + 3, 5),
            keep=("file_id", "path", "ref_id"),
        ),
        ViewContract(
            "cst_ref_span_unnest", model.Flatten("span"), "cst_ref_spans", _at(line + 4, 5)
        ),
    )
    query = contract.views[4]
    assert query.definition == model.Sql(
        "SELECT file_id, ref_id FROM cst_refs WHERE expr_ctx = 'LOAD'"
    )
    assert query.fields == (
        FieldContract("file_id", "file_id", pa.string(), _at(line + 6, 15), nullable=False),
        FieldContract("ref_id", "ref_id", pa.string(), _at(line + 6, 63)),
    )


def test_the_documented_table_as_abridged_only_lacks_the_fields_it_leaves_out(
    abridged_table: str,
) -> None:
    problems = _problems(abridged_table)
    assert len(problems) == 7
    assert all(" is no promised field" in problem for problem in problems)


def test_the_documented_session_is_read_whole(session: str) -> None:
    assert _session(session) == SessionContract(
        "cst-runtime",
        "c.yaml",
        _at(1, 1),
        preset="cst",
        preset_place=_at(2, 1),
        settings=(
            SettingContract("datafusion.execution.parquet.pushdown_filters", "true", _at(4, 3)),
        ),
        catalog=model.CatalogContract(
            "artifacts/",
            SourceFormat.PARQUET,
            _at(5, 1),
            (
                model.CatalogTable("libcst_files_v1", _at(8, 12)),
                model.CatalogTable("cst_refs", _at(8, 29)),
            ),
        ),
        functions=(
            FunctionContract("arrow_typeof", _at(10, 5)),
            FunctionContract("unnest", _at(11, 5), FunctionKind.TABLE),
            FunctionContract(
                "map_entries", _at(12, 5), arguments=(TypeFamily.MAP,), returns=TypeFamily.LIST
            ),
        ),
    )


def test_a_table_and_its_fields_are_enough() -> None:
    contract = _table("table: t\nfields: [{name: a, type: int8}]")
    field = FieldContract("a", "a", pa.int8(), _at(2, 10))
    assert contract == TableContract("t", "c.yaml", _at(1, 1), (field,), _at(2, 1))


def test_a_point_in_time_carries_its_zone() -> None:
    text = "source: {format: delta, location: x, as_of: {timestamp: 2026-01-31T00:00:00Z}}"
    source = _table(f"table: t\nfields: [{{name: a, type: int8}}]\n{text}").source
    assert source is not None
    assert source.as_of == AsOfTimestamp(datetime(2026, 1, 31, tzinfo=UTC), _at(3, 38))


def test_settings_are_text_however_they_are_written() -> None:
    text = "session: s\nsettings: {a: 'true', b: true, c: 16, d: -1, e: public, f: '', g: '1.10'}"
    values = [setting.value for setting in _session(text).settings]
    assert values == ["true", "true", "16", "-1", "public", "", "1.10"]


def test_functions_promise_types_and_families() -> None:
    text = "session: s\nfunctions: [{name: f, kind: scalar, arguments: [int8, map], returns: bool}]"
    (function,) = _session(text).functions
    assert function.arguments == (pa.int8(), TypeFamily.MAP)
    assert function.returns == pa.bool_()


def test_a_function_without_arguments_is_not_one_whose_arguments_nobody_promised() -> None:
    text = "session: s\nfunctions: [{name: now, arguments: []}, {name: unnest}]"
    assert [function.arguments for function in _session(text).functions] == [(), None]


def test_all_problems_of_a_file_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        "table: t\nversion: 1.10\nfeilds: []\nfields:\n"
        "  - {name: a, type: int46, nullable: yes}\n"
        "  - {name: no, type: string}\n"
        "keys: [[zz]]\n"
    )
    assert _problems(text) == [
        "c.yaml:2:10: `version` is `1.10` without quotes, which YAML reads as a number; "
        "write `1.10.0`",
        "c.yaml:3:1: unknown key `feilds`; did you mean `fields`?",
        "c.yaml:5:21: `int46` is no Arrow type; write `int64`",
        "c.yaml:5:38: `nullable` is `yes`; write `true`",
        'c.yaml:6:12: `name` is `no` without quotes, which YAML reads as a boolean; quote it: "no"',
        "c.yaml:7:9: `zz` is no promised field; promised are `a` and `no`",
    ]


def test_a_node_that_an_alias_repeats_is_wrong_once() -> None:
    text = "table: t\nfields:\n  - {name: a, type: int8, metadata: &m {k: no}}\n"
    text += "  - {name: b, type: int8, metadata: *m}\n"
    assert _problems(text) == [
        'c.yaml:3:44: `k` is `no` without quotes, which YAML reads as a boolean; quote it: "no"'
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_contract_or_refused(data: bytes) -> None:
    _assert_read_or_refused(data)


_FRAGMENTS = st.sampled_from(
    [
        *("table: t\n", "session: s\n", "fields:\n", "source: ", "views:\n", "keys: ", "rules:\n"),
        *("  - {name: a, type: int8}\n", "  - {name: b, type: list<struct>, fields: [", "]}\n"),
        *("name: ", "type: ", "sql: ", "pack: ", "extract: ", "of: t\n", "keep: [a]\n", "struct"),
        *("- ", "{", "}", "[", "]", ": ", ", ", "\n", "  ", "\t", "&a ", "*a", "!t ", "~", "no"),
        *('"', "'", '"\\q"', '"\\0"', "|\n", ">\n", "<<: ", "---\n", "...\n", "%YAML 1.2\n", "? "),
        *("1.10", "2027-02-30", "é", "\u2028", "\x85", "\ufeff", "map<", "decimal128(99, 1)", ">"),
    ]
)


@given(st.lists(_FRAGMENTS, max_size=25).map("".join))
def test_any_text_like_yaml_is_a_contract_or_refused(text: str) -> None:
    _assert_read_or_refused(text.encode())


@given(st.data())
def test_any_damage_to_a_contract_is_refused_in_single_lines(data: st.DataObject) -> None:
    text = _DAMAGEABLE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 20)))
        text = text[:start] + data.draw(_FRAGMENTS | st.just("")) + text[end:]
    _assert_read_or_refused(text.encode())


_DAMAGEABLE = """\
table: t
version: 1.2.0
source: {format: delta, location: x, partitioned_by: [r], ordered_by: [a], as_of: {version: 1}}
fields:
  - {name: a, type: int8, nullable: false, metadata: {k: v}}
  - {name: m, type: "map<string, string>"}
  - {name: l, type: list<struct>, fields: [{name: x, type: struct, fields: [{name: y, type: date32}]}]}
keys: [[a], ["l[].x.y"]]
references: [{fields: [a], table: u, to: [b]}]
rules: [{name: n, sql: a > 1, severity: warn}]
views:
  - {name: v, expand: m, keep: [a]}
  - {name: w, explode: l}
  - {name: x, flatten: x, of: w}
  - {name: q, pack: {s: [a, r]}}
functions: [f, {name: g, arguments: [list, int8], returns: map}]
waivers: [{check: fields, reason: because, owner: me, expires: 2027-01-31}]
"""


def _assert_read_or_refused(data: bytes) -> None:
    for problem in _problems_of(data):
        assert str(problem).startswith("c.yaml:")
        assert str(problem).isprintable()
        assert problem.place.line >= 1
        assert problem.place.column >= 1


def _problems_of(data: bytes) -> tuple[Problem, ...]:
    try:
        parse_contract(data, "c.yaml")
    except InvalidContract as refusal:
        return refusal.problems
    return ()


def test_a_key_names_a_field_by_path_or_by_name() -> None:
    """A name that is another field's path means that one."""
    text = """\
table: t
fields:
  - {name: a, type: struct, fields: [{name: b, type: int8}]}
  - {name: a.b, type: int8}
  - {name: 'c"d', type: int8}
keys: [[a.b], ['"a.b"'], ['c"d']]
references: [{fields: ['c"d'], table: u, to: [x]}]
"""
    contract = parse_contract(text.encode(), "t.yaml")
    assert isinstance(contract, TableContract)
    assert [key.fields for key in contract.keys] == [("a.b",), ('"a.b"',), (r'"c\"d"',)]
    assert contract.references[0].fields == (r'"c\"d"',)
