"""Leaves out what cannot be had."""

import sys

collect_ignore: list[str] = []
if sys.platform == "win32":  # has no pseudo terminals, and no scripts that begin with `#!`
    collect_ignore += ["test_progress.py", "test_rehearse.py"]
