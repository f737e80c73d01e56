"""Facts and the accepted snapshot to a verdict."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.functions import shadowed
from cst_contracts.checks.model import FunctionsSnapshot, SchemaSnapshot
from cst_contracts.checks.tables import unreadable
from cst_contracts.checks.verdict import (
    Broken,
    Finding,
    Kept,
    Observation,
    Undecided,
    Vacuous,
    Verdict,
)
from cst_contracts.checks.views import unusable_cause
from cst_contracts.drift.changes import diff
from cst_contracts.drift.codec import decode, encode
from cst_contracts.drift.snapshot import Snapshot, session_snapshot, table_snapshot
from cst_contracts.drift.telling import tell
from cst_contracts.errors import SnapshotError
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Basis, SessionFacts, TableFacts
from cst_contracts.files.snapshots import snapshot_name
from cst_contracts.pytest_plugin.options import options_of
from cst_contracts.pytest_plugin.snapshots import (
    Different,
    Matched,
    Missing,
    SnapshotOutcome,
    Written,
    assert_snapshot,
)

_UPDATE = "run pytest with --snapshot-update, and commit the file"


def keeps_snapshots(config: pytest.Config) -> bool:
    """Whether the project has a folder of them, or this run begins one."""
    begins = bool(config.getoption("update_snapshots", default=None))
    return begins or options_of(config).snapshots.is_dir()


def snapshot_verdict(
    item: pytest.Function,
    check: SchemaSnapshot | FunctionsSnapshot,
    observation: Observation,
    *,
    kept: bool,
) -> Verdict:
    """`kept`: the project keeps snapshots."""
    match check, observation:
        case SchemaSnapshot(table=table, place=place), Observation(
            table=IntrospectionError() as error
        ):
            return unreadable(place, table, error)
        case SchemaSnapshot(), Observation(table=TableFacts() as facts, views=views):
            return _schema_verdict(item, check, facts, views, kept=kept)
        case FunctionsSnapshot(), Observation(session=IntrospectionError() as error):
            return Undecided(
                _finding(check, FindingCode.SESSION_UNREADABLE, "a session", error.cause)
            )
        case FunctionsSnapshot(), Observation(session=SessionFacts() as session):
            verdict = _compared(item, check, session_snapshot(session), kept=kept)
            return _told_shadowed(check, session, verdict)
        case _:
            raise AssertionError(f"{check.id} was compared without an observation")


def _schema_verdict(
    item: pytest.Function,
    check: SchemaSnapshot,
    facts: TableFacts,
    views: Sequence[TableFacts | IntrospectionError],
    *,
    kept: bool,
) -> Verdict:
    seen = [view for view in views if isinstance(view, TableFacts)]
    failed = next((view for view in views if isinstance(view, IntrospectionError)), None)
    if failed is not None:  # without it, it would look like one that was taken out
        finding = _finding(check, FindingCode.VIEW_UNUSABLE, "views that run", failed.cause)
        return Undecided(finding, unusable_cause(check.table, check.views, failed))
    try:
        observed = table_snapshot(facts, seen)
    except IntrospectionError as error:
        promised = "a schema whose nodes can be told apart"
        return Undecided(_finding(check, FindingCode.TABLE_UNREADABLE, promised, error.cause))
    return _compared(item, check, observed, kept=kept)


def _told_shadowed(check: FunctionsSnapshot, session: SessionFacts, verdict: Verdict) -> Verdict:
    """Where nobody promises the function, this is the check that tells."""
    if not session.shadowed:
        return verdict
    told = shadowed(check.place, "the session", *session.shadowed)
    match verdict:
        case Kept(notes=notes):
            return replace(verdict, notes=(*notes, told))
        case Vacuous(finding=finding):
            observed = f"{finding.observed}; {told.observed}"
            return replace(verdict, finding=replace(finding, observed=observed))
        case _:
            return verdict


def snapshot_file(item: pytest.Item) -> Path:
    options = options_of(item.config)
    return options.snapshots / snapshot_name(item.path.relative_to(options.contracts))


def _compared(
    item: pytest.Function,
    check: SchemaSnapshot | FunctionsSnapshot,
    observed: Snapshot,
    *,
    kept: bool,
) -> Verdict:
    if not kept:
        return _not_begun(check)
    file = snapshot_file(item)
    try:
        outcome = assert_snapshot(item, encode(observed), file)
        return _verdict(check, outcome, file, observed)
    except SnapshotError as error:
        return Undecided(
            _finding(
                check, FindingCode.SNAPSHOT_UNREADABLE, f"{file.name} can be compared", str(error)
            )
        )


def _not_begun(check: SchemaSnapshot | FunctionsSnapshot) -> Vacuous:
    """A project without a snapshot folder keeps no snapshots yet: told, and not red."""
    promised, observed = "an accepted snapshot", "this project has no snapshot folder"
    finding = _finding(check, FindingCode.SNAPSHOT_MISSING, promised, observed, _UPDATE)
    return Vacuous(finding, allowed=True, basis=Basis.SCHEMA, rows=None)


def _verdict(
    check: SchemaSnapshot | FunctionsSnapshot,
    outcome: SnapshotOutcome,
    file: Path,
    observed: Snapshot,
) -> Verdict:
    match outcome:
        case Matched() | Written():
            return Kept(Basis.SCHEMA)
        case Missing():
            promised = f"an accepted snapshot {file.name}"
            finding = _finding(
                check, FindingCode.SNAPSHOT_MISSING, promised, "there is none", _UPDATE
            )
            return Broken((finding,), Basis.SCHEMA)
        case Different(before=before):
            changes = diff(decode(before, file.name), observed)
            findings = tuple(
                _finding(check, FindingCode.SNAPSHOT_DIFFERS, f"as in {file.name}", line, _UPDATE)
                for line in tell(changes)
            )
            return Broken(
                findings or (_respelled(check, file),),
                Basis.SCHEMA,
                violations=len(changes) or None,
            )


def _respelled(check: SchemaSnapshot | FunctionsSnapshot, file: Path) -> Finding:
    """A file that was edited or formatted: nothing drifted, and the next update would still touch it."""
    promised = f"{file.name} as this version writes it"
    observed = "the same facts in another spelling"
    return _finding(check, FindingCode.SNAPSHOT_DIFFERS, promised, observed, _UPDATE)


def _finding(
    check: SchemaSnapshot | FunctionsSnapshot,
    code: FindingCode,
    promised: str,
    observed: str,
    hint: str = "",
) -> Finding:
    subject = check.table if isinstance(check, SchemaSnapshot) else "the session"
    return Finding(code, check.place, subject, promised, observed, hint)
