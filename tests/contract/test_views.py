import pytest

from cst_contracts.contract import model
from cst_contracts.contract.model import TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract


def _text(*views: str, source: str = "") -> str:
    """Each view is on a line of its own, from line 8 on, its brace in column 5."""
    head = (
        f"table: t\nsource: {source or '{format: catalog, partitioned_by: [r]}'}\nfields:\n"
        '  - {name: a, type: int8}\n  - {name: m, type: "map<string, date32>"}\n'
        "  - {name: l, type: list<struct>, fields: [{name: x, type: int8}]}\nviews:\n"
    )
    return head + "".join(f"  - {{{view}}}\n" for view in views)


def _views(*views: str, source: str = "") -> tuple[model.ViewContract, ...]:
    contract = parse_contract(_text(*views, source=source).encode(), "c.yaml")
    assert isinstance(contract, TableContract)
    return contract.views


def _problems(*views: str, source: str = "") -> list[str]:
    with pytest.raises(InvalidContract) as refusal:
        _views(*views, source=source)
    return [str(problem) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("view", "definition"),
    [
        ("expand: m", model.Expand("m")),
        ("extract: {m: k}", model.Extract((("m", "k"),))),
        ("extract: {m: [k, j]}", model.Extract((("m", "k"), ("m", "j")))),
        ("pack: {s: [a, r]}", model.Pack("s", ("a", "r"))),
        ("explode: l", model.Explode("l")),
        ("sql: SELECT 1", model.Sql("SELECT 1")),
        ("flatten: s, of: elsewhere", model.Flatten("s")),
    ],
)
def test_a_view_has_one_definition(view: str, definition: model.ViewDefinition) -> None:
    assert _views(f"name: v, {view}")[0].definition == definition


def test_the_columns_of_another_files_relation_are_not_judged() -> None:
    (view,) = _views("name: v, expand: no_such, of: elsewhere, keep: [nor_this]")
    assert (view.of, view.keep) == ("elsewhere", ("nor_this",))


@pytest.mark.parametrize(
    ("views", "columns"),
    [
        ("name: w, pack: {s: [a, m]}, keep: [l]", "s, l"),
        ("name: w, extract: {m: [k, j]}, keep: [a]", "k, j, a"),
        ("name: w, explode: l, keep: [a]", "x, a"),
        ("name: w, sql: SELECT 1, fields: [{name: q, type: int8}]", "q"),
        ("name: w, expand: m, fields: [{name: attr_key, type: string}]", "attr_key"),
    ],
)
def test_a_view_of_a_view_may_read_the_columns_that_it_makes_and_keeps(
    views: str, columns: str
) -> None:
    reader = f"name: v, of: w, pack: {{packed: [{columns}]}}"
    assert [view.name for view in _views(reader, views)] == ["v", "w"]
    names = columns.replace(", ", "` and `") if columns.count(",") == 1 else ""
    (problem,) = _problems("name: v, of: w, pack: {packed: [zz]}", views)
    assert problem.startswith("c.yaml:8:38: `zz` is no promised field of `w`; promised are ")
    assert names in problem


def test_a_packed_struct_can_be_flattened() -> None:
    _, flat, repacked = _views(
        "name: w, pack: {s: [a, m]}",
        "name: x, flatten: s, of: w",
        "name: z, pack: {z: [a]}, of: x",
    )
    assert (flat.definition, repacked.of) == (model.Flatten("s"), "x")


@pytest.mark.parametrize("source", ["", "{format: view}"])
def test_a_table_may_be_one_of_its_own_views(source: str) -> None:
    text = _text("name: t, explode: l, of: elsewhere", source="{format: view}")
    if not source:
        text = text.replace("source: {format: view}\n", "")
    contract = parse_contract(text.encode(), "c.yaml")
    assert isinstance(contract, TableContract)
    assert contract.views[0].name == contract.name


