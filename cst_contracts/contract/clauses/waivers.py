"""The clause of broken promises and breaking changes that are not red until a day that it names."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from cst_contracts.contract.clauses.clause import EVERYWHERE, Clause, Scope
from cst_contracts.contract.forms import Form
from cst_contracts.contract.kinds import (
    CHECK_ID,
    FINGERPRINT,
    WORDS,
    DayKind,
    Foreign,
    Key,
    ListKind,
    Record,
    RecordKind,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.names import refuse_repeats
from cst_contracts.location import Location


class WaiverContract(Struct, frozen=True):
    """A waiver of one check, whose id is in the same contract, or of one change by its fingerprint.

    The other of the two is None. `expires` is the last day on which it holds.
    """

    check: str | None
    reason: str
    owner: str
    expires: date
    place: Location
    change: str | None = None


_RECORD = Record(
    "waiver",
    "A promise known to be broken, or a change that breaks readers and is agreed.",
    keys_by_name(
        Key(
            "check",
            CHECK_ID,
            "Id of the check that is waived, as pytest shows it.",
            '"rule[name]"',
            suggestion="…",
        ),
        Key(
            "change",
            FINGERPRINT,
            "Fingerprint of the one change that is waived, as `cst-contracts diff` shows it.",
            '"5f1c09ab"',
            suggestion="…",
        ),
        required_key("reason", WORDS, "Why it may be broken for now.", "upstream fix pending", "…"),
        required_key("owner", WORDS, "Who answers for mending it.", "cst-platform", "$owner"),
        required_key("expires", DayKind(), "The last day on which it may be broken.", "2027-01-31"),
    ),
    exactly_one=("check", "change"),
    foreign=(
        Foreign(("fingerprint",), "write `change: $value`", means="change"),
        Foreign(("id", "promise", "name"), "write `check: $value`", means="check"),
        Foreign(("until", "expiry", "expires_on"), "write `expires: $value`", means="expires"),
        Foreign(("why", "description", "comment"), "write `reason: $value`", means="reason"),
    ),
)


def _build(scope: Scope) -> tuple[WaiverContract, ...]:
    """Builds waivers of anything that looks like a check id: which ids exist is known to `checks.plan`."""
    forms = scope.form.forms("waivers")
    for key in ("check", "change"):
        waived = (form.text(key) for form in forms)
        refuse_repeats(filter(None, waived), "waiver of", scope.problems)
    return tuple(_waivers(forms))


def _waivers(forms: tuple[Form, ...]) -> Iterator[WaiverContract]:
    for form in forms:
        expires = form.value("expires", date)
        if expires is not None:
            yield WaiverContract(
                form.optional("check"),
                form.words("reason"),
                form.words("owner"),
                expires,
                form.place,
                form.optional("change"),
            )


WAIVERS = Clause(
    Key(
        "waivers",
        ListKind(RecordKind("waiver"), "a waiver"),
        "Promises and changes known to break, each with a reason, an owner and a last day.",
        "[{check: fields, reason: upstream fix pending, owner: cst-platform, expires: 2027-01-31}]",
        default=(),
    ),
    _build,
    {"waiver": _RECORD},
    EVERYWHERE,
)
