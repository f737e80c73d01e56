"""The tables that are measured: the same rows for the same name, on every machine."""
