"""The formats in which a run is reported: one pure function each, offered by every door."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.errors import CstContractsError
from cst_contracts.report.gitlab import gitlab
from cst_contracts.report.manifest import manifest_text
from cst_contracts.report.manifest_file import Manifest
from cst_contracts.report.markdown import markdown
from cst_contracts.report.promise_lines import promise_annotations
from cst_contracts.report.sarif import sarif

Report: TypeAlias = Callable[[Manifest], str]


def github(manifest: Manifest) -> str:
    """Annotations of a GitHub workflow, a line each."""
    return "".join(f"{line}\n" for line in promise_annotations(manifest.promises))


#: By the name under which `--report NAME=FILE` knows each.
REPORTS: Mapping[str, Report] = {
    "github": github,
    "gitlab": gitlab,
    "json": manifest_text,
    "markdown": markdown,
    "sarif": sarif,
}


class WantedReport(Struct, frozen=True):
    """A report that somebody asks for: one of REPORTS by its name, and the file that it is written to."""

    name: str
    file: str

    def text(self, manifest: Manifest) -> str:
        return REPORTS[self.name](manifest)


def report_text(name: str, manifest: Manifest) -> str:
    """Raises CstContractsError for a name that no report has."""
    if name not in REPORTS:
        raise CstContractsError(f"there is no report {name!r}; there are {', '.join(REPORTS)}")
    return REPORTS[name](manifest)


def wanted_report(text: str) -> WantedReport:
    """Of `NAME=FILE`. Raises ValueError for another text and for a name that no report has."""
    name, sign, file = text.partition("=")
    names = ", ".join(REPORTS)
    if not (sign and file):
        raise ValueError(f"{text!r} names no file; write NAME=FILE, where NAME is one of {names}")
    if name not in REPORTS:
        raise ValueError(f"there is no report {name!r}; there are {names}")
    return WantedReport(name, file)
