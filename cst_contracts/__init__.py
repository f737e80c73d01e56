"""Schema contracts for LibCST tables, checked by pytest against a live DataFusion session.

Importing this package loads neither pyarrow, datafusion nor pytest: every pytest run of an
environment imports it, contracts or not.
"""

__version__ = "0.1.0"
