"""Two manifests to what moved between the runs that wrote them, told like drift."""

from collections.abc import Iterator, Mapping

from cst_contracts.drift.changes import SettingChanged, diff
from cst_contracts.drift.compatibility import Compatibility, setting_compatibility
from cst_contracts.drift.manifests import ManifestFacts, PromiseState
from cst_contracts.drift.snapshot import MACHINE_SETTINGS
from cst_contracts.drift.telling import Told, by_severity, weigh

_BREAKING, _COMPATIBLE = Compatibility.BREAKING, Compatibility.COMPATIBLE


def compare(before: ManifestFacts, after: ManifestFacts) -> tuple[Told, ...]:
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


def _tables(before: ManifestFacts, after: ManifestFacts) -> Iterator[Told]:
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
        line = " ".join(key)
        match before.get(key), after.get(key):
            case PromiseState(outcome=was, failed=failed), None:
                yield _told(f"{line}: {was} → not promised", _COMPATIBLE if failed else _BREAKING)
            case None, PromiseState(outcome=now, failed=failed):
                yield _told(f"{line}: not promised → {now}", _BREAKING if failed else _COMPATIBLE)
            case PromiseState() as old, PromiseState() as new if old != new:
                fell = new.failed and not old.failed
                yield _told(
                    f"{line}: {old.outcome} → {new.outcome}", _BREAKING if fell else _COMPATIBLE
                )
            case _:
                pass
