"""The formats in which a run is reported: one pure function each, offered by every door."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from cst_contracts.report.manifest import manifest_text
from cst_contracts.report.manifest_file import Manifest
from cst_contracts.report.markdown import markdown
from cst_contracts.report.promise_lines import promise_annotations

Report: TypeAlias = Callable[[Manifest], str]


def github(manifest: Manifest) -> str:
    """Annotations of a GitHub workflow, a line each."""
    return "".join(f"{line}\n" for line in promise_annotations(manifest.promises))


#: By the name under which `--report NAME=FILE` knows each.
REPORTS: Mapping[str, Report] = {
    "github": github,
    "json": manifest_text,
    "markdown": markdown,
}
