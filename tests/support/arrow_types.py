"""Every Arrow type, nested and oddly named, for tests that hold for all of them."""

import pyarrow as pa
from hypothesis import strategies as st

from cst_contracts.datatypes import parse_type

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
PLAIN_NAMES = ("a", "b", "c", "item", "element", "größe", "not null", "struct", "list")
ODD_NAMES = ("", " ", " a", "a b", "a:b", 'say "x"', "it's", "list<int8>", ">", "a.b", "a[]", "{}")
NAMES = st.sampled_from((*PLAIN_NAMES, *ODD_NAMES, "\\", "\n", "\u2028", "x=1")) | TEXT
METADATA = st.none() | st.dictionaries(TEXT, TEXT, max_size=2)
UNITS = st.sampled_from(["s", "ms", "us", "ns"])
PLAIN_TYPES = (
    *(pa.null(), pa.bool_(), pa.int8(), pa.int64(), pa.uint16(), pa.float16(), pa.float64()),
    *(pa.string(), pa.large_string(), pa.string_view(), pa.date32(), pa.date64()),
    *(pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(4), pa.time32("ms")),
    *(pa.time64("ns"), pa.month_day_nano_interval(), parse_type("month_interval")),
)
LEAVES = st.one_of(
    st.sampled_from(PLAIN_TYPES),
    st.builds(pa.timestamp, UNITS, st.sampled_from([None, "UTC", "+02:00", "Europe/Zurich"])),
    st.builds(pa.duration, UNITS),
    st.builds(pa.decimal128, st.integers(1, 38), st.integers(-5, 5)),
    st.builds(pa.decimal256, st.integers(1, 76), st.integers(-5, 5)),
)
NESTED = ("struct", "struct", "list", "fixed_size_list", "map", "dictionary", "run_ends", "union")
LISTS = st.sampled_from([pa.list_, pa.large_list, pa.list_view, pa.large_list_view])


@st.composite
def fields(draw: st.DrawFn, depth: int, name: str | None = None) -> pa.Field:
    """A field whose type is nested to the depth at most."""
    chosen = draw(NAMES) if name is None else name
    type_ = draw(types(depth))
    field = pa.field(chosen, type_, metadata=draw(METADATA))
    return field.with_nullable(nullable=draw(st.booleans()))


@st.composite
def distinct_fields(draw: st.DrawFn, depth: int, least: int = 0) -> list[pa.Field]:
    names = draw(st.lists(NAMES, min_size=least, max_size=3, unique=True))
    return [draw(fields(depth, name)) for name in names]


@st.composite
def types(draw: st.DrawFn, depth: int) -> pa.DataType:
    """Any type nested to the depth at most."""
    if depth == 0:
        return draw(LEAVES)
    below = depth - 1
    match draw(st.sampled_from(("leaf", *NESTED))):
        case "struct":
            return pa.struct(draw(distinct_fields(below)))
        case "list":
            return draw(LISTS)(draw(fields(below)))
        case "fixed_size_list":
            return pa.list_(draw(fields(below)), draw(st.integers(0, 9)))
        case "map":
            key = draw(fields(below) | fields(0, "key")).with_nullable(nullable=False)
            value = draw(fields(below) | fields(below, "value"))
            return pa.map_(key, value, keys_sorted=draw(st.booleans()))
        case "dictionary":
            return pa.dictionary(pa.int8(), draw(types(below)), ordered=draw(st.booleans()))
        case "run_ends":
            return pa.run_end_encoded(pa.int16(), draw(types(below)))
        case "union":
            children = draw(distinct_fields(below))
            codes = draw(st.permutations(range(len(children))))
            return pa.union(children, draw(st.sampled_from(["dense", "sparse"])), codes)
        case _:
            return draw(LEAVES)


TYPES = types(4)
STRUCTS = distinct_fields(3, least=2).map(pa.struct)
