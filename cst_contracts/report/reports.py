"""The formats in which a run is reported: one pure function each, offered by every door."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.errors import CstContractsError
from cst_contracts.report.gitlab import gitlab
from cst_contracts.report.html.page import page
from cst_contracts.report.manifest import manifest_text
from cst_contracts.report.manifest_file import Manifest
from cst_contracts.report.markdown import markdown
from cst_contracts.report.openlineage import openlineage
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
    "html": page,
    "json": manifest_text,
    "markdown": markdown,
    "openlineage": openlineage,
    "sarif": sarif,
}


#: By name, those that also say what moved since earlier runs.
SINCE: Mapping[str, Callable[[Manifest, Sequence[Manifest]], str]] = {
    "html": page,
    "markdown": markdown,
}

#: By name, the package that a report needs beyond the core, and the extra that brings it.
EXTRAS: Mapping[str, tuple[str, str]] = {"html": ("jinja2", "html")}


class WantedReport(Struct, frozen=True):
    """A report that somebody asks for: one of REPORTS by its name, and the file that it is written to."""

    name: str
    file: str

    def text(self, manifest: Manifest, earlier: Sequence[Manifest] = ()) -> str:
        """`earlier` are manifests of runs before, of which some reports say what moved since."""
        return report_text(self.name, manifest, earlier)


def report_text(name: str, manifest: Manifest, earlier: Sequence[Manifest] = ()) -> str:
    """Raises CstContractsError for a name that no report has, and where its extra is not installed."""
    if refusal := _refusal(name):
        raise CstContractsError(refusal)
    return SINCE[name](manifest, earlier) if name in SINCE else REPORTS[name](manifest)


def wanted_report(text: str) -> WantedReport:
    """Of `NAME=FILE`. Raises ValueError for another text, for a name that no report has, and where the
    extra is not installed that it needs: before a run, and not after it."""
    name, sign, file = text.partition("=")
    if not (sign and file):
        names = ", ".join(REPORTS)
        raise ValueError(f"{text!r} names no file; write NAME=FILE, where NAME is one of {names}")
    if refusal := _refusal(name):
        raise ValueError(refusal)
    return WantedReport(name, file)


def _refusal(name: str) -> str | None:
    if name not in REPORTS:
        return f"there is no report {name!r}; there are {', '.join(REPORTS)}"
    package, extra = EXTRAS.get(name, ("", ""))
    if package and find_spec(package) is None:
        return f"the report {name} needs {package}: pip install 'cst-contracts[{extra}]'"
    return None
