"""The names of the relations that nobody defines: what the session tells of all the others' schemas."""

ALL_DIAGNOSTICS = "cst_schema_diagnostics"
_SUFFIX = "_schema_diagnostics"


def diagnostics_of(table: str) -> str:
    """`t_schema_diagnostics` for `t`, in the schema of `t`."""
    return f"{table}{_SUFFIX}"


def diagnosed(name: str) -> str | None:
    """The relation that a name would be the diagnostics of."""
    return name.removesuffix(_SUFFIX) if name.endswith(_SUFFIX) else None
