"""Tells what moved between two runs, as drift is told."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from cst_contracts.drift.changes import SettingChanged, diff
from cst_contracts.drift.compatibility import setting_compatibility
from cst_contracts.drift.rule import Compatibility
from cst_contracts.drift.snapshot import MACHINE_SETTINGS, SessionSnapshot, TableSnapshot
from cst_contracts.drift.telling import Told, by_severity, weigh

_BREAKING, _COMPATIBLE = Compatibility.BREAKING, Compatibility.COMPATIBLE


class PromiseState(Struct, frozen=True):
    """How a promise came out, and whether that failed its item."""

    outcome: str
    failed: bool


class RunFacts(Struct, frozen=True):
    """What two runs are compared by: tables, session, and how each promise came out.

    `settings` and `required` are by name, `promises` by contract and check. `session` has no settings of
    its own: `settings` are all that there are, not those that differ from the defaults.
    """

    versions: Mapping[str, str]
    settings: Mapping[str, str | None]
    required: Mapping[str, str]
    session: SessionSnapshot
    tables: Mapping[str, TableSnapshot]
    promises: Mapping[tuple[str, str], PromiseState]


def compare(before: RunFacts, after: RunFacts) -> tuple[Told, ...]:
    """What breaks comes first. Locations, row counts and the settings of a machine are no drift."""
    return tuple(
        by_severity(
            [
                *_promises(before.promises, after.promises),
                *_tables(before, after),
                *weigh(diff(before.session, after.session)),
                *_settings(before.settings, after.settings),
                *_required(before.required, after.required),
                *_versions(before.versions, after.versions),
            ]
        )
    )


def _told(line: str, compatibility: Compatibility) -> Told:
    return Told(f"{line} ({compatibility})", compatibility)


def _tables(before: RunFacts, after: RunFacts) -> Iterator[Told]:
    for name in sorted(before.tables.keys() | after.tables.keys()):
        if name not in after.tables:
            yield _told(f"table {name}: looked at → absent", _BREAKING)
        elif name not in before.tables:
            yield _told(f"table {name}: absent → looked at", _COMPATIBLE)
        else:
            for told in weigh(diff(before.tables[name], after.tables[name])):
                yield Told(f"table {name}: {told.line}", told.compatibility)


def _settings(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[Told]:
    for name in sorted(before.keys() | after.keys()):
        if name in MACHINE_SETTINGS:
            continue
        if name not in after:
            yield _told(
                f"setting {name}: there → unknown to the session", setting_compatibility(name)
            )
        elif name not in before:
            yield _told(f"setting {name}: unknown to the session → there", _COMPATIBLE)
        elif before[name] != after[name]:
            yield from weigh([SettingChanged(name, before[name], after[name])])


def _required(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Told]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, "nothing"), after.get(name, "nothing")
        if was != now:
            yield _told(f"setting {name}: promised {was} → {now}", _COMPATIBLE)


def _versions(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Told]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, "absent"), after.get(name, "absent")
        if was != now:
            yield _told(f"version of {name}: {was} → {now}", _COMPATIBLE)


def _promises(
    before: Mapping[tuple[str, str], PromiseState], after: Mapping[tuple[str, str], PromiseState]
) -> Iterator[Told]:
    for key in sorted(before.keys() | after.keys()):
        line, old, new = " ".join(key), before.get(key), after.get(key)
        if old == new:
            continue
        was, now = (each.outcome if each else "not promised" for each in (old, new))
        lost = new is None and not (old and old.failed)
        fell = bool(new and new.failed and not (old and old.failed))
        yield _told(f"{line}: {was} → {now}", _BREAKING if lost or fell else _COMPATIBLE)
