"""Opens the observer of a project: its session, its lake, and the relations that its contracts define.

Loads datafusion and deltalake. What only reads contracts does without, so the doors import this module when
the first check runs.
"""

from collections.abc import Sequence
from pathlib import Path

from cst_contracts import __version__
from cst_contracts.checks.shown import shown_rows
from cst_contracts.contract.model import Contract
from cst_contracts.contract.relations import preset_settings, relations
from cst_contracts.distributed.cluster import Cluster
from cst_contracts.distributed.workers import ClusterAddress
from cst_contracts.engine.formats.pipes import Limits
from cst_contracts.engine.observer import DataFusionObserver
from cst_contracts.engine.relations.buckets import buckets
from cst_contracts.engine.relations.registry import Registry
from cst_contracts.engine.rows.options import MeasuringOptions
from cst_contracts.engine.session.contexts import open_session, require_session
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.session.versions import installed_versions
from cst_contracts.engine.session.waiting import spare_workers
from cst_contracts.engine.storage.pins import Pins
from cst_contracts.engine.storage.urls import Lake
from cst_contracts.errors import CstContractsError
from cst_contracts.files.proofs import ProofFolder, open_proofs
from cst_contracts.gate.observer import Blind, Observer
from cst_contracts.gate.project import Project
from cst_contracts.progress import Progress


def make_ready(query_seconds: float | None) -> None:
    """To be called before any session of DataFusion is made in this process: where queries may be left, the
    others need threads that are free."""
    if query_seconds is not None:
        spare_workers()


def open_observer(
    project: Project,
    contracts: Sequence[Contract],
    unread: Sequence[str] = (),
    session: object = None,
    giver: str = "you gave",
    shared: Path | None = None,
    progress: Progress | None = None,
) -> Observer:
    """`session` is a SessionContext of the project's own; `giver` says in messages who gave it. Processes
    that share the folder `shared` read the same versions of Delta tables. `progress` hears how far the
    reading of rows has come."""
    make_ready(project.query_seconds)
    defined, lake = relations(contracts, unread), Lake(project.lake)
    stores = buckets(defined, lake)
    try:
        context = (
            open_session(preset_settings(contracts), project.memory, stores)
            if session is None
            else require_session(session, giver)
        )
    except IntrospectionError as error:
        return Blind(error.reason)
    try:
        proofs = _proofs(project)
    except CstContractsError as error:
        return Blind(str(error))
    registry = Registry(
        context,
        defined,
        lake,
        project.memory,
        supplied=session is not None,
        pins=Pins(shared),
        stores=stores,
    )
    limits = Limits(project.stream_rows, project.stream_seconds)
    # Where rows are, everybody is told; nobody is shown a value who did not ask for it.
    told = shown_rows(defined)
    shown = told if project.samples else {}
    samples = project.samples or project.places
    how = MeasuringOptions(
        project.memory,
        samples,
        project.verify_data,
        shown,
        limits,
        progress,
        told,
        _cluster(project),
        project.query_seconds,
        proofs,
    )
    return DataFusionObserver(registry, how)


def _proofs(project: Project) -> ProofFolder | None:
    """Other versions may count otherwise. Raises CstContractsError."""
    if project.proofs is None:
        return None
    return open_proofs(project.proofs, {"cst-contracts": __version__, **installed_versions()})


def _cluster(project: Project) -> Cluster | None:
    if project.cluster is None:
        return None
    return Cluster(ClusterAddress(project.cluster, project.cluster_seconds))
