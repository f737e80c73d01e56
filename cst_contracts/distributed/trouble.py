"""What can go wrong between this process and a cluster, in one sentence each."""

from cst_contracts.facts import Trouble


class ClusterTrouble(Exception):
    """Nothing of a scan is answered. `lasting`: nor would anything else be that is asked of the cluster."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.lasting = reason, lasting


class ScanFailed(Exception):
    """The engine could not read what one task had to; another part of the scan may do without it."""

    def __init__(self, reason: str, trouble: Trouble) -> None:
        super().__init__(reason)
        self.reason, self.trouble = reason, trouble
