"""How rows are measured."""

from collections.abc import Mapping

from msgspec import Struct, field

from cst_contracts.engine.formats.pipes import Limits
from cst_contracts.engine.rows.elsewhere import Elsewhere
from cst_contracts.engine.rows.proofs import ProofStore
from cst_contracts.facts import ShownRows
from cst_contracts.progress import Progress


class MeasuringOptions(Struct, frozen=True):
    """Measuring takes no more than `memory` bytes. Of each broken promise, `samples` violating rows are
    shown, with the fields in `shown` by relation; `told` is by which fields groups of rows are named, whether
    or not somebody asked to see rows. `verify_data`: no statistic is proof. `limits` are of what is looked at
    in unbounded relations. Each query may take `query_seconds`, None: as long as it does. `progress` hears
    how far the reading has come. `elsewhere` are other machines that scan files, None where there are none;
    `proofs` are what earlier runs have kept of files, None where nothing is kept. Where a file has
    `rows_worth_listing` and more on average, it costs less to list its different texts than to read them."""

    memory: int
    samples: int = 0
    verify_data: bool = False
    shown: Mapping[str, ShownRows] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    progress: Progress | None = None
    told: Mapping[str, ShownRows] = field(default_factory=dict)
    elsewhere: Elsewhere | None = None
    query_seconds: float | None = None
    proofs: ProofStore | None = None
    rows_worth_listing: int = 50_000
