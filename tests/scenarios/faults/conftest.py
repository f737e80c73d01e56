"""A small lake of real LibCST tables, and this repository's own contracts, to do harm to."""

from support.cst_lake import clean_lake, contracts, lake, rewrite

__all__ = ["clean_lake", "contracts", "lake", "rewrite"]
