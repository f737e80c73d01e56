"""Breaks promises about the session: views, functions, settings, the catalog and snapshots."""

from collections.abc import Iterator

import pyarrow as pa
from datafusion import SessionContext
from msgspec.structs import replace

from cst_contracts.checks.catalogs import CatalogReconciled
from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.functions import FunctionAvailable
from cst_contracts.checks.queries import QueryRuns
from cst_contracts.checks.settings import SettingEffective
from cst_contracts.checks.snapshots import FunctionsSnapshot, SchemaSnapshot
from cst_contracts.checks.views import ViewUsable
from cst_contracts.proof.breakers.breaker import Break, Ground, Unbreakable
from cst_contracts.proof.rows import Rows
from cst_contracts.proof.staging import Stage, register

_RENAMED = "cst_renamed"
_TELLING = "datafusion.catalog.information_schema"
#: What DataFusion 55 plans by itself, whatever functions are registered.
_OF_SQL = frozenset({"unnest"})


def break_view(check: ViewUsable, ground: Ground) -> Iterator[Break | Unbreakable]:
    """The session has a view of that name whose output is called otherwise."""

    def other(session: SessionContext) -> None:
        register(session, check.view.name, pa.table({_RENAMED: ["a"]}))

    def hangs(each: Check) -> bool:
        reads = isinstance(each, ViewUsable) and each.view.of == check.view.name
        return isinstance(each, SchemaSnapshot | QueryRuns) or reads

    stage = replace(ground.stage, session=(other,))
    code = FindingCode.FIELD_MISSING if check.view.fields else FindingCode.VIEW_COLUMNS
    # Of a query without promised fields, the rows differ.
    codes = (FindingCode.VIEW_DIFFERS, FindingCode.VIEW_UNUSABLE)
    yield Break("its output renamed", code, [stage], hangs, codes)


def break_function(check: FunctionAvailable, ground: Ground) -> Iterator[Break | Unbreakable]:
    name = check.function.name
    if name in _OF_SQL:
        yield Unbreakable(
            "it is a part of the engine's SQL, which no session can lack", counted=False
        )
        return

    def hidden(session: SessionContext) -> None:
        for forget in (
            session.deregister_udf,
            session.deregister_udaf,
            session.deregister_udwf,
            session.deregister_udtf,
        ):
            forget(name)

    def hangs(other: Check) -> bool:
        """What calls it, and what is looked at by way of it."""
        calls = (
            FunctionsSnapshot
            | SchemaSnapshot
            | ViewUsable
            | QueryRuns
            | FunctionAvailable
            | SettingEffective
        )
        return isinstance(other, calls)

    stage = replace(ground.stage, session=(hidden,))
    yield Break(f"{name} hidden", FindingCode.FUNCTION_MISSING, [stage], hangs)


def break_setting(check: SettingEffective, ground: Ground) -> Iterator[Break | Unbreakable]:
    setting = check.setting
    if setting.name == _TELLING:
        why = "a session without it tells nothing of itself, so that nothing else could be checked"
        yield Unbreakable(why, counted=False)
        return

    def tries() -> Iterator[Stage]:
        for value in _others(setting.value):
            yield replace(ground.stage, settings={**ground.stage.settings, setting.name: value})

    yield Break(
        f"{setting.name} has another value",
        FindingCode.SETTING_DIFFERS,
        tries(),
        lambda other: isinstance(other, FunctionsSnapshot | SettingEffective),
    )


def _others(value: str) -> Iterator[str]:
    """Other values that a setting of such a value may have."""
    if value.lower() in ("true", "false"):
        yield "false" if value.lower() == "true" else "true"
        return
    if value.isdigit():
        yield str(int(value) + 1)
        yield str(max(1, int(value) // 2))
    yield from ("postgresql", "64M", "UTC", "none", "false")


def break_catalog(check: CatalogReconciled, ground: Ground) -> Iterator[Break | Unbreakable]:
    names = list(ground.stage.artifacts)
    if check.catalog.tables:
        fewer = {name: ground.stage.artifacts[name] for name in names[1:]}
        what, code = f"no {names[0]}", FindingCode.CATALOG_MISSING
    else:
        fewer, what, code = {}, "nothing in the folder", FindingCode.CATALOG_EMPTY
    if len(names) == 1 and check.catalog.tables:
        code = FindingCode.CATALOG_MISSING
    yield Break(what, code, [replace(ground.stage, artifacts=fewer)])


def break_schema_snapshot(check: SchemaSnapshot, ground: Ground) -> Iterator[Break | Unbreakable]:
    """What was accepted had a field less."""
    rows = ground.stage.rows
    before = Rows(
        rows.schema.append(pa.field(_RENAMED, pa.string())),
        {**rows.columns, _RENAMED: ["a"] * rows.count},
    )
    accepted = replace(ground.stage, rows=before)
    stage = replace(ground.stage, accepted=accepted)
    yield Break("a field less than accepted", FindingCode.SNAPSHOT_DIFFERS, [stage])


def break_functions_snapshot(
    check: FunctionsSnapshot, ground: Ground
) -> Iterator[Break | Unbreakable]:
    """What was accepted lacked a function that no promise is about."""
    promised = {each.function.name for each in ground.checks if isinstance(each, FunctionAvailable)}
    name = next(
        each for each in ("sinh", "cosh", "tanh", "factorial", "gcd") if each not in promised
    )

    def hidden(session: SessionContext) -> None:
        session.deregister_udf(name)

    accepted = replace(ground.stage, session=(hidden,))
    stage = replace(ground.stage, accepted=accepted)
    yield Break("a function more than accepted", FindingCode.SNAPSHOT_DIFFERS, [stage])
