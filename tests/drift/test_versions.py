"""How far versions step, and how far they have to."""

import pytest

from cst_contracts.drift.versions import Step, step, stepped


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1.2.3", "2.0.0", Step.MAJOR),
        ("1.2.3", "1.3.0", Step.MINOR),
        ("1.2.3", "1.2.4", Step.PATCH),
        ("1.2.3", "1.2.3", Step.NONE),
        ("1.2.3", "1.2.3-rc.1", Step.NONE),
        ("1.2.3", "1.2.3+build.7", Step.NONE),
        ("1.2.3", "1.2.2", Step.LOWERED),
        ("2.0.0", "1.9.9", Step.LOWERED),
        ("1.9.0", "1.10.0", Step.MINOR),
        # Below 1.0.0, the minor version says what breaks.
        ("0.2.3", "0.3.0", Step.MAJOR),
        ("0.2.3", "0.2.4", Step.MINOR),
        ("0.2.3", "1.0.0", Step.MAJOR),
        (None, "1.0.0", Step.NONE),
        ("1.0.0", None, Step.NONE),
    ],
)
def test_a_step_is_as_far_as_the_first_number_that_differs(
    before: str | None, after: str | None, expected: Step
) -> None:
    assert step(before, after) is expected


@pytest.mark.parametrize("version", ["1.2.3", "0.2.3", "0.0.1", "2.0.0-rc.1"])
@pytest.mark.parametrize("wanted", [Step.MINOR, Step.MAJOR])
def test_the_version_that_is_told_is_the_step_that_is_wanted(version: str, wanted: Step) -> None:
    assert step(version, stepped(version, wanted)) is wanted
    assert str(wanted) == wanted.name.lower()


def test_patches_step_and_no_step_stays() -> None:
    assert stepped("1.2.3", Step.PATCH) == "1.2.4"
    assert stepped("1.2.3", Step.NONE) == "1.2.3"
