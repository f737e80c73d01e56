"""Forms of keys, references, rules and waivers to their contracts."""

from collections.abc import Iterator
from datetime import date

from cst_contracts.contract.forms import Form, Items, texts
from cst_contracts.contract.model import (
    KeyContract,
    ReferenceContract,
    RuleContract,
    Severity,
    SourceFormat,
    WaiverContract,
)
from cst_contracts.contract.names import Promised, refuse_repeats
from cst_contracts.contract.reading import Problems
from cst_contracts.errors import Problem


def build_keys(contract: Form, promised: Promised, problems: Problems) -> tuple[KeyContract, ...]:
    keys: dict[frozenset[str], KeyContract] = {}
    for item in contract.items("keys"):
        if not isinstance(item, Items):
            continue
        paths = texts(item)
        refuse_repeats(paths, "field", problems)
        promised.refuse_unknown_paths(paths, problems)
        key = KeyContract(tuple(map(promised.path_of, paths)), item.place)
        first = keys.setdefault(frozenset(key.fields), key)
        if first is not key:
            instead = f"remove one, the first is on line {first.place.line}"
            problems.append(Problem(item.place, "the same key is promised twice", instead))
    return tuple(keys.values())


def build_references(
    contract: Form, promised: Promised, problems: Problems
) -> tuple[ReferenceContract, ...]:
    references: dict[tuple[object, ...], ReferenceContract] = {}
    for form in contract.forms("references"):
        reference = _reference(form, promised, problems)
        identity = (reference.fields, reference.table, reference.to)
        first = references.setdefault(identity, reference)
        if first is not reference:
            instead = f"remove one, the first is on line {first.place.line}"
            problems.append(Problem(form.place, "the same reference is promised twice", instead))
    return tuple(references.values())


def _reference(form: Form, promised: Promised, problems: Problems) -> ReferenceContract:
    fields, to = form.texts("fields"), form.texts("to")
    refuse_repeats(fields, "field", problems)
    refuse_repeats(to, "field", problems)
    promised.refuse_unknown_paths(fields, problems)
    if fields and to and len(fields) != len(to):
        what = f"`to` names {len(to)} fields where `fields` names {len(fields)}"
        problems.append(
            Problem(form.key_places["to"], what, "name one for each, in the same order")
        )
    return ReferenceContract(
        tuple(map(promised.path_of, fields)),
        form.words("table"),
        tuple(field.text for field in to),
        form.place,
    )


def build_rules(contract: Form, problems: Problems) -> tuple[RuleContract, ...]:
    forms = contract.forms("rules")
    refuse_repeats(filter(None, (form.text("name") for form in forms)), "rule", problems)
    return tuple(
        RuleContract(
            form.words("name"),
            form.words("sql"),
            form.place,
            Severity(form.words("severity", Severity.ERROR)),
            enforced=form.flag("enforced", default=False),
        )
        for form in forms
    )


def refuse_unenforceable(contract: Form, problems: Problems) -> None:
    """Only a Delta log tells what its writers are held to."""
    source = contract.value("source", Form)
    if source is not None and source.words("format") == SourceFormat.DELTA:
        return
    for rule in contract.forms("rules"):
        if rule.flag("enforced", default=False):
            what = "`enforced: true` in a contract whose source enforces nothing"
            instead = "write `format: delta` under `source`, or leave `enforced` out"
            problems.append(Problem(rule.key_places["enforced"], what, instead))


def build_waivers(contract: Form, problems: Problems) -> tuple[WaiverContract, ...]:
    """`check` is only known to look like a check id: which ones there are is planned elsewhere."""
    forms = contract.forms("waivers")
    refuse_repeats(filter(None, (form.text("check") for form in forms)), "waiver of", problems)
    return tuple(_waivers(forms))


def _waivers(forms: tuple[Form, ...]) -> Iterator[WaiverContract]:
    for form in forms:
        expires = form.value("expires", date)
        if expires is not None:
            yield WaiverContract(
                form.words("check"), form.words("reason"), form.words("owner"), expires, form.place
            )
