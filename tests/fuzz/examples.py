"""Inputs that once broke a reader, found by fuzzing."""

from collections.abc import Mapping, Sequence

EXAMPLES: Mapping[str, Sequence[bytes]] = {
    "contract": (),
    "type": (),
    "plan": (
        b"",
        b"\n",
        b"DataSourceExec: x, constraints=[PrimaryKey([7])]",
        b"DataSourceExec: x, constraints=[Unique([, ])]",
        b"Filter: CAST(t.a AS Int64(1)L]unt(a)",
    ),
}
