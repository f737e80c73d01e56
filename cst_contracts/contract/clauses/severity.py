"""How much a broken promise weighs: it fails the run, or it only warns."""

from enum import StrEnum

from cst_contracts.contract.kinds import Key, choice_of


class Severity(StrEnum):
    ERROR = "error"
    WARN = "warn"


def severity_key(promise: str) -> Key:
    """The key `severity` of a promise that is called `promise`, as in "a broken rule"."""
    return Key(
        "severity",
        choice_of(Severity),
        f"Whether a broken {promise} fails or only warns.",
        "warn",
        default=Severity.ERROR,
    )
