"""The schema of a contract as rows of a tree, each with the promises about it."""

from msgspec.structs import replace
from support.pages import DEEP, faulty_run, found
from support.promises import promise

from cst_contracts.checks.codes import FindingCode
from cst_contracts.report.html.tree import Tree, tree
from cst_contracts.report.manifest_file import FieldEntry, PromiseRecord

FILE = "contracts/t.yaml"


def fields(**types: str) -> list[FieldEntry]:
    return [
        FieldEntry(path=path, type=text, nullable=True, metadata={}) for path, text in types.items()
    ]


def shown(made: Tree) -> list[tuple[int, str, str]]:
    """Depth, name and type of each row."""
    depths: list[int] = []
    for node in made.nodes:
        depths.append(0 if node.parent < 0 else depths[node.parent] + 1)
    return [(depth, node.name, node.type) for depth, node in zip(depths, made.nodes, strict=True)]


def about(check: str, path: str | None = None) -> PromiseRecord:
    return replace(promise(FILE, "t", check), field=path)


def test_a_list_and_its_element_share_a_row_and_branches_say_only_what_they_are() -> None:
    run = faulty_run()
    made = tree(run.tables[0].fields, [each for each in run.promises if each.subject == "files"])
    assert shown(made) == [
        (0, "file_id", "string"),
        (0, "defs[]", "list<struct>"),
        (1, "params[]", "list<struct>"),
        (2, "span", "struct"),
        (3, "byte_start", "int32"),
        (2, "default_text", "string"),
        (0, "extracted_by", "string"),
    ]
    assert [node.there for node in made.nodes] == [True] * 5 + [False, True]


def test_a_list_of_scalars_keeps_its_type_and_a_map_has_keys_and_values() -> None:
    made = tree(
        fields(
            **{
                "tags": "list<string>",
                "tags[]": "string",
                "attrs": "map<string, int64>",
                "attrs{}.key": "string",
                "attrs{}.value": "int64",
            }
        ),
        [],
    )
    assert shown(made) == [
        (0, "tags[]", "list<string>"),
        (0, "attrs", "map"),
        (1, "{}.key", "string"),
        (1, "{}.value", "int64"),
    ]


def test_names_with_dots_and_brackets_stay_whole() -> None:
    made = tree(fields(**{'"a.b[]"': "struct<c: int32>", '"a.b[]".c': "int32"}), [])
    assert shown(made) == [(0, '"a.b[]"', "struct"), (1, "c", "int32")]


def test_promises_stand_at_all_fields_that_they_are_about() -> None:
    made = tree(fields(a="int32", b="int32", c="int32"), [])

    def at(check: str, path: str | None = None) -> list[str]:
        return [made.nodes[number].path for number in made.number_of(about(check, path))]

    assert at("field[a]", "a") == ["a"]
    assert at("unique[a,b]") == ["a", "b"]
    assert at("reference[c→u.a]") == ["c"]
    assert at("partition[b]") == ["b"]
    assert at("rule[a]") == []
    assert at("rows") == []


def test_where_nobody_looked_the_promised_fields_stand_and_are_not_said_to_be_absent() -> None:
    missing = found(
        about("field[s.x]", "s.x"), FindingCode.FIELD_MISSING, "s.x: int32", "absent; there are a"
    )
    made = tree([], [about("field[s]", "s"), missing])
    assert shown(made) == [(0, "s", ""), (1, "x", "int32")]
    assert all(node.there for node in made.nodes)


def test_a_leaf_deep_in_lists_is_found_by_its_path() -> None:
    run = faulty_run()
    made = tree(run.tables[0].fields, [])
    assert made.nodes[made.numbers[DEEP]].name == "byte_start"
