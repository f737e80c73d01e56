"""The contract language, clause by clause, from the grammar that contracts are read with."""

from collections.abc import Iterator
from pathlib import Path

from _generate.markdown import code, fence, heading, table
from cst_contracts.contract.grammar import RECORDS
from cst_contracts.contract.kinds import (
    ChoiceKind,
    Condition,
    EitherKind,
    Key,
    Kind,
    ListKind,
    PairsKind,
    Record,
    RecordKind,
)

#: One whole contract for each mapping of the language, in which all of its keys are written.
EXAMPLES = Path(__file__).parent / "examples"


def clauses_markdown() -> str:
    """A section for every mapping of the language, with all of its keys and an example."""
    return "\n".join(_section(name, record) for name, record in RECORDS.items())


def _section(name: str, record: Record) -> str:
    rows = [
        (_key(key), kind_words(key.kind), _default(key), _meaning(key))
        for key in record.keys.values()
    ]
    example = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    return "\n".join(
        [
            heading(2, record.noun.capitalize(), f"clause-{name}"),
            f"{record.description}\n",
            table(("key", "value", "default", "meaning, and how it is written"), rows),
            *_constraints(record),
            *(fence("yaml", contract) for contract in example.split("---\n")),
        ]
    )


def _key(key: Key) -> str:
    return f"{code(key.name)}, required" if key.required else code(key.name)


def _meaning(key: Key) -> str:
    return f"{key.description} {code(f'{key.name}: {key.example}')}"


def _default(key: Key) -> str:
    match key.default:
        case None | "" | ():
            return ""
        case bool(flag):
            return code(str(flag).lower())
        case value:
            return code(str(value))


def kind_words(kind: Kind) -> str:
    """What may stand under a key, in words, with links to the mappings that are described elsewhere."""
    match kind:
        case ChoiceKind(choices=choices):
            return ", ".join(map(code, choices))
        case ListKind(item=item):
            return f"a list of: {kind_words(item)}"
        case PairsKind(value=value):
            return f"a mapping of names to: {kind_words(value)}"
        case RecordKind(record=record):
            return f"[{RECORDS[record].noun}](#clause-{record})"
        case EitherKind(short=short, long=long):
            return f"{kind_words(short)}, or {kind_words(long)}"
        case _:
            return kind.wanted


def _constraints(record: Record) -> Iterator[str]:
    if record.exactly_one:
        yield f"Exactly one of {_listed(record.exactly_one)} has to be written.\n"
    if record.at_least_one:
        yield f"At least one of {_listed(record.at_least_one)} has to be written.\n"
    for condition in record.conditions:
        yield f"{_condition(condition)}\n"


def _condition(condition: Condition) -> str:
    choices = f" is {_listed(condition.choices)}" if condition.choices else " is written"
    needs = f"{_listed(condition.needs)} has to be written, too" if condition.needs else ""
    refused = [
        code(f"{each.key}: true" if each.only_true else each.key) for each in condition.refuses
    ]
    refuses = f"{', '.join(refused)} has no place" if refused else ""
    return f"Where {code(condition.key)}{choices}, {' and '.join(filter(None, (needs, refuses)))}."


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(code, names))
