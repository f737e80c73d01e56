"""What no scan of data files can tell is asked of the session."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from datafusion import SessionContext
from support.observing import MEMORY, answered, observer_over, refused, registry_of

from cst_contracts.contract.model import SourceFormat, TextOptions
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.facts import Basis, Misplaced, RowOrder, SortTerm
from cst_contracts.needs import OrderNeed

Build = Callable[..., DataFusionObserver]


def write(folder: Path, name: str, *rows: dict[str, Any]) -> None:
    file = folder / "t" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def order(*fields: str) -> OrderNeed:
    return OrderNeed("t", tuple(map(SortTerm, fields)))


def test_the_order_of_a_table_whose_files_nobody_knows_cannot_be_told() -> None:
    session = SessionContext()
    session.sql("CREATE TABLE t AS SELECT 1 AS a")
    live = observer_over(registry_of(Relations({}, {}, {}), None, session))
    error = refused(live, order("a"))
    assert error.relation == "t"
    assert error.reason == "order is a property of files, and nobody knows those of this table"


def test_a_table_that_is_ordered_by_its_folders_alone_is_in_order(
    tmp_path: Path, observer: Build
) -> None:
    write(tmp_path, "k=2/f.json", {"a": 2}, {"a": 1})
    write(tmp_path, "k=1/f.json", {"a": 3})
    live = observer("t", SourceFormat.JSON)
    assert answered(live, order("k")) == RowOrder(3, 0, basis=Basis.SCHEMA)


def test_each_file_of_text_has_an_order_of_its_own(tmp_path: Path, observer: Build) -> None:
    write(tmp_path, "k=2/f.json", {"a": 2}, {"a": 1})
    write(tmp_path, "k=1/g.json", {"a": 3}, {"a": 3})
    found = answered(observer("t", SourceFormat.JSON), order("k", "a"))
    assert (found.rows, found.violations, found.basis) == (4, 1, Basis.SCAN)
    (example,) = found.examples
    assert (example.file, example.row, example.first, example.second) == ("f.json", 1, "(2)", "(1)")


def test_text_is_read_in_its_own_dialect(tmp_path: Path, observer: Build) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "f.csv").write_text("a;b\n1;x\n3;y\n2;x\n")
    options = TextOptions(delimiter=";")
    found = answered(observer("t", SourceFormat.CSV, options=options), order("a", "b"))
    example = Misplaced("f.csv", 2, "(3, y)", "(2, x)")
    assert found == RowOrder(3, 1, (example,))


def test_an_order_by_what_text_does_not_have_is_told(tmp_path: Path, observer: Build) -> None:
    write(tmp_path, "f.json", {"a": 1})
    error = refused(observer("t", SourceFormat.JSON), order("a", "z"))
    assert (error.relation, error.location) == ("t", f"{tmp_path.as_uri()}/t/")
    assert "z" in error.reason


def test_rows_of_text_that_are_read_are_told_to_whoever_watches(
    tmp_path: Path, observer: Build
) -> None:
    write(tmp_path, "f.json", {"a": 1}, {"a": 2})
    write(tmp_path, "g.json", {"a": 3})
    rows: list[int] = []

    class Recorder:
        def started(self, relation: str, bytes_total: int | None) -> None:
            assert (relation, bytes_total) == ("t", None)

        def advanced(self, bytes_read: int, number: int) -> None:
            assert bytes_read == 0
            rows.append(number)

        def finished(self, relation: str) -> None:
            assert relation == "t"

    how = MeasuringOptions(MEMORY, progress=Recorder())
    answered(observer("t", SourceFormat.JSON, how=how), order("a"))
    assert rows == [2, 1]
