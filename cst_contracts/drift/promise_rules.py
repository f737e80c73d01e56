"""The rules about what clauses of a contract promise: which changes each kind of promise can have."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from cst_contracts.drift.rule import ChangeKind, Compatibility, Rule

_BREAKS, _FINE = Compatibility.BREAKING, Compatibility.COMPATIBLE


class PromiseWords(Struct, frozen=True):
    """`noun` begins the ids of its rules, `verbs` end them. `clauses` are the keys that promise such a thing,
    a last `*` standing for any further letters. `thing` begins sentences about it, `subject` the lines in
    which a change is told, `example` is what may be promised. Whatever is `free` breaks nobody."""

    noun: str
    clauses: tuple[str, ...]
    thing: str
    subject: str
    example: str
    verbs: tuple[str, ...]
    free: bool = False


_CAME_OR_WENT = ("added", "removed")
_OTHERWISE = (*_CAME_OR_WENT, "changed")
_MORE_OR_LESS = ("tightened", "loosened")
_ALL = (*_OTHERWISE, *_MORE_OR_LESS)

PROMISES: tuple[PromiseWords, ...] = (
    PromiseWords("key", ("keys",), "A key", "keys order_id", "promised", _ALL),
    PromiseWords(
        "reference",
        ("references",),
        "A reference to another table",
        "references customer_id → customers.id",
        "promised",
        _ALL,
    ),
    PromiseWords(
        "aggregate",
        ("aggregates",),
        "An aggregate",
        "aggregates enough",
        "sql: count(*) >= 100",
        _ALL,
    ),
    PromiseWords("rule", ("rules",), "A rule", "rules positive", "sql: total >= 0", _ALL),
    PromiseWords(
        "query",
        ("queries", "query fields"),
        "A reader's query, or a field that it gives,",
        "queries orders_of_day",
        "sql: SELECT order_id FROM orders WHERE day = $day",
        _ALL,
    ),
    PromiseWords(
        "interop",
        ("interop",),
        "A library in which the table arrives",
        "interop polars",
        "promised",
        _CAME_OR_WENT,
    ),
    PromiseWords(
        "freshness", ("freshness",), "Freshness", "freshness", "field: at, within: 1d", _ALL
    ),
    PromiseWords(
        "required-function",
        ("functions",),
        "A function that is needed",
        "functions arrow_typeof",
        "promised",
        _OTHERWISE,
    ),
    PromiseWords(
        "required-setting",
        ("settings",),
        "A setting of the session",
        "settings datafusion.sql_parser.dialect",
        "value: generic",
        _OTHERWISE,
    ),
    PromiseWords(
        "catalog",
        ("catalog",),
        "A mounted folder, or one of its tables,",
        "catalog orders",
        "promised",
        _OTHERWISE,
    ),
    PromiseWords(
        "pinned-version",
        ("source as_of",),
        "The version at which the table is read",
        "source as_of",
        "{version: 12}",
        _OTHERWISE,
        free=True,
    ),
    PromiseWords(
        "file-promise",
        ("source files",),
        "How data files are written",
        "source files codec",
        "zstd",
        _ALL,
    ),
    PromiseWords(
        "source",
        ("source*",),
        "Where or how the table is stored",
        "source location",
        "orders",
        _ALL,
    ),
    PromiseWords(
        "view-promise",
        ("view *",),
        "Which fields a view has, or that it has rows,",
        "view fields open_orders",
        "order_id",
        (*_CAME_OR_WENT, *_MORE_OR_LESS),
    ),
    PromiseWords(
        "field-promise",
        ("field *",),
        "What the values of a field may be, or how its type is compared,",
        "max_nulls of total",
        "5%",
        _ALL,
    ),
    PromiseWords(
        "promise",
        ("*",),
        "Something that has no rule of its own, such as `field_order` or a preset,",
        "preset",
        "cst",
        _ALL,
    ),
)


def promise_rule(clause: str, verb: str) -> str:
    """The id of the rule for a change of one promise of a clause: of the first entry that has both."""
    return next(
        f"{words.noun}-{verb}"
        for words in PROMISES
        if verb in words.verbs and any(_covers(each, clause) for each in words.clauses)
    )


def _covers(pattern: str, clause: str) -> bool:
    return clause.startswith(pattern[:-1]) if pattern.endswith("*") else clause == pattern


def promise_rules() -> Iterator[Rule]:
    return (rule for words in PROMISES for rule in _promise_rules(words))


def _promise_rules(words: PromiseWords) -> Iterator[Rule]:
    """The same for every clause: whoever promises more binds writers, whoever promises less fails readers."""
    for verb in words.verbs:
        says, readers, writers, why, example = _VERBS[verb]
        yield Rule(
            f"{words.noun}-{verb}",
            ChangeKind.PROMISES,
            _FINE if words.free else readers,
            _FINE if words.free else writers,
            f"{words.thing} {says}.",
            _FREE if words.free else why,
            f"{words.subject}: {example.format(words.example)}",
        )


_MORE = "Readers get what they were promised, and more; what was written before may not keep it."
_LESS = "Readers lean on what was promised; whatever kept the old promise keeps the new one."
_ELSE = "Readers lean on the old promise, and what was written before may not keep the new one."
_FREE = "Other rows are read, under the same promises."
_VERBS: Mapping[str, tuple[str, Compatibility, Compatibility, str, str]] = MappingProxyType(
    {
        "added": ("is promised that was not", _FINE, _BREAKS, _MORE, "absent → {}"),
        "removed": ("is promised no more", _BREAKS, _FINE, _LESS, "{} → absent"),
        "changed": ("is promised otherwise", _BREAKS, _BREAKS, _ELSE, "{} → another"),
        "tightened": ("is promised more strictly", _FINE, _BREAKS, _MORE, "looser → stricter"),
        "loosened": ("is promised less strictly", _BREAKS, _FINE, _LESS, "stricter → looser"),
    }
)
