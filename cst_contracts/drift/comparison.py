"""Tells what moved between two runs, as drift is told."""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from cst_contracts.drift.changes import SettingChanged, diff
from cst_contracts.drift.compatibility import setting_compatibility
from cst_contracts.drift.rule import Compatibility, Rule
from cst_contracts.drift.snapshot import MACHINE_SETTINGS, SessionSnapshot, TableSnapshot
from cst_contracts.drift.telling import Told, by_severity, weighed

_BREAKING, _COMPATIBLE = Compatibility.BREAKING, Compatibility.COMPATIBLE
_LOOKED_AT = {True: "looked at", False: "not looked at"}


class PromiseState(Struct, frozen=True):
    """How a promise came out, and whether that failed its item."""

    outcome: str
    failed: bool


class DeltaState(Struct, frozen=True):
    """What a Delta log asks of readers, and what it promises them: features, and constraints by name."""

    features: tuple[str, ...] = ()
    constraints: Mapping[str, str] = field(default_factory=dict)


class RunFacts(Struct, frozen=True):
    """What two runs are compared by: tables, session, and how each promise came out.

    `settings` and `required` are by name, `promises` by contract and check. `session` has no settings of
    its own: `settings` are all that there are, not those that differ from the defaults. `selected`: the run
    was not told to look at all promises.
    """

    versions: Mapping[str, str]
    settings: Mapping[str, str | None]
    required: Mapping[str, str]
    session: SessionSnapshot
    tables: Mapping[str, TableSnapshot]
    promises: Mapping[tuple[str, str], PromiseState]
    delta: Mapping[str, DeltaState] = field(default_factory=dict)
    selected: bool = False

    @property
    def saw_session(self) -> bool:
        """There is no engine without functions and settings: where a run has none, nobody looked."""
        return bool(self.settings or self.session.functions)


class Moved(Struct, frozen=True):
    """Something that is otherwise in the later run: of a table, of a contract's promise, or of neither.

    `rule` is that of the change, where it is one of a schema, a view or a session.
    """

    what: str
    compatibility: Compatibility
    rule: Rule | None = None
    table: str = ""
    contract: str = ""
    check: str = ""

    @property
    def told(self) -> Told:
        about = f"table {self.table}: " if self.table else ""
        promise = f"{self.contract} " if self.contract else ""
        line = f"{about}{promise}{self.what} ({self.compatibility})"
        return Told(line, self.compatibility, "" if self.rule is None else self.rule.id)


def compare(before: RunFacts, after: RunFacts) -> tuple[Told, ...]:
    """What breaks comes first. Locations, row counts and the settings of a machine are no drift."""
    return tuple(by_severity(each.told for each in moved(before, after)))


def moved(before: RunFacts, after: RunFacts) -> Iterator[Moved]:
    yield from _promises(before, after)
    yield from _tables(before, after)
    yield from _session(before, after)
    yield from _required(before.required, after.required)
    yield from _versions(before.versions, after.versions)


def _session(before: RunFacts, after: RunFacts) -> Iterator[Moved]:
    if before.saw_session != after.saw_session:
        was, now = (_LOOKED_AT[each.saw_session] for each in (before, after))
        yield Moved(f"functions and settings: {was} → {now}", _COMPATIBLE)
        return
    for each in weighed(diff(before.session, after.session)):
        yield Moved(each.what, each.rule.readers, each.rule)
    yield from _settings(before.settings, after.settings)


def _tables(before: RunFacts, after: RunFacts) -> Iterator[Moved]:
    for name in sorted(before.tables.keys() | after.tables.keys()):
        if name not in after.tables:
            yield Moved("looked at → not looked at", _BREAKING, table=name)
        elif name not in before.tables:
            yield Moved("not looked at → looked at", _COMPATIBLE, table=name)
        else:
            for each in weighed(diff(before.tables[name], after.tables[name])):
                yield Moved(each.what, each.rule.readers, each.rule, table=name)
            old, new = (run.delta.get(name, DeltaState()) for run in (before, after))
            yield from _features(name, old.features, new.features)
            yield from _constraints(name, old.constraints, new.constraints)


def _features(table: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Moved]:
    """Whoever lacks a feature that a log asks for may refuse the table."""
    for name in sorted({*before, *after}):
        if name not in before:
            yield Moved(f"feature {name} of Delta: absent → needed", _BREAKING, table=table)
        elif name not in after:
            yield Moved(f"feature {name} of Delta: needed → absent", _COMPATIBLE, table=table)


def _constraints(
    table: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Moved]:
    """Whoever leans on a constraint of before may read rows that it forbade."""
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            meant = _COMPATIBLE if was is None else _BREAKING
            sides = f"{was or 'absent'} → {now or 'absent'}"
            yield Moved(f"constraint {name} of the log: {sides}", meant, table=table)


def _settings(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[Moved]:
    for name in sorted(before.keys() | after.keys()):
        if name in MACHINE_SETTINGS:
            continue
        if name not in after:
            meant = setting_compatibility(name)
            yield Moved(f"setting {name}: there → unknown to the session", meant)
        elif name not in before:
            yield Moved(f"setting {name}: unknown to the session → there", _COMPATIBLE)
        elif before[name] != after[name]:
            for each in weighed([SettingChanged(name, before[name], after[name])]):
                yield Moved(each.what, each.rule.readers, each.rule)


def _required(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Moved]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, "nothing"), after.get(name, "nothing")
        if was != now:
            yield Moved(f"setting {name}: promised {was} → {now}", _COMPATIBLE)


def _versions(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Moved]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, "absent"), after.get(name, "absent")
        if was != now:
            yield Moved(f"version of {name}: {was} → {now}", _COMPATIBLE)


def _promises(before: RunFacts, after: RunFacts) -> Iterator[Moved]:
    for key in sorted(before.promises.keys() | after.promises.keys()):
        (contract, check), old, new = key, before.promises.get(key), after.promises.get(key)
        if old == new:
            continue
        was, now = _outcome(before, old), _outcome(after, new)
        lost = new is None and not (old and old.failed)
        fell = bool(new and new.failed and not (old and old.failed))
        meant = _BREAKING if lost or fell else _COMPATIBLE
        yield Moved(f"{check}: {was} → {now}", meant, contract=contract, check=check)


def _outcome(run: RunFacts, state: PromiseState | None) -> str:
    if state is not None:
        return state.outcome
    return "not selected" if run.selected else "not promised"
