"""What a breaker is: for a check, the ways in which its promise can be broken, each the smallest change."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from msgspec import Struct

from cst_contracts.checks.check import Check
from cst_contracts.checks.codes import FindingCode
from cst_contracts.contract.model import Contract
from cst_contracts.proof.staging import Stage


class Ground(Struct, frozen=True):
    """What a breaker may start from: a stage that keeps the contract, and all of its checks. `keepable` is
    the contract without the rules that no row keeps."""

    contract: Contract
    keepable: Contract
    checks: tuple[Check, ...]
    stage: Stage
    now: datetime


def nothing(check: Check) -> bool:
    """Hangs on no change."""
    return False


class Break(Struct, frozen=True):
    """One way to break a promise: `code` is what must be told of it, or one of `codes`, as which a format
    tells the same. `tries` are stages to try one after another, the smallest change first, until one breaks
    this promise and no other; of what `hangs` matches, a check may be red, too, since it promises what this
    change has to touch."""

    what: str
    code: FindingCode
    tries: Iterable[Stage]
    hangs: Callable[[Check], bool] = nothing
    codes: tuple[FindingCode, ...] = ()


class Unbreakable(Struct, frozen=True):
    """Why a promise cannot be broken. `counted`: it is held against the contract, as a promise that says
    nothing; otherwise it is only named."""

    why: str
    counted: bool


#: Of the check, which is of the kind that the breaker is registered for.
Breaker: TypeAlias = Callable[[Any, Ground], Iterator[Break | Unbreakable]]
