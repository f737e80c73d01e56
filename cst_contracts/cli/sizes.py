"""Sizes of memory as people write them, as a type of options."""

from typing import Any

import click

from cst_contracts.gate.memory import parse_size
from cst_contracts.gate.project import LEAST_MEMORY


class Memory(click.ParamType[int]):
    """Bytes, enough of them to read a table; `512MB` and `4GB` are sizes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        size = parse_size(str(value))
        if size is None:
            wanted = "write a whole number and a unit, as in 512MB or 4GB"
            self.fail(f"{value!r} is no size; {wanted}", param, ctx)
        if size < LEAST_MEMORY:
            self.fail(f"{value} is too little to read a table; take 64MB at least", param, ctx)
        return size


memory_option = click.option(
    "--memory",
    type=Memory(),
    metavar="SIZE",
    help="Memory that measuring may take before it spills to disk, such as 512MB "
    "(default: a quarter of the machine's).",
)
