"""Finds the changes between the functions of two sessions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from cst_contracts.facts import FunctionFacts, Signature


class FunctionAdded(Struct, frozen=True):
    name: str
    kind: str


class FunctionRemoved(Struct, frozen=True):
    name: str
    kind: str


class KindChanged(Struct, frozen=True):
    """A function that is of another kind now, and so is called in another way."""

    name: str
    before: str
    after: str


class DeterminismChanged(Struct, frozen=True):
    """A function that gives the same for the same arguments now and did not, or the reverse.

    `deterministic` is what it is now.
    """

    name: str
    kind: str
    deterministic: bool


class SignatureAdded(Struct, frozen=True):
    name: str
    kind: str
    signature: Signature


class SignatureRemoved(Struct, frozen=True):
    name: str
    kind: str
    signature: Signature


class ReturnsChanged(Struct, frozen=True):
    """An overload that returns another type for the same arguments; None: the engine does not say."""

    name: str
    kind: str
    arguments: tuple[str, ...]
    before: str | None
    after: str | None


class FunctionShadowed(Struct, frozen=True):
    """Another function came to stand under the name of one of the engine's own."""

    name: str


class FunctionUnshadowed(Struct, frozen=True):
    """The name stands for the engine's own function again."""

    name: str


FunctionChange: TypeAlias = (
    FunctionAdded
    | FunctionRemoved
    | KindChanged
    | DeterminismChanged
    | SignatureAdded
    | SignatureRemoved
    | ReturnsChanged
    | FunctionShadowed
    | FunctionUnshadowed
)


def function_changes(
    before: Iterable[FunctionFacts], after: Iterable[FunctionFacts]
) -> Iterator[FunctionChange]:
    """All changes, in order of the functions' names."""
    old, new = _by_name(before), _by_name(after)
    for name in sorted(old.keys() | new.keys()):
        yield from _kind_changes(old.get(name, {}), new.get(name, {}))


def shadowing_changes(
    before: Iterable[str], after: Iterable[str]
) -> Iterator[FunctionShadowed | FunctionUnshadowed]:
    old, new = set(before), set(after)
    for name in sorted(old ^ new):
        yield FunctionShadowed(name) if name in new else FunctionUnshadowed(name)


def _by_name(functions: Iterable[FunctionFacts]) -> dict[str, dict[str, FunctionFacts]]:
    found: defaultdict[str, dict[str, FunctionFacts]] = defaultdict(dict)
    for function in functions:
        found[function.name][function.kind] = function
    return dict(found)


def _kind_changes(
    before: Mapping[str, FunctionFacts], after: Mapping[str, FunctionFacts]
) -> Iterator[FunctionChange]:
    """The changes of one name, whose functions are given by kind."""
    if len(before) == len(after) == 1 and before.keys() != after.keys():
        (old,), (new,) = before.values(), after.values()
        yield KindChanged(old.name, old.kind, new.kind)
        return
    for kind in sorted(before.keys() | after.keys()):
        if kind not in after:
            yield FunctionRemoved(before[kind].name, kind)
        elif kind not in before:
            yield FunctionAdded(after[kind].name, kind)
        else:
            yield from _overload_changes(before[kind], after[kind])


def _overload_changes(before: FunctionFacts, after: FunctionFacts) -> Iterator[FunctionChange]:
    name, kind = before.name, before.kind
    if before.deterministic != after.deterministic:
        yield DeterminismChanged(name, kind, deterministic=after.deterministic)
    lost = [each for each in before.signatures if each not in after.signatures]
    gained = [each for each in after.signatures if each not in before.signatures]
    old, new = _by_arguments(lost), _by_arguments(gained)
    for arguments, signatures in old.items():
        match signatures, new.get(arguments):
            case [was], [now]:
                yield ReturnsChanged(name, kind, arguments, was.returns, now.returns)
            case _:
                yield from (SignatureRemoved(name, kind, each) for each in signatures)
    for arguments, signatures in new.items():
        if len(signatures) > 1 or len(old.get(arguments, [])) != 1:
            yield from (SignatureAdded(name, kind, each) for each in signatures)


def _by_arguments(signatures: Iterable[Signature]) -> dict[tuple[str, ...], list[Signature]]:
    found: defaultdict[tuple[str, ...], list[Signature]] = defaultdict(list)
    for signature in signatures:
        found[signature.arguments].append(signature)
    return dict(found)
