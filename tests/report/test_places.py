"""Places of one machine, taken out of texts."""

import pytest

from cst_contracts.report.places import Places

PLACES = Places.of(["/home/me/project", "/home/me/project/lake/", "s3://bucket/lake", ""])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("at file:///home/me/project/lake/t.parquet", "at t.parquet"),
        ("at /home/me/project/contracts/t.yaml.", "at contracts/t.yaml."),
        ("in /home/me/project", "in ."),
        ("in /home/me/project/, twice: /home/me/project/lake", "in ., twice: ."),
        ("s3://bucket/lake/t and s3://bucket/lakes", "t and s3://bucket/lakes"),
        ("/home/me/project-2/t", "/home/me/project-2/t"),
        ("/home/me/project.old", "/home/me/project.old"),
        ("Nothing in /home/me/project.", "Nothing in .."),
        ("/backup/home/me/project/t", "/backup/home/me/project/t"),
        ("lost: /home/me/project/lake/p=1/a b.parquet", "lost: p=1/a b.parquet"),
        ("7 nulls among 9", "7 nulls among 9"),
        ("", ""),
    ],
)
def test_what_lies_below_a_root_is_named_from_there(text: str, told: str) -> None:
    assert PLACES.relative(text) == told


def test_without_roots_texts_stay() -> None:
    assert Places().relative("/home/me/project/t") == "/home/me/project/t"
