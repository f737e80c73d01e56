"""An unbounded table is read once, portion by portion, and all that is asked of its rows is answered."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.observing import MEMORY, answered, observer_over, refused, registry_of

from cst_contracts.contract.model import (
    AggregateContract,
    ReferenceContract,
    RuleContract,
    SourceContract,
    SourceFormat,
    Within,
)
from cst_contracts.contract.relations import Relations
from cst_contracts.engine.formats.pipes import Limits
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.facts import (
    AggregateCount,
    CouldNotLook,
    KeyCount,
    NullCount,
    ReferenceCount,
    RowOrder,
    RuleCount,
    SortTerm,
    StreamFacts,
    Trouble,
    UnboundedFacts,
    ValueCount,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AggregateNeed,
    KeyNeed,
    NewestNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RuleNeed,
    StreamNeed,
    UnboundedNeed,
    ValuesNeed,
)

COUNT = AggregateContract("many", "count(*) > 1", Location("contracts/t.yaml", 1, 1))
AT = Location("contracts/t.yaml", 1, 1)
#: What is read at once: so many lines, of so many bytes each.
PORTION, WIDTH = 8192, 128
FIELDS = pa.schema([("n", pa.int64()), ("t", pa.string())])
STREAM = StreamNeed("t")


def rule(sql: str) -> RuleNeed:
    return RuleNeed("t", RuleContract(sql, sql, AT))


def write(folder: Path, rows: Iterable[dict[str, Any]]) -> None:
    lines = (json.dumps(row).ljust(WIDTH - 1) + "\n" for row in rows)
    (folder / "t.json").write_text("".join(lines))


def streaming(
    folder: Path, fields: pa.Schema = FIELDS, limits: Limits | None = None
) -> DataFusionObserver:
    """Over the unbounded table `t`, and the table `u` that ends."""
    sources = {
        "t": SourceContract(SourceFormat.JSON, AT, "t.json", unbounded=True),
        "u": SourceContract(SourceFormat.JSON, AT, "u.json"),
    }
    relations = Relations(sources, {}, {}, promised={"t": fields})
    how = MeasuringOptions(MEMORY, limits=Limits() if limits is None else limits)
    return observer_over(registry_of(relations, folder), how)


def portions(*values: object) -> list[dict[str, Any]]:
    """Of each value one portion of rows."""
    return [
        {"n": value, "t": str(number)}
        for number, value in enumerate(each for each in values for _ in range(PORTION))
    ]


def asked(live: DataFusionObserver, *needs: Any) -> DataFusionObserver:
    live.prepare([STREAM, *needs])
    return live


def test_the_portions_of_a_stream_add_up(tmp_path: Path) -> None:
    write(tmp_path, [*portions(1, 2), {"n": None, "t": "0"}, {"n": 1, "t": None}])
    (tmp_path / "u.json").write_text('{"n": 1}\n')
    needs: Sequence[Any] = (
        nulls := NullsNeed("t", "n"),
        key := KeyNeed("t", ("t",)),
        reference := ReferenceNeed("t", ReferenceContract(("n",), "u", ("n",), AT)),
        kept := rule("n > 0"),
        broken := rule("n < 2"),
        order := OrderNeed("t", (SortTerm("n"),)),
    )
    live = asked(streaming(tmp_path), *needs)
    rows = 2 * PORTION + 2
    assert answered(live, STREAM) == StreamFacts(rows, FIELDS)
    assert answered(live, nulls) == NullCount(rows, 1, rows=rows)
    assert answered(live, key) == KeyCount(rows - 1, 1, 1)
    assert answered(live, reference) == ReferenceCount(rows - 1, PORTION)
    assert answered(live, kept) == RuleCount(rows, 0)
    assert answered(live, broken) == RuleCount(rows, PORTION)
    found = answered(live, order)
    assert isinstance(found, RowOrder)
    assert (found.rows, found.violations) == (rows, 1)
    (example,) = found.examples
    assert (example.row, example.first, example.second) == (rows - 1, "(None)", "(1)")


def test_a_rule_that_fails_in_one_portion_fails_and_spoils_no_other(tmp_path: Path) -> None:
    write(tmp_path, portions(1, 0, 1))
    failing, kept = rule("1 / n > 0"), rule("n >= 0")
    live = asked(streaming(tmp_path), failing, kept)
    error = refused(live, failing)
    assert (error.relation, error.trouble) == ("t", Trouble.ENGINE)
    assert "__cst" not in error.sentence
    assert "Divide by zero" in error.reason
    assert answered(live, kept) == RuleCount(3 * PORTION, 0)


@pytest.mark.parametrize("other", [{"x": 1}, [1], "one"], ids=["object", "list", "text"])
def test_a_field_of_another_type_in_a_later_portion_ends_the_reading(
    tmp_path: Path, other: object
) -> None:
    """And nothing is said of that field; of the others what came until then."""
    write(tmp_path, portions(1, other, 1))
    about, key = rule("n > 0"), KeyNeed("t", ("t",))
    live = asked(streaming(tmp_path), NullsNeed("t", "n"), NullsNeed("t", "t"), about, key)
    facts = answered(live, STREAM)
    assert facts == StreamFacts(
        2 * PORTION,
        pa.schema([("n", pa.string()), ("t", pa.string())]),
        "the first 16,384 rows, as n is of another type in them",
    )
    nulls, ruled = refused(live, NullsNeed("t", "n")), refused(live, about)
    assert (nulls.relation, nulls.trouble) == ("t", Trouble.FIELD)
    assert (ruled.relation, ruled.trouble) == ("t", Trouble.RULE)
    assert answered(live, NullsNeed("t", "t")) == NullCount(facts.rows, 0, rows=facts.rows)
    assert answered(live, key) == KeyCount(facts.rows, 0, 0)


def test_a_field_that_no_row_has_is_told_for_each_promise_about_it(tmp_path: Path) -> None:
    write(tmp_path, [{"t": "a"}, {"t": "b"}])
    about, order = rule("n > 0"), OrderNeed("t", (SortTerm("n"),))
    values, newest = ValuesNeed("t", "n", Within("1")), NewestNeed("t", "n")
    live = asked(streaming(tmp_path), NullsNeed("t", "n"), about, order, values, newest)
    assert answered(live, STREAM) == StreamFacts(2, pa.schema([("t", pa.string())]))
    absent = CouldNotLook("it has no field n to count in", "t", trouble=Trouble.FIELD)
    assert refused(live, NullsNeed("t", "n")) == absent
    assert refused(live, about).trouble is Trouble.RULE
    untyped = CouldNotLook("no n of the promised type", "t")
    assert refused(live, order) == refused(live, values) == refused(live, newest) == untyped


def test_rules_are_asked_of_the_rows_before_another_type_and_of_those_with_it(
    tmp_path: Path,
) -> None:
    """Those that do not read it; what comes after proves nothing."""
    rows = [*portions(1, "one", 1)]
    rows[0]["t"] = rows[PORTION]["t"] = rows[2 * PORTION]["t"] = "x"
    write(tmp_path, rows)
    broken, known = rule("t <> 'x'"), rule("CASE WHEN t = '8193' THEN TRUE END")
    unknown, count = rule("nullif(t, t) = 'x'"), AggregateNeed("t", COUNT)
    live = asked(streaming(tmp_path), broken, known, unknown, count)
    assert answered(live, broken) == RuleCount(2 * PORTION, 2)
    assert answered(live, known) == RuleCount(2 * PORTION, 0)
    assert answered(live, unknown) == RuleCount(2 * PORTION, 0, known=False)
    assert answered(live, count) == AggregateCount(2 * PORTION, 1, 0, 0)


@pytest.mark.parametrize("lines", [3, PORTION + 1])
def test_of_csv_the_header_stands_above_each_portion(tmp_path: Path, lines: int) -> None:
    numbers = "".join(f"{number},a\n" for number in range(lines))
    (tmp_path / "t.csv").write_text(f"n,t\n{numbers}")
    source = SourceContract(SourceFormat.CSV, AT, "t.csv", unbounded=True)
    relations = Relations({"t": source}, {}, {}, promised={"t": FIELDS})
    live = observer_over(registry_of(relations, tmp_path))
    nulls, key, day = NullsNeed("t", "n"), KeyNeed("t", ("n",)), ValuesNeed("t", "n", Within("1"))
    asked(live, nulls, key, day)
    assert answered(live, STREAM) == StreamFacts(lines, FIELDS)
    assert answered(live, nulls) == NullCount(lines, 0, rows=lines)
    assert answered(live, key) == KeyCount(lines, 0, 0)
    assert answered(live, day) == ValueCount(lines, 1, (("0", 1),), 0, rows=lines)


def test_fields_of_several_portions_are_told_together(tmp_path: Path) -> None:
    first = [{"n": 1, "more": 1}] * PORTION
    write(tmp_path, [*first, {"t": "a", "more": 1.5}])
    live = asked(streaming(tmp_path), NullsNeed("t", "n"), NullsNeed("t", "t"))
    rows = PORTION + 1
    assert answered(live, STREAM) == StreamFacts(
        rows, pa.schema([("n", pa.int64()), ("more", pa.float64()), ("t", pa.string())])
    )
    assert answered(live, NullsNeed("t", "n")) == NullCount(rows, 1, rows=rows)
    assert answered(live, NullsNeed("t", "t")) == NullCount(rows, PORTION, rows=rows)


def test_a_limit_ends_the_reading(tmp_path: Path) -> None:
    write(tmp_path, portions(1))
    live = streaming(tmp_path, limits=Limits(rows=5))
    assert answered(live, STREAM) == StreamFacts(5, FIELDS, "the first 5 rows")
    none = streaming(tmp_path, limits=Limits(rows=0))
    assert refused(none, STREAM).reason == "no row came: the first 0 rows"


def test_a_stream_without_a_row_could_not_be_looked_at(tmp_path: Path) -> None:
    write(tmp_path, [])
    live = asked(streaming(tmp_path), NullsNeed("t", "n"))
    error = refused(live, STREAM)
    assert (error.relation, error.trouble) == ("t", Trouble.STREAM)
    assert error.reason == "no row came: it ended at once"
    assert refused(live, NullsNeed("t", "n")) is error


@pytest.mark.parametrize("other", [{"x": 1}, [1]], ids=["object", "list"])
def test_rows_of_one_portion_that_are_of_no_common_type_could_not_be_read(
    tmp_path: Path, other: object
) -> None:
    write(tmp_path, [{"n": 1, "t": "a"}, {"n": other, "t": "b"}])
    live = asked(streaming(tmp_path), rule("n > 0"))
    error = refused(live, STREAM)
    assert (error.relation, error.trouble) == ("t", Trouble.STREAM)
    assert "Json error" in error.reason
    assert refused(live, rule("n > 0")) is error


def test_rows_that_are_no_json_could_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text("no json\n")
    error = refused(streaming(tmp_path), STREAM)
    assert (error.relation, error.trouble) == ("t", Trouble.STREAM)
    assert error.location == f"{tmp_path.as_uri()}/t.json"


def test_what_was_not_asked_before_the_rows_came_has_no_answer(tmp_path: Path) -> None:
    write(tmp_path, [{"n": 1, "t": "a"}])
    live = streaming(tmp_path)
    assert answered(live, STREAM).rows == 1
    error = refused(live, NullsNeed("t", "n"))
    assert error.reason == "its rows have come, and nobody has asked for nulls[n] before"
    assert error.relation == "t"


def test_a_table_that_ends_is_no_stream(tmp_path: Path) -> None:
    (tmp_path / "u.json").write_text('{"n": 1}\n')
    error = refused(streaming(tmp_path), StreamNeed("u"))
    assert (error.relation, error.reason) == ("u", "it is not unbounded")


def test_the_plan_of_a_stream_has_no_end(tmp_path: Path) -> None:
    write(tmp_path, [{"n": 1, "t": "a"}])
    assert answered(streaming(tmp_path), UnboundedNeed("t")) == UnboundedFacts(
        infinite=True, pipe=False
    )
