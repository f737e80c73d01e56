"""Text has the types that all rows bear out, not those of the first thousand."""

import json
from pathlib import Path

import pytest
from support.gate import Promises, judge, observer_of, parsed

from cst_contracts.report.manifest_file import Outcome

FIELDS = '{name: id, type: int64}, {name: s, type: "struct<a: int64>"}'
LATE = {
    "fraction": ({"id": 2.5, "s": {"a": 1.5}}, "", "rules: [{name: one, sql: \"s['a'] = 1\"}]\n"),
    "extra": ({"id": 2, "s": {"a": 1, "b": 2}, "c": 3}, "", ""),
    "late": ({"id": 2, "s": {"a": 1}, "t": "x"}, ", {name: t, type: string}", ""),
}


def promises(folder: Path, text: str) -> Promises:
    contracts = parsed([text])
    return judge(contracts, observer_of(contracts, folder)).of("t")


@pytest.mark.parametrize("kind", LATE)
def test_what_comes_after_a_thousand_rows_counts_with_an_end_and_without_one(
    tmp_path: Path, kind: str
) -> None:
    last, more, rules = LATE[kind]
    rows = [json.dumps({"id": 1, "s": {"a": 1}})] * 1500
    (tmp_path / "t.json").write_text("\n".join([*rows, json.dumps(last)]) + "\n")
    found = []
    for words in ("", ", unbounded: true"):
        source = f"source: {{format: json, location: t.json{words}}}\n"
        told = promises(tmp_path, f"table: t\n{source}fields: [{FIELDS}{more}]\n{rules}")
        found.append(told.outcomes)
    bounded, stream = found
    assert Outcome.BROKEN in bounded.values() or kind == "late"
    # Whose rows a stream has, nobody can compare.
    shared = bounded.keys() - {"source"}
    assert {check: stream[check] for check in shared} == {check: bounded[check] for check in shared}


@pytest.mark.parametrize(
    ("type_", "text", "read_as"),
    [
        ("date32", '"2024-01-01"', Outcome.KEPT),
        ("timestamp[us]", '"2024-01-01T00:00:00"', Outcome.KEPT),
        ("timestamp[s]", '"2024-01-01T00:00:00"', Outcome.KEPT),
    ],
)
@pytest.mark.parametrize("number", ["5", "5.5", "20240101"])
@pytest.mark.parametrize(
    ("shape", "path", "typed"),
    [
        ("%s", "d", "%s"),
        ('{"x": %s}', "d.x", "struct<x: %s>"),
        ("[%s]", "d[]", "list<%s>"),
        ('{"k": %s}', "d{}.value", "map<string, %s>"),
    ],
)
def test_a_json_number_is_no_time(
    tmp_path: Path,
    type_: str,
    text: str,
    read_as: Outcome,
    number: str,
    shape: str,
    path: str,
    typed: str,
) -> None:
    contract = (
        "table: t\nsource: {format: json, location: t.json}\n"
        f'fields: [{{name: d, type: "{typed % type_}"}}]\n'
    )
    times = '{"d": %s}\n' % (shape % text)
    (tmp_path / "t.json").write_text(times)
    assert promises(tmp_path, contract).outcomes[f"field[{path}]"] is read_as
    (tmp_path / "t.json").write_text(times + '{"d": %s}\n' % (shape % number))
    assert promises(tmp_path, contract).outcomes[f"field[{path}]"] is not Outcome.KEPT


@pytest.mark.parametrize("words", ["", ", unbounded: true"])
@pytest.mark.parametrize("inner", ["\n", '\n""x""\n\n', ",\n"])
def test_csv_with_line_ends_in_quotes_is_read(tmp_path: Path, inner: str, words: str) -> None:
    rows = 30_000
    lines = (f'{number},"line{inner}{"y" * 60}"\n' for number in range(rows))
    (tmp_path / "t.csv").write_text("id,s\n" + "".join(lines))
    text = f"""table: t
source: {{format: csv, location: t.csv{words}}}
fields: [{{name: id, type: int64, nullable: false}}, {{name: s, type: string, nullable: false}}]
keys: [[id]]
rules: [{{name: long, sql: length(s) > 60}}]
"""
    told = promises(tmp_path, text)
    assert set(told.outcomes.values()) == {Outcome.KEPT}
    assert told["rows"].rows == rows  # type: ignore[union-attr]


def test_two_characters_that_the_engine_takes_for_one_are_one_to_the_promises(
    tmp_path: Path,
) -> None:
    """DataFusion 55 loses a bit of an escaped pair of surrogates: readers get the same text twice."""
    rows = [json.dumps({"t": text}) for text in ("\U000a69df", "\U000969df")]
    (tmp_path / "t.json").write_text("\n".join(rows) + "\n")
    contract = (
        "table: t\nsource: {format: json, location: t.json}\nfields: [{name: t, type: string}]\n"
    )
    assert promises(tmp_path, f"{contract}keys: [[t]]\n").outcomes["unique[t]"] is Outcome.BROKEN
