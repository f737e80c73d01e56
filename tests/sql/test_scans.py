"""Which fields do the scans of a plan read, as far as its text tells?"""

import pyarrow as pa
import pytest

from cst_contracts.sql.scans import fields_read

SCHEMAS = {
    "t": pa.schema(
        {
            "a": pa.int64(),
            "a b": pa.int64(),
            "s": pa.struct({"x": pa.int64(), "y": pa.struct({"z": pa.int64()})}),
            "m": pa.map_(pa.string(), pa.string()),
        }
    ),
    "lake.u": pa.schema({"a": pa.int64(), "b": pa.int64()}),
}
PLANS = {
    "nothing": ("Aggregate: count(*)\n  TableScan: t projection=[]", []),
    "everything": ("TableScan: lake.u", ["lake.u:a", "lake.u:b"]),
    "some": ("TableScan: t projection=[a b, m]", ["t:a b", "t:m"]),
    "several": (
        "Join:\n  TableScan: t projection=[a]\n  TableScan: lake.u projection=[b], fetch=3",
        ["t:a", "lake.u:b"],
    ),
    "a filter's own": (
        "TableScan: lake.u projection=[a], full_filters=[lake.u.b = Int64(1)]",
        ["lake.u:a", "lake.u:b"],
    ),
    "no relation": ("TableScan: range() projection=[value]", []),
    "a node": (
        'Projection: get_field(t.s, Utf8("x")) AS e\n  TableScan: t projection=[s]',
        ["t:s.x"],
    ),
    "a deep node, and a filter of another": (
        'Projection: get_field(t.s, Utf8("y"), Utf8("z")), t.a\n  TableScan: t projection=[a, s], '
        'partial_filters=[get_field(t.s, Utf8("x")) > Int64(1)]',
        ["t:a", "t:s.y.z", "t:s.x"],
    ),
    "a node beside the whole": (
        'Projection: get_field(t.s, Utf8("x")), t.s\n  TableScan: t projection=[s]',
        ["t:s"],
    ),
    "a whole struct": ("Projection: t.a\n  TableScan: t projection=[a, s]", ["t:a", "t:s"]),
    "a struct with no projection above": (
        'Filter: get_field(t.s, Utf8("x")) > $p\n  TableScan: t projection=[s]',
        ["t:s"],
    ),
    "a map's key": (
        'Projection: get_field(t.m, Utf8("k"))\n  TableScan: t projection=[m]',
        ["t:m"],
    ),
    "text": (
        'Filter: t.a = Utf8("\n  TableScan: lake.u") OR t.a IN ([Utf8("x"), Utf8("t.s\n  TableScan: t")])\n'
        "  TableScan: t projection=[a]",
        ["t:a"],
    ),
    "a subquery": (
        "Filter: t.a > (<subquery>)\n  Subquery:\n    TableScan: lake.u projection=[b]\n"
        "  TableScan: t projection=[a]",
        ["lake.u:b", "t:a"],
    ),
}


@pytest.mark.parametrize("which", PLANS)
def test_what_a_plan_s_scans_read(which: str) -> None:
    plan, expected = PLANS[which]
    found = fields_read(plan, SCHEMAS.get)
    assert [f"{each.relation}:{each.path}" for each in found] == expected
