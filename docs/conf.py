"""Builds the manual: `sphinx-build -W --keep-going -n docs PLACE`."""

import sys
from pathlib import Path

from cst_contracts import __version__

sys.path.insert(0, str(Path(__file__).parent))

project = "cst-contracts"
author = "The cst-contracts authors"
copyright = f"2026, {author}"  # noqa: A001 — the name that Sphinx reads
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "_generate",
]
exclude_patterns = ["_build", "_generate"]
root_doc = "index"
default_role = "code"  # docstrings mark code as Markdown does
nitpicky = True
nitpick_ignore_regex = [
    # Classes of other projects, whose manuals this one does not fetch.
    ("py:.*", r"(.*\.)?(Config|SessionContext)"),
    ("py:.*", r"(os|collections|datetime|pathlib|hypothesis|pyarrow)\..*"),
    # What results and contracts are made of: the manifest and the contract language describe it.
    ("py:.*", r"cst_contracts\.(contract|report|location)\..*"),
]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "description"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = f"cst-contracts {release}"
html_static_path: list[str] = []
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
