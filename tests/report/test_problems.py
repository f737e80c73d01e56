"""Problems of contract files, for editors, programs and GitHub."""

from cst_contracts.errors import Problem
from cst_contracts.location import Location
from cst_contracts.report.problems import problem_annotations, problem_lines, problems_json

PROBLEM = Problem(Location("c/t.yaml", 3, 5), "unknown key `nulable`", "did you mean `nullable`?")


def test_a_line_begins_with_the_place() -> None:
    assert list(problem_lines([PROBLEM])) == [
        "c/t.yaml:3:5: unknown key `nulable`; did you mean `nullable`?"
    ]


def test_json_has_every_part_and_the_count_of_files() -> None:
    assert problems_json([PROBLEM], files=7) == {
        "files": 7,
        "problems": [
            {
                "file": "c/t.yaml",
                "line": 3,
                "column": 5,
                "what": "unknown key `nulable`",
                "instead": "did you mean `nullable`?",
            }
        ],
    }


def test_an_annotation_stands_at_the_place() -> None:
    assert list(problem_annotations([PROBLEM])) == [
        "::error file=c/t.yaml,line=3,col=5,title=ill-formed contract"
        "::unknown key `nulable`; did you mean `nullable`?"
    ]
