"""Other machines are handed what they answer, and no more of the files than that takes."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
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
from cst_contracts.engine.access.scannable import ScannableFiles
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.rows.elsewhere import GroupsOf, KeysOf, Referred, SharedScan
from cst_contracts.engine.rows.key_queries import count_keys, count_references, duplicate_places
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.rows.plan import Answer, Queried
from cst_contracts.engine.rows.scan import Tallied, scan, scan_apart
from cst_contracts.facts import (
    AggregateCount,
    Basis,
    CouldNotLook,
    KeyCount,
    NullCount,
    ReferenceCount,
    RowCount,
    RowGroup,
    RowPlace,
    RuleCount,
    Sample,
    ShownField,
    ShownRows,
    SortTerm,
    Trouble,
    ValueCount,
)
from cst_contracts.location import Location
from cst_contracts.needs import (
    AggregateNeed,
    AnyRowNeed,
    KeyNeed,
    NullsNeed,
    OrderNeed,
    ReferenceNeed,
    RowsReadNeed,
    RuleNeed,
    ValuesNeed,
)

AT = Location("contracts/t.yaml", 1, 1)
REFS = pa.list_(pa.struct([("id", pa.int64()), ("to", pa.string())]))
ROWS = pa.table(
    {
        "id": [1, 2, 2, None],
        "real": [0.5, 1.5, 2.5, 3.5],
        "word": ["a", "b", "a", "c"],
        "refs": [[{"id": 1, "to": "x"}], [{"id": 1, "to": "y"}, {"id": 2, "to": "z"}], None, []],
    }
)
NULLS, VALUES = NullsNeed("t", "word"), ValuesNeed("t", "refs[].id", Within(None, "1"))
RULE = RuleNeed("t", RuleContract("r", "id < 2", AT))
KEY, DEEP, FLOATS = KeyNeed("t", ("id",)), KeyNeed("t", ("refs[].id",)), KeyNeed("t", ("real",))
ORDER = OrderNeed("t", (SortTerm("word"),))
RIDING = KeyNeed("t", ("word",))
REFERENCE = ReferenceNeed("t", ReferenceContract(("id",), "u", ("of",), AT))
AGGREGATE = AggregateNeed("t", AggregateContract("few", "count(id) < 2", AT, ("word",)))
NEEDS: list[AnyRowNeed] = [NULLS, VALUES, RULE, KEY, DEEP, FLOATS, REFERENCE, AGGREGATE]
LARGEST = (RowGroup((("word", "'a'"),), 2),)
FEW = AggregateCount(4, 3, 1, 0, LARGEST, fields=("id", "word"))


def seen(files: ScannableFiles) -> list[str]:
    """The leaves of the files that can be read."""
    return [path for field in files.schema for path in leaves(field)]


def leaves(field: pa.Field) -> list[str]:
    if not pa.types.is_list(field.type):
        return [field.name]
    return [f"{field.name}[].{child.name}" for child in field.type.value_type]


WHOLE = ["id", "real", "word", "refs[].id", "refs[].to"]


class Beside:
    """Answers as a cluster does, of the same files in this process, and remembers what it was asked for."""

    name = "on the side"

    def __init__(
        self,
        here: Mapping[type[Answer], str] | None = None,
        trouble: Mapping[str, CouldNotLook] | None = None,
    ) -> None:
        self._here = {} if here is None else here
        self._trouble = {} if trouble is None else trouble
        self.asked: list[tuple[Any, ...]] = []

    def why_here(self, answer: Answer, files: ScannableFiles, referred: Referred) -> str | None:
        if isinstance(answer.need, ReferenceNeed):
            there = referred(answer.need)
            self.asked.append(("refers", seen(files), None if there is None else seen(there)))
        return self._here.get(type(answer))

    def tallied(self, scan_: SharedScan) -> list[Tallied]:
        needs = [str(answer.need) for answer in scan_.answers]
        self.asked.append(
            ("scan", scan_.relation, seen(scan_.files), needs, scan_.samples, scan_.rows)
        )
        if "scan" in self._trouble:
            return [(part, self._trouble["scan"]) for part in scan_.parts]
        read = partial(scan, scan_.files.frame())
        return scan_apart(scan_.parts, read, scan_.relation)

    def rows_read(
        self, files: ScannableFiles, relation: str, fields: tuple[str, ...]
    ) -> int | CouldNotLook:
        self.asked.append(("rows", relation, seen(files), fields))
        return self._trouble.get("rows", 8)

    def key_count(self, keys: KeysOf, samples: int) -> KeyCount | CouldNotLook:
        self.asked.append(("keys", keys.relation, seen(keys.files), keys.paths, keys.rows, samples))
        if "keys" in self._trouble:
            return self._trouble["keys"]
        context, table = keys.files.context, keys.files.table
        count = count_keys(context, table, keys.paths)
        places = duplicate_places(context, table, keys.paths, samples)
        samples_ = tuple(Sample(place, ()) for place in places)
        return KeyCount(count.rows, count.duplicates, count.nulls, samples_)

    def reference_count(
        self, here: KeysOf, there: KeysOf, samples: int
    ) -> ReferenceCount | CouldNotLook:
        for each in (here, there):
            side = "side", each.relation, seen(each.files), each.paths, each.rows
            self.asked.append((*side, samples))
        other = there.files.context, there.files.table, there.paths
        return count_references(here.files.context, here.files.table, here.paths, other)

    def aggregate_count(self, groups: GroupsOf) -> AggregateCount | CouldNotLook:
        self.asked.append(
            ("groups", groups.relation, seen(groups.files), groups.aggregate.sql, groups.rows)
        )
        return FEW


Build = Callable[..., DataFusionObserver]
SHOWN = {"t": ShownRows((ShownField("id", sensitive=False), ShownField("word", sensitive=True)))}


@pytest.fixture
def over(tmp_path: Path, observer: Build) -> Callable[..., DataFusionObserver]:
    """The rows as the table `t`, and `u`, which both lie in files that `beside` reads."""
    pq.write_table(ROWS, tmp_path / "t")
    pq.write_table(pa.table({"of": [1], "other": ["y"]}), tmp_path / "u")

    def build(beside: Beside, needs: Sequence[Any], **how: Any) -> DataFusionObserver:
        options = MeasuringOptions(MEMORY, elsewhere=beside, **how)
        live = observer("t", how=options, others=["u"])
        live.prepare(needs)
        return live

    return build


def lines(live: DataFusionObserver) -> list[str]:
    (plan,) = live.plans()
    return str(plan).splitlines()


def test_what_others_can_answer_they_are_asked_for(over: Build) -> None:
    beside = Beside()
    live = over(beside, NEEDS)
    assert answered(live, NULLS) == NullCount(4, 0, basis=Basis.STATISTICS, rows=4)
    assert answered(live, VALUES) == ValueCount(3, 1, (("2", 1),), 0, rows=4)
    assert answered(live, RULE) == RuleCount(4, 2)
    assert answered(live, KEY) == KeyCount(3, 1, 1)
    assert answered(live, DEEP) == KeyCount(3, 1, 0)
    assert answered(live, FLOATS) == KeyCount(4, 0, 0)
    assert answered(live, REFERENCE) == ReferenceCount(3, 2)
    assert answered(live, AGGREGATE) == FEW
    assert beside.asked == [
        ("refers", WHOLE, ["of", "other"]),
        ("scan", "t", ["id", "refs[].id"], [str(VALUES), str(RULE)], 0, 4),
        ("keys", "t", WHOLE, ("id",), 4, 0),
        ("keys", "t", ["refs[].id"], ("refs[].id",), None, 0),
        ("side", "t", WHOLE, ("id",), None, 0),
        ("side", "u", ["of", "other"], ("of",), None, 0),
        ("groups", "t", WHOLE, "count(id) < 2", 4),
    ]
    assert lines(live) == [
        "t",
        "  one scan on the side of refs, what rule[r] reads",
        "  nulls[word]: no row read, null counts of every footer",
        f"  {VALUES}: in the scan, on the side",
        "  rule[r]: in the scan, on the side",
        "  unique[id]: hashes, grouped; equal ones looked up, on the side",
        "  unique[refs[].id]: hashes, grouped; equal ones looked up, on the side",
        "  unique[real]: a query of its own, since equal values of its types need not have equal "
        "hashes, here",
        "  reference[id→u.of]: the keys of both tables, grouped, on the side",
        "  aggregate[few]: aggregated by each task, and put together by group, on the side",
    ]


def test_what_others_leave_is_answered_here(over: Build) -> None:
    beside = Beside({Queried: "it is too small"})
    live = over(beside, [RULE, REFERENCE, AGGREGATE])
    assert answered(live, REFERENCE) == ReferenceCount(3, 2)
    assert answered(live, AGGREGATE) == FEW
    assert [each[0] for each in beside.asked] == ["refers", "scan"]
    assert lines(live)[1:] == [
        "  one scan on the side of what rule[r] reads",
        "  rule[r]: in the scan, on the side",
        "  reference[id→u.of]: a query of its own, since it reads two relations, here, since it is too "
        "small",
        "  aggregate[few]: a query of its own, since the rows of each group have to meet, here, since "
        "it is too small",
    ]


def test_a_key_that_an_order_begins_with_rides_on_it_wherever_that_is(over: Build) -> None:
    beside = Beside()
    live = over(beside, [ORDER, RIDING])
    assert answered(live, ORDER).violations == 1
    assert answered(live, RIDING) == KeyCount(4, 1, 0)
    assert beside.asked == [
        ("scan", "t", WHOLE, [str(ORDER), str(RIDING)], 0, 4),
        ("keys", "t", WHOLE, ("word",), 4, 0),
    ]
    assert lines(live)[3] == (
        "  unique[word]: neighbours in the scan; where files overlap, hashes, grouped; equal ones "
        "looked up"
    )


def test_rows_that_others_have_found_are_told_as_people_know_them(over: Build) -> None:
    beside = Beside()
    live = over(beside, [RULE, KEY], samples=1, shown=SHOWN)
    values = ("id", "2"), ("word", "<redacted>")
    assert answered(live, RULE).samples == (Sample(RowPlace("t", 1), values),)
    assert answered(live, KEY) == KeyCount(3, 1, 1, (Sample(RowPlace("t", 1), values),))
    looks = [(each[0], each[-1 if each[0] == "keys" else 4]) for each in beside.asked]
    assert looks == [("scan", 0), ("keys", 0), ("scan", 1), ("keys", 1)]


@pytest.mark.parametrize(
    ("trouble", "times"),
    [(Trouble.ELSEWHERE, 1), (Trouble.SLOW, 1), (Trouble.PROOF, 1), (Trouble.ENGINE, 2)],
)
def test_trouble_elsewhere_is_the_answer_and_of_the_rows_is_looked_for_in_all_fields(
    over: Build, trouble: Trouble, times: int
) -> None:
    told = CouldNotLook("no machine", "t", trouble=trouble)
    beside = Beside(trouble={"scan": told, "keys": told})
    live = over(beside, [VALUES, DEEP, FLOATS])
    assert refused(live, VALUES) == refused(live, DEEP) == told
    assert answered(live, FLOATS) == KeyCount(4, 0, 0)
    seen_ = [["refs[].id"], WHOLE][:times]
    assert [each[2] for each in beside.asked] == [*seen_, *seen_]


READ = RowsReadNeed("t")


@pytest.fixture
def verifying(tmp_path: Path) -> Callable[..., DataFusionObserver]:
    """Over files of which these of the fields `refs`, `p` and `z` are promised, all where none is named. `p`
    stands in the names of their folders."""

    def build(beside: Beside | None, *names: str) -> DataFusionObserver:
        for folder in ("p=a", "p=b"):
            (tmp_path / "t" / folder).mkdir(parents=True, exist_ok=True)
            pq.write_table(ROWS, tmp_path / "t" / folder / "0.parquet")
        source = SourceContract(SourceFormat.PARQUET, AT, "t")
        promised = {"refs": REFS, "p": pa.string(), "z": pa.int64()}
        fields = pa.schema([(name, promised[name]) for name in names or promised])
        relations = Relations({"t": source}, {}, {}, promised={"t": fields})
        how = MeasuringOptions(MEMORY, elsewhere=beside, verify_data=True)
        return observer_over(registry_of(relations, tmp_path), how)

    return build


def test_all_that_is_stored_is_read_elsewhere(
    verifying: Build,
) -> None:
    beside = Beside()
    assert answered(verifying(beside), READ) == RowCount(8, Basis.SCAN, 2)
    assert beside.asked == [("rows", "t", [*WHOLE, "p"], ("refs",))]


def test_what_stands_in_the_names_of_folders_alone_is_read_here(verifying: Build) -> None:
    beside = Beside()
    assert answered(verifying(beside, "p"), READ) == RowCount(8, Basis.SCAN, 1)
    assert beside.asked == []


def test_what_cannot_be_read_elsewhere_is_told(
    verifying: Build,
) -> None:
    told = CouldNotLook("no machine", "t", trouble=Trouble.ELSEWHERE)
    assert refused(verifying(Beside(trouble={"rows": told})), READ) == told


def test_without_others_it_is_read_here(tmp_path: Path, verifying: Build) -> None:
    live = verifying(None)
    file = tmp_path / "t" / "p=a" / "0.parquet"
    unpromised = pq.read_metadata(file).row_group(0).column(1)
    spoil(file, unpromised)
    assert answered(live, READ) == RowCount(8, Basis.SCAN, 2)
    again = verifying(None)
    spoil(file, pq.read_metadata(file).row_group(0).column(3))
    error = refused(again, READ)
    assert (error.relation, error.location) == ("t", f"{tmp_path.as_uri()}/t/")


def spoil(file: Path, column: pq.ColumnChunkMetaData) -> None:
    """The pages of one column are overwritten; the footer is left as it is."""
    with file.open("r+b") as opened:
        opened.seek(column.dictionary_page_offset or column.data_page_offset)
        opened.write(bytes(column.total_compressed_size))
