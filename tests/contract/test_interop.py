"""Libraries as a contract names them, and what of that is refused."""

import pytest

from cst_contracts.contract.model import Library, TableContract
from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract

TEXT = """\
table: t
interop: %s
fields: [{name: a, type: int64}]
"""


def test_each_library_is_a_promise_at_its_own_place() -> None:
    contract = parse_contract((TEXT % "[polars, duckdb]").encode(), "c.yaml")
    assert isinstance(contract, TableContract)
    assert [each.name for each in contract.interop] == [Library.POLARS, Library.DUCKDB]
    assert [str(each.place) for each in contract.interop] == ["c.yaml:2:11", "c.yaml:2:19"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[polers]", "2:11: a library is `polers`; did you mean `polars`?"),
        ("[polars, polars]", "2:19: library `polars` is written twice"),
        (
            "[pandas]\nsource: {format: csv, location: t, unbounded: true}",
            "2:11: the rows of an unbounded table come once",
        ),
    ],
)
def test_what_names_no_library_or_no_rows_is_refused(written: str, told: str) -> None:
    with pytest.raises(InvalidContract) as refused:
        parse_contract((TEXT % written).encode(), "c.yaml")
    assert told in str(refused.value)
