"""A project that has tables and no contracts, and what `init` makes of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cst_contracts.api import check
from cst_contracts.gate.result import RunResult
from cst_contracts.proposals.finding import Found, stored_tables
from cst_contracts.proposals.tables import Proposed
from cst_contracts.proposals.writing import Asked, Started, start


class Starting:
    """`root` is the project's folder, and the working directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lake = root / "lake"

    def write(self, name: str, table: pa.Table | Mapping[str, Any], **options: Any) -> Path:
        """A Parquet file in the lake."""
        file = self.lake / name
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = table if isinstance(table, pa.Table) else pa.table(dict(table))
        pq.write_table(rows, file, **options)
        return file

    def found(self) -> Found:
        return stored_tables((), str(self.lake))

    def start(
        self,
        *wanted: Proposed,
        found: Found | None = None,
        session: object = None,
        update: bool = False,
        dry: bool = False,
    ) -> Started:
        asked = Asked(
            found=found or self.found(),
            root=self.root,
            folder=self.root / "contracts",
            wanted=frozenset(wanted),
            session=session,
            update=update,
            dry=dry,
        )
        return start(asked)

    def contract(self, name: str, text: str) -> Path:
        """A contract that somebody has written."""
        file = self.root / "contracts" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text.encode())
        return file

    def text(self, name: str) -> str:
        """Of a contract file, without its first line, which is the same in all."""
        text = (self.root / "contracts" / f"{name}.yaml").read_text(encoding="utf-8")
        return text.partition("\n")[2]

    def checked(self, session: Any = None) -> RunResult:
        lake = None if session is not None else self.lake
        return check("contracts", lake=lake, session=session)


def red(result: RunResult) -> list[tuple[str, str, str | None]]:
    """What makes a run red: nothing where all that was written is kept."""
    return [(each.subject, each.check, each.observed) for each in result.promises if each.failed]
