"""Is a required function in the session, of its kind, taking and returning the promised types?"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import ClassVar

import pyarrow as pa
from msgspec import Struct

from cst_contracts.checks.check import Check, Group
from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.verdict import Broken, Finding, Kept, Undecided, Verdict
from cst_contracts.checks.wording import finding
from cst_contracts.contract.model import (
    Contract,
    FunctionContract,
    Severity,
    TypeFamily,
    TypePattern,
)
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.facts import Basis, CouldNotLook, FunctionProbe, SessionFacts
from cst_contracts.location import Location
from cst_contracts.needs import Answers, AnyNeed, FunctionNeed, SessionNeed


class FunctionAvailable(Struct, frozen=True):
    """The session has a function, and calling it shows what is promised of it."""

    function: FunctionContract
    id: str
    group: ClassVar[Group] = Group.FUNCTIONS
    severity: ClassVar[Severity] = Severity.ERROR
    reads_rows: ClassVar[bool] = False

    @property
    def place(self) -> Location:
        return self.function.place

    @property
    def subject(self) -> str:
        return self.function.name

    def needs(self) -> tuple[AnyNeed, ...]:
        return SessionNeed(), FunctionNeed(self.function)

    def judge(self, answers: Answers) -> Verdict:
        session = answers[SessionNeed()]
        if isinstance(session, CouldNotLook):
            return _unreadable(self, session.reason)
        match answers[FunctionNeed(self.function)]:
            case CouldNotLook(reason=reason):
                return _unreadable(self, reason)
            case probe:
                return _judge(self, session, probe)


def function_checks(contract: Contract) -> Iterator[Check]:
    for function in contract.functions:
        yield FunctionAvailable(function, f"function[{function.name}]")


def _unreadable(check: FunctionAvailable, reason: str) -> Undecided:
    return Undecided(finding(check, FindingCode.SESSION_UNREADABLE, "a session to ask", reason))


def _judge(check: FunctionAvailable, session: SessionFacts, probe: FunctionProbe | None) -> Verdict:
    name = check.function.name
    listed = {function.kind for function in session.functions if function.name == name}
    kinds = listed or ({probe.kind} if probe is not None and probe.kind is not None else set())
    if not kinds:
        return _missing(check, session, probe)
    kind = _kind(check, kinds)
    findings = [*_shadowed(check, session), *kind]
    if not kind and probe is not None:
        findings.extend(_called(check, session, probe))
    elif not kind and (check.function.arguments, check.function.returns) != (None, None):
        raise AssertionError(f"{check.id} was judged without a call")
    basis = Basis.PLAN if probe is None else Basis.SCAN
    return Broken(tuple(findings), basis) if findings else Kept(basis)


def _missing(
    check: FunctionAvailable, session: SessionFacts, probe: FunctionProbe | None
) -> Broken:
    names = sorted({function.name for function in session.functions})
    near = get_close_matches(check.function.name, names, n=1)
    observed = (
        "no such function" if probe is None else f"`{probe.call}` does not run: {probe.error}"
    )
    hint = f"did you mean `{near[0]}`?" if near else "register it where the session is made"
    code, promised = FindingCode.FUNCTION_MISSING, "a function of the session"
    return Broken((finding(check, code, promised, observed, hint),), Basis.PLAN)


def _shadowed(check: FunctionAvailable, session: SessionFacts) -> list[Finding]:
    name = check.function.name
    return [shadowed(check.place, name, name)] if name in session.shadowed else []


def shadowed(place: Location, subject: str, *names: str) -> Finding:
    own = f"the engine's own {', '.join(f'`{name}`' for name in names)}"
    others = "another function" if len(names) == 1 else "other functions"
    return Finding(
        FindingCode.SHADOWED_FUNCTION,
        place,
        subject,
        own,
        f"the session has {others} in place of {own}",
        "register yours under a name that the engine does not use",
    )


def _kind(check: FunctionAvailable, kinds: set[str]) -> list[Finding]:
    promised = check.function.kind
    if promised is None or promised in kinds:
        return []
    return [finding(check, FindingCode.FUNCTION_KIND, promised, ", ".join(sorted(kinds)))]


def _called(check: FunctionAvailable, session: SessionFacts, probe: FunctionProbe) -> list[Finding]:
    if probe.error is not None:
        promised = f"`{probe.call}` runs"
        return [finding(check, FindingCode.FUNCTION_ARGUMENTS, promised, probe.error)]
    parameters = _cast(check, probe) if check.function.name in session.added else []
    wanted = check.function.returns
    if wanted is None or any(_matches(wanted, returned) for returned in probe.returns):
        return parameters
    return [
        *parameters,
        finding(
            check,
            FindingCode.FUNCTION_RETURNS,
            f"`{probe.call}` returns {_pattern_in_words(wanted)}",
            f"it returns {' or '.join(map(print_type, probe.returns))}",
        ),
    ]


def _cast(check: FunctionAvailable, probe: FunctionProbe) -> list[Finding]:
    """The engine's own functions take many types by casting, and are promised so. Another's parameters
    are what it says they are: where arguments are cast, its promised parameters are others."""
    arguments = check.function.arguments or ()
    return [
        finding(
            check,
            FindingCode.FUNCTION_ARGUMENTS,
            f"`{probe.call}` takes {_pattern_in_words(arguments[position])} as argument {position + 1}",
            f"it takes {print_type(cast)}, which the engine casts to",
        )
        for position, cast in sorted(probe.casts.items())
        if not _matches(arguments[position], cast)
    ]


def _pattern_in_words(pattern: TypePattern) -> str:
    match pattern:
        case TypeFamily():
            return pattern.value
        case _:
            return print_type(pattern)


def _matches(pattern: TypePattern, observed: pa.DataType) -> bool:
    types = pa.types
    match pattern:
        case TypeFamily.LIST:
            return bool(
                types.is_list(observed)
                or types.is_large_list(observed)
                or types.is_list_view(observed)
                or types.is_large_list_view(observed)
                or types.is_fixed_size_list(observed)
            )
        case TypeFamily.MAP:
            return bool(types.is_map(observed))
        case TypeFamily.STRUCT:
            return bool(types.is_struct(observed))
        case _:
            return same_type(pattern, observed)
