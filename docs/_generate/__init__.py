"""A Sphinx extension that writes the parts of the reference that the sources already say.

A page asks for a part with `<!-- generated: NAME -->`; `PARTS` has the names. What the grammar, the finding
codes or the options say is thus never said twice.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sphinx.application import Sphinx

from _generate.changes import changes_markdown
from _generate.clauses import clauses_markdown
from _generate.commands import commands_markdown, exit_codes_markdown
from _generate.explanations import EXPLAINED
from _generate.manifest import manifest_markdown
from _generate.options import options_markdown
from _generate.presets import presets_markdown
from _generate.types import tolerances_markdown, types_markdown

PARTS: Mapping[str, Callable[[], str]] = {
    "changes": changes_markdown,
    "clauses": clauses_markdown,
    "commands": commands_markdown,
    "exit-codes": exit_codes_markdown,
    "manifest": manifest_markdown,
    "options": options_markdown,
    "presets": presets_markdown,
    "tolerances": tolerances_markdown,
    "types": types_markdown,
    **EXPLAINED,
}
_ASKED = re.compile(r"^<!-- generated: (\S+) -->$", re.MULTILINE)


def with_parts(page: str) -> str:
    """A page with the parts that it asks for. Raises KeyError for a part that does not exist."""
    return _ASKED.sub(lambda asked: PARTS[asked.group(1)](), page)


def _fill_in(_app: Sphinx, _docname: str, source: list[str]) -> None:
    source[0] = with_parts(source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _fill_in)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
