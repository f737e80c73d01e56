"""Reports that are asked for as NAME=FILE, as a type of options."""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cst_contracts.report.reports import WantedReport


class Wanted(click.ParamType["WantedReport"]):
    """One of the reports by its name, and the file that it is written to."""

    name = "report"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "WantedReport":
        from cst_contracts.report.reports import wanted_report

        try:
            return wanted_report(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
