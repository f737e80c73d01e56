"""Violating rows of text files and of views, by a query: their file, as far as there is one, and no sensitive
value."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cst_contracts.checks.verdict import Broken, Verdict
from cst_contracts.report.text import told_sample

RULES = """
keys: [[id]]
references:
  - {fields: [of], table: others, to: [id]}
rules:
  - {name: small, sql: size < 100}
"""
FIELDS = """
fields:
  - {name: id, type: int64, nullable: false}
  - {name: of, type: int64}
  - {name: size, type: int64}
  - {name: owner, type: string, sensitive: true}
"""
OTHERS = """
table: others
source: {format: parquet, location: others.parquet}
fields: [{name: id, type: int64}]
"""
ROWS: list[dict[str, object]] = [
    {"id": 1, "of": 1, "size": 5, "owner": "ann"},
    {"id": 2, "of": 9, "size": 500, "owner": "bob"},
    {"id": None, "of": 1, "size": 7, "owner": "cyd"},
    {"id": 1, "of": None, "size": 6, "owner": "dan"},
]


def write(folder: Path, format_: str) -> None:
    pq.write_table(pa.table({"id": [1, 2]}), folder / "others.parquet")
    location = folder / "t"
    location.mkdir()
    if format_ == "csv":
        cells = ["" if cell is None else str(cell) for row in ROWS for cell in row.values()]
        lines = [",".join(cells[start : start + 4]) for start in range(0, len(cells), 4)]
        text = "\n".join([",".join(ROWS[0]), *lines]) + "\n"
    else:
        text = "".join(json.dumps(row) + "\n" for row in ROWS)
    (location / f"part-0.{format_}").write_text(text, encoding="utf-8")


def samples(verdict: Verdict) -> list[str]:
    assert isinstance(verdict, Broken), verdict
    return list(map(told_sample, verdict.samples))


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_rows_of_text_files_are_shown_with_their_file(
    tmp_path: Path, judge: Callable[..., Mapping[str, Verdict]], format_: str
) -> None:
    write(tmp_path, format_)
    source = f"table: t\nsource: {{format: {format_}, location: t}}"
    judged = judge(source + FIELDS + RULES, OTHERS, samples=2)

    file, hidden = f"part-0.{format_}", "owner=<redacted>"
    assert samples(judged["nulls[id]"]) == [f"{file}: id=NULL, of=1, size=7, {hidden}"]
    assert sorted(samples(judged["unique[id]"])) == [
        f"{file}: id=1, of=1, size=5, {hidden}",
        f"{file}: id=1, of=NULL, size=6, {hidden}",
    ]
    assert samples(judged["reference[of→others.id]"]) == [f"{file}: id=2, of=9, size=500, {hidden}"]
    assert samples(judged["rule[small]"]) == [f"{file}: id=2, of=9, size=500, {hidden}"]


def test_nobody_sees_rows_who_has_not_asked_for_them(
    tmp_path: Path, judge: Callable[..., Mapping[str, Verdict]]
) -> None:
    write(tmp_path, "csv")
    judged = judge("table: t\nsource: {format: csv, location: t}" + FIELDS + RULES, OTHERS)
    broken = [judged["nulls[id]"], judged["unique[id]"], judged["rule[small]"]]
    assert [samples(verdict) for verdict in broken] == [[], [], []]


NESTED = pa.table(
    {
        "path": ["a.py", "b.py"],
        "refs": pa.array(
            [
                [{"id": 1, "size": 5, "owner": "ann"}, {"id": None, "size": 500, "owner": "bob"}],
                [{"id": 1, "size": 7, "owner": "cyd"}, None],
            ],
            pa.list_(pa.struct([("id", pa.int64()), ("size", pa.int64()), ("owner", pa.string())])),
        ),
    }
)


def nested(sensitive: str, view: str) -> str:
    mark = {name: ", sensitive: true" if name == sensitive else "" for name in ("path", "owner")}
    return f"""
table: files
source: {{format: parquet, location: files.parquet}}
fields:
  - {{name: path, type: string{mark["path"]}}}
  - name: refs
    type: list<struct>
    fields:
      - {{name: id, type: int64}}
      - {{name: size, type: int64}}
      - {{name: owner, type: string{mark["owner"]}}}
views:
  - {view}
"""


EXPLODED = "{name: t, explode: refs, keep: [path]}"
QUERIED = (
    "{name: t, sql: \"SELECT path, r['id'] AS id, r['size'] AS size "
    'FROM (SELECT path, unnest(refs) AS r FROM files)"}'
)
OF_VIEW = """
table: t
source: {format: view}
extra_fields: allow
field_order: any
fields:
  - {name: id, type: int64, nullable: false}
keys: [[id]]
rules:
  - {name: small, sql: size < 100}
nullability: values
"""


@pytest.mark.parametrize(
    ("sensitive", "view", "shown"),
    [
        ("", EXPLODED, {"path": "'a.py'", "id": "NULL", "size": "500", "owner": "'bob'"}),
        ("", QUERIED, {"path": "'a.py'", "id": "NULL", "size": "500"}),
        ("owner", EXPLODED, {"path": "'a.py'"}),
        ("path", EXPLODED, {}),
        ("owner", QUERIED, {}),
    ],
)
def test_a_view_shows_nothing_that_a_sensitive_field_may_have_been_made_into(
    tmp_path: Path,
    judge: Callable[..., Mapping[str, Verdict]],
    sensitive: str,
    view: str,
    shown: Mapping[str, str],
) -> None:
    pq.write_table(NESTED, tmp_path / "files.parquet")

    judged = judge(OF_VIEW, nested(sensitive, view), samples=1)

    (sample,) = samples(judged["rule[small]"])
    values = dict(each.split("=") for each in sample.split(", "))
    told = {name: value for name, value in values.items() if value != "<redacted>"}
    assert told == shown
    (null,) = samples(judged["nulls[id]"])
    assert [each.split("=")[0] for each in null.split(", ")] == list(values)
    assert len(samples(judged["unique[id]"])) == 1
