"""Annotations of a GitHub workflow."""

from cst_contracts.location import Location
from cst_contracts.report.annotations import Level, annotation


def test_what_would_end_a_command_early_is_escaped() -> None:
    place = Location("a,b:c%.yaml", 1, 2)

    told = annotation(Level.WARNING, place, "rule[a, b]", "100 % is:\nmore, or\r\nless")

    assert told == (
        "::warning file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=rule[a%2C b]"
        "::100 %25 is:%0Amore, or%0D%0Aless"
    )
