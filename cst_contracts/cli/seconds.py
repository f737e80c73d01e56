"""Bounds of time that several commands take."""

import click

query_seconds_option = click.option(
    "--query-seconds",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Time that each query of the engine may take; what takes longer is undecided "
    "(default: no bound).",
)
