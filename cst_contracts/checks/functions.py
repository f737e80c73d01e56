"""Is a required function in the session, of its kind, taking and returning the promised types?"""

from difflib import get_close_matches

import pyarrow as pa

from cst_contracts.checks.codes import FindingCode
from cst_contracts.checks.model import FunctionAvailable
from cst_contracts.checks.verdict import Broken, Finding, Kept, Observation, Undecided, Verdict
from cst_contracts.contract.model import TypeFamily, TypePattern
from cst_contracts.datatypes import print_type, same_type
from cst_contracts.errors import IntrospectionError
from cst_contracts.facts import Basis, FunctionProbe, SessionFacts
from cst_contracts.location import Location


def evaluate_function(check: FunctionAvailable, observation: Observation) -> Verdict:
    match observation.session:
        case IntrospectionError() as error:
            finding = _finding(
                check, FindingCode.SESSION_UNREADABLE, "a session to ask", error.cause
            )
            return Undecided(finding)
        case SessionFacts() as session:
            return _evaluate(check, session, observation.probes.get(check.function.name))
        case None:
            raise AssertionError(f"{check.id} was evaluated without an observation")


def _finding(
    check: FunctionAvailable, code: FindingCode, promised: str, observed: str, hint: str = ""
) -> Finding:
    return Finding(code, check.place, check.function.name, promised, observed, hint)


def _evaluate(
    check: FunctionAvailable, session: SessionFacts, probe: FunctionProbe | None
) -> Verdict:
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
        raise AssertionError(f"{check.id} was evaluated without a call")
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
    finding = _finding(
        check, FindingCode.FUNCTION_MISSING, "a function of the session", observed, hint
    )
    return Broken((finding,), Basis.PLAN)


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
    return [_finding(check, FindingCode.FUNCTION_KIND, promised, ", ".join(sorted(kinds)))]


def _called(check: FunctionAvailable, session: SessionFacts, probe: FunctionProbe) -> list[Finding]:
    if probe.error is not None:
        promised = f"`{probe.call}` runs"
        return [_finding(check, FindingCode.FUNCTION_ARGUMENTS, promised, probe.error)]
    parameters = _cast(check, probe) if check.function.name in session.added else []
    wanted = check.function.returns
    if wanted is None or any(_matches(wanted, returned) for returned in probe.returns):
        return parameters
    return [
        *parameters,
        _finding(
            check,
            FindingCode.FUNCTION_RETURNS,
            f"`{probe.call}` returns {told_pattern(wanted)}",
            f"it returns {' or '.join(map(print_type, probe.returns))}",
        ),
    ]


def _cast(check: FunctionAvailable, probe: FunctionProbe) -> list[Finding]:
    """The engine's own functions take many types by casting, and are promised so. Another's parameters
    are what it says they are: where arguments are cast, its promised parameters are others."""
    arguments = check.function.arguments or ()
    return [
        _finding(
            check,
            FindingCode.FUNCTION_ARGUMENTS,
            f"`{probe.call}` takes {told_pattern(arguments[position])} as argument {position + 1}",
            f"it takes {print_type(cast)}, which the engine casts to",
        )
        for position, cast in sorted(probe.casts.items())
        if not _matches(arguments[position], cast)
    ]


def told_pattern(pattern: TypePattern) -> str:
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
