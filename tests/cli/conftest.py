"""Leaves out what cannot be had."""

import sys

from cst_contracts.gate.result import RunResult

collect_ignore = []
if not hasattr(RunResult, "manifest_json"):
    collect_ignore.append("test_check_lake.py")
if sys.platform == "win32":  # has no pseudo terminals
    collect_ignore.append("test_progress.py")