@pytest.mark.parametrize(
    ("view", "problem"),
    [
        (
            "name: v",
            "5: this view says none of `expand`, `extract`, `pack`, `flatten`, `explode` and "
            "`sql`; add one of them",
        ),
        (
            "name: v, expand: m, explode: l",
            "26: `explode` beside `expand`; keep one of `expand`, `extract`, `pack`, `flatten`, "
            "`explode` or `sql`",
        ),
        ("name: v, sql: ''", "20: `sql` is empty text; write SQL text"),
        (
            "name: v, sql: SELECT 1, keep: [a]",
            "30: `keep` beside `sql`; select the columns in the query instead",
        ),
        ("name: v, expand: a", "23: `a` is `int8`, not a map; name a column that is a map"),
        (
            "name: v, explode: m",
            "24: `m` is `map<string, date32[day]>`, not a list of structs; "
            "name a column that is a list of structs",
        ),
        (
            "name: v, flatten: l",
            "24: `l` is `list<item: struct<x: int8>>`, not a struct; "
            "name a column that is a struct",
        ),
        (
            "name: v, extract: {a: k}",
            "25: `a` is `int8`, not a map; name a column that is a map",
        ),
        (
            "name: v, expand: zz",
            "23: `zz` is no promised field of `t`; promised are `a`, `m`, `l` and `r`",
        ),
        (
            "name: v, pack: {s: [a, zz]}",
            "29: `zz` is no promised field of `t`; promised are `a`, `m`, `l` and `r`",
        ),
        (
            "name: v, expand: m, keep: [aa]",
            "33: `aa` is no promised field of `t`; did you mean `a`?",
        ),
        (
            "name: v, expand: m, keep: [a, a]",
            "36: column `a` is written twice; rename or remove one, the first is on line 8",
        ),
        (
            "name: v, pack: {s: [a, a]}",
            "29: column `a` is written twice; rename or remove one, the first is on line 8",
        ),
        (
            "name: v, extract: {m: [k, k]}",
            "32: column `k` is written twice; rename or remove one, the first is on line 8",
        ),
        ("name: v, extract: {}", "24: `extract` is an empty mapping; write at least 1"),
        ("name: v, extract: m", "24: `extract` is `m`; write a mapping"),
        (
            "name: v, extract: {m: {k: v}}",
            "28: `m` is a mapping; write a map key, or a list of map keys",
        ),
        ("name: v, pack: {s: [a], z: [m]}", "21: `pack` has 2 keys; write exactly 1"),
        ("name: v, pack: {s: []}", "25: `s` is an empty list; write a field name in it"),
        (
            "name: v, pack: {a: [m]}, keep: [a]",
            "5: view `v` makes a column `a` and keeps one too; leave one of the two out",
        ),
        ("name: t, expand: m", "12: view `t` has the name of the stored table; rename the view"),
        ("name: v, expand: m, of: v", "5: view `v` reads itself; name another relation under `of`"),
        (
            "name: v, sql: SELECT 1, fields: [{name: a, type: int46}]",
            "55: `int46` is no Arrow type; write `int64`",
        ),
    ],
)
def test_a_view_that_cannot_be_is_told(view: str, problem: str) -> None:
    assert f"c.yaml:8:{problem}" in _problems(view)


def test_two_views_cannot_have_one_name() -> None:
    assert _problems("name: v, expand: m", "name: v, explode: l") == [
        "c.yaml:9:12: view `v` is written twice; rename or remove one, the first is on line 8"
    ]


def test_views_cannot_read_each_other_in_a_circle() -> None:
    assert _problems(
        "name: hanger_on, expand: m, of: v",
        "name: v, expand: m, of: w",
        "name: w, expand: m, of: v",
    ) == ["c.yaml:9:5: views `v` and `w` read each other; name another relation under `of`"]


def test_a_query_may_read_the_relation_that_it_defines_the_contract_for() -> None:
    (view,) = _views("name: t, sql: SELECT 1", source="{format: view}")
    assert view.definition == model.Sql("SELECT 1")


def test_a_field_whose_type_cannot_be_read_is_told_once() -> None:
    text = _text("name: v, expand: m, keep: [a]").replace(
        "type: int8}\n  - {name: m", "type: int46}\n  - {name: m"
    )
    with pytest.raises(InvalidContract) as refusal:
        parse_contract(text.encode(), "c.yaml")
    assert [str(problem) for problem in refusal.value.problems] == [
        "c.yaml:4:21: `int46` is no Arrow type; write `int64`"
    ]


def test_views_may_pack_each_other_without_end() -> None:
    chain = [f"name: v{n}, pack: {{a: [a]}}, of: v{n - 1}" for n in range(1, 500)]
    packed = _views("name: v0, pack: {a: [a]}", *chain, "name: w, expand: a, of: v499")
    assert len(packed) == 501
