"""Settings of the presets, each seen to work in this engine version, and those that only say so."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datafusion import SessionConfig, SessionContext

from cst_contracts.contract.presets import PRESETS
from cst_contracts.engine.looks.effects import setting_effects
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.settings import settings_of
from cst_contracts.facts import SettingEffect
from cst_contracts.sql.external_tables import external_folder

CST = PRESETS["cst"].values
STATISTICS = "datafusion.execution.collect_statistics"
PARQUET = "datafusion.execution.parquet"
VIEWS = f"{PARQUET}.schema_force_view_types"
LISTINGS = "datafusion.runtime.list_files_cache_limit"
EXPAND = "datafusion.optimizer.expand_views_at_output"
OPPOSITE = {"true": "false", "false": "true"}
SEEN = {
    (STATISTICS, "true"): "count(*) is answered from metadata",
    (STATISTICS, "false"): "count(*) reads the rows",
    (f"{PARQUET}.enable_page_index", "true"): "9 of 10 pages are left out",
    (f"{PARQUET}.enable_page_index", "false"): "0 of 0 pages are left out",
    (f"{PARQUET}.pruning", "true"): "3 of 4 row groups are left out",
    (f"{PARQUET}.pruning", "false"): "0 of 4 row groups are left out",
    (f"{PARQUET}.pushdown_filters", "true"): "rows are filtered within the scan",
    (f"{PARQUET}.pushdown_filters", "false"): "rows are filtered above the scan",
    (VIEWS, "true"): "a string field comes out as string_view",
    (VIEWS, "false"): "a string field comes out as string",
    (f"{PARQUET}.skip_metadata", "true"): "a field's metadata is dropped",
    (f"{PARQUET}.skip_metadata", "false"): "a field's metadata is kept",
}


@pytest.mark.parametrize(("name", "value"), SEEN, ids=lambda each: each.rpartition(".")[2])
def test_a_setting_works_both_ways(name: str, value: str) -> None:
    effects = setting_effects(open_session(CST | {name: value}))
    assert effects[name] == SettingEffect(fits=True, seen=SEEN[name, value])


def test_every_setting_of_every_preset_is_seen_to_work() -> None:
    """But information_schema, without which nothing could be asked."""
    for preset in PRESETS.values():
        session = open_session(preset.values)
        effects = setting_effects(session)
        assert preset.values.keys() - effects.keys() == {"datafusion.catalog.information_schema"}
        assert all(effects[name].fits for name in preset.values.keys() & effects.keys())
        settings = settings_of(session)
        assert {name: settings[name] for name in preset.values} == preset.values
        assert all(setting.why for setting in preset.settings)


def test_listings_that_are_kept_hide_files_that_come_later(tmp_path: Path) -> None:
    """What the setting is there for: the engine's default does not see them."""
    assert setting_effects(open_session(CST))[LISTINGS].seen == "a file that came later is seen"
    counts: list[list[int]] = []
    for context in (open_session(CST), SessionContext()):
        folder = tmp_path / str(len(counts))
        folder.mkdir()
        pq.write_table(pa.table({"a": [1]}), folder / "1.parquet")
        context.sql(external_folder("t", f"{folder.as_uri()}/"))
        context.sql("SELECT count(*) FROM t").to_arrow_table()
        pq.write_table(pa.table({"a": [1]}), folder / "2.parquet")
        counts.append(context.sql("SELECT count(*) AS n FROM t").to_pydict()["n"])
    assert counts == [[2], [1]]


def test_view_types_are_pinned_by_a_setting(tmp_path: Path) -> None:
    pq.write_table(pa.table({"s": ["a"], "b": [b"a"], "n": [["a"]]}), tmp_path / "t.parquet")
    types = {}
    for name, preset in PRESETS.items():
        context = open_session(preset.values)
        context.sql(external_folder("t", (tmp_path / "t.parquet").as_uri()))
        types[name] = [str(each) for each in context.table("t").to_arrow_table().schema.types]
    assert types["cst"][:2] == ["string_view", "binary_view"]
    assert types["cst-strings"][:2] == ["string", "binary"]
    assert types["cst"][2] == types["cst-strings"][2], "nothing within lists is changed"


def test_a_setting_that_another_overrides_has_no_effect() -> None:
    session = open_session({VIEWS: "true", EXPAND: "true"})
    assert settings_of(session)[VIEWS] == "true"
    told = "a string field comes out as large_string"
    assert setting_effects(session)[VIEWS] == SettingEffect(fits=False, seen=told)


@pytest.mark.parametrize("other", ["no other table", "another table"])
@pytest.mark.parametrize(
    ("format_", "loads", "told"),
    [
        ("PARQUET", True, "they alone load t"),
        ("PARQUET", False, "they alone load t; the session lacks t"),
        ("parquet", True, "they alone load no table"),
    ],
)
def test_the_engines_own_auto_load_is_told_where_it_loads_nothing(
    tmp_path: Path,
    format_: str,
    loads: bool,  # noqa: FBT001
    told: str,
    other: str,
) -> None:
    """Whatever else the session has."""
    pq.write_table(pa.table({"a": [1]}), tmp_path / "t.parquet")
    config = (
        SessionConfig()
        .with_information_schema(enabled=True)
        .set("datafusion.catalog.location", f"{tmp_path.as_uri()}/")
        .set("datafusion.catalog.format", format_)
        .set("datafusion.catalog.default_schema", "default")
    )
    session = SessionContext(config)
    if loads:
        session.refresh_catalogs()
    if other == "another table":
        session.from_pydict({"b": [1]}, name="u")
    effects = setting_effects(session)
    for name in ("datafusion.catalog.location", "datafusion.catalog.format"):
        assert effects[name] == SettingEffect(told == "they alone load t", told)


@pytest.mark.parametrize(
    "settings",
    [
        {"datafusion.explain.format": "tree"},
        {"datafusion.explain.analyze_level": "summary"},
        {"datafusion.sql_parser.dialect": "mysql"},
        {"datafusion.execution.batch_size": "1"},
        {"datafusion.execution.target_partitions": "1"},
    ],
)
def test_a_session_is_asked_whatever_its_ways_and_left_as_it_is(settings: dict[str, str]) -> None:
    session = open_session(CST | settings)
    before = settings_of(session)
    assert all(effect.fits for effect in setting_effects(session).values())
    assert settings_of(session) == before
    assert session.catalog().schema().table_names() == set()
