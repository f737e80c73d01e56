"""Python source → the CST tables, through LibCST's own metadata providers (extra `[extract]`).

A reference producer for tests, demos and benchmarks. What a span, a scope or a qualified name is,
LibCST says: nothing here gives these words a meaning of its own.
"""
