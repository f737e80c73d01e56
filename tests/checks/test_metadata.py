"""Does the table's schema have the promised metadata?"""

import pyarrow as pa
import pytest
from support.answers import Answered, checks_of

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Kept, Undecided, Verdict
from cst_contracts.facts import Basis, CouldNotLook, TableFacts
from cst_contracts.location import Location
from cst_contracts.needs import SchemaNeed

TEXT = """\
table: t
fields: [{name: a, type: int64}]
metadata: {schema_name: cst_refs, revision: "2"}
"""


def verdict(id_: str, metadata: dict[str, str] | dict[bytes, bytes] | None) -> Verdict:
    facts = TableFacts("t", "parquet", pa.schema([("a", pa.int64())], metadata))
    return checks_of(TEXT)[id_].judge(Answered({SchemaNeed("t"): facts}))


def test_a_pair_that_is_there_is_kept() -> None:
    there = {"schema_name": "cst_refs", "more": "fine"}
    assert verdict("metadata[schema_name]", there) == Kept(Basis.SCHEMA)


def test_bytes_that_are_no_text_spoil_no_pair_beside_them() -> None:
    stored = {b"\xff": b"x", b"schema_name": b"cst_refs", b"revision": b"\xff"}
    assert verdict("metadata[schema_name]", stored) == Kept(Basis.SCHEMA)
    broken = verdict("metadata[revision]", stored)
    assert isinstance(broken, Broken)
    assert broken.findings[0].observed == "revision = \ufffd"


@pytest.mark.parametrize(
    ("metadata", "observed", "hint"),
    [
        ({"revision": "3"}, "revision = 3", ""),
        ({"revsion": "2"}, "no revision", "did you mean `revsion`?"),
        (
            None,
            "no revision",
            "a session hides metadata unless datafusion.execution.parquet.skip_metadata is false",
        ),
    ],
)
def test_another_value_or_none_is_red_at_its_line(
    metadata: dict[str, str] | None, observed: str, hint: str
) -> None:
    broken = verdict("metadata[revision]", metadata)
    assert isinstance(broken, Broken)
    (finding,) = broken.findings
    assert (finding.code, finding.place) == (
        FindingCode.METADATA_MISMATCH,
        Location("contracts/t.yaml", 3, 35),
    )
    assert (finding.subject, finding.promised) == ("t", "revision = 2")
    assert (finding.observed, finding.hint) == (observed, hint)


def test_of_a_table_that_cannot_be_read_it_is_undecided() -> None:
    lost = Answered({SchemaNeed("t"): CouldNotLook("gone", "t")})
    assert isinstance(checks_of(TEXT)["metadata[revision]"].judge(lost), Undecided)
