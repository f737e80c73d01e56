"""Leaves out what cannot be had."""

import sys

collect_ignore: list[str] = []
if sys.platform == "win32":  # has no pseudo terminals
    collect_ignore.append("test_progress.py")
