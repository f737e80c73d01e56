"""Names the diagnostics views, which the session generates to describe the schemas of all other relations."""

ALL_DIAGNOSTICS = "cst_schema_diagnostics"
_SUFFIX = "_schema_diagnostics"


def diagnostics_of(table: str) -> str:
    """The name of a table's diagnostics view: `s.t_schema_diagnostics` for `s.t`."""
    return f"{table}{_SUFFIX}"


def diagnosed(name: str) -> str | None:
    """The relation that a view of this name would describe; None if the name is no diagnostics view's."""
    return name.removesuffix(_SUFFIX) if name.endswith(_SUFFIX) else None
