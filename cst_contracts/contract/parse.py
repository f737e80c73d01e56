"""Reads the text of a contract file as a contract, or tells every problem of the file at once."""

from typing import Any

from msgspec.structs import replace

from cst_contracts.contract.clauses.clause import SESSION, TABLE, Scope, table_scope
from cst_contracts.contract.forms import Form
from cst_contracts.contract.grammar import RECORDS, clauses_of
from cst_contracts.contract.hints import foreign_hint
from cst_contracts.contract.model import Contract, SessionContract, TableContract
from cst_contracts.contract.nodes import Mapping, Node, Scalar, read_nodes
from cst_contracts.contract.problems import Problems
from cst_contracts.contract.reading import read_contract
from cst_contracts.contract.wording import nearest, shown
from cst_contracts.errors import InvalidContract, Problem

_KINDS = (TABLE, SESSION)


def parse_contract(data: bytes, file: str) -> Contract:
    """The contract that a file's bytes hold. `file` is its name in places. Raises InvalidContract."""
    document = read_nodes(data, file)
    problems = list(document.problems)
    contract = _contract(document.root, file, problems)
    if problems or contract is None:
        # A node that an alias repeats is wrong once.
        raise InvalidContract(tuple(dict.fromkeys(problems)))
    return contract


def _contract(root: Node, file: str, problems: Problems) -> Contract | None:
    if not isinstance(root, Mapping) or not root.entries:
        what = "this file holds no contract"
        problems.append(Problem(root.place, what, "start it with `table:` or `session:`"))
        return None
    kind = _kind(root, problems)
    if kind is None:
        return None
    form = read_contract(_of_kind(root, kind), RECORDS[kind], problems)
    if kind == SESSION:
        return _session_contract(form, file, problems)
    return _table_contract(form, file, problems)


def _kind(root: Mapping, problems: Problems) -> str | None:
    """The kind of contract that the first key says, or else the one that a later key says."""
    keys = [key for key, _ in root.entries]
    said = [key for key in keys if key.text in _KINDS]
    for extra in said[1:]:
        what = f"`{extra.text}:` in a {said[0].text} contract"
        problems.append(Problem(extra.place, what, "put each contract in a file of its own"))
    first = keys[0]
    if not said:
        return _kind_meant(*root.entries[0], problems)
    if said[0] is not first:
        what = f"the first key is {shown(first.text)}"
        problems.append(Problem(first.place, what, f"move `{said[0].text}:` to the top"))
    return said[0].text


def _kind_meant(first: Scalar, value: Node, problems: Problems) -> str | None:
    """The kind of contract that a file without `table` and `session` is likely to be."""
    foreign = foreign_hint(first, value, RECORDS[TABLE])
    meant = nearest(first.text, _KINDS)
    if foreign is not None and TABLE in foreign.means:
        meant, instead = TABLE, foreign.instead
    else:
        instead = f"did you mean `{meant}`?" if meant else "start with `table:` or `session:`"
    problems.append(Problem(first.place, f"the first key is {shown(first.text)}", instead))
    return meant


def _of_kind(root: Mapping, kind: str) -> Mapping:
    """The contract without the keys of other kinds, and with its kind as key even if it is misspelled."""
    others = {key for key in _KINDS if key != kind}
    own = [(key, value) for key, value in root.entries if key.text not in others]
    if all(key.text != kind for key, _ in own):
        key, value = own[0]
        own[0] = (replace(key, text=kind), value)
    return replace(root, entries=tuple(own))


def _table_contract(form: Form, file: str, problems: Problems) -> TableContract:
    place = form.key_places.get("fields", form.place)
    built = _built(TABLE, table_scope(form, problems))
    return TableContract(form.words(TABLE), file, form.place, fields_place=place, **built)


def _session_contract(form: Form, file: str, problems: Problems) -> SessionContract:
    place = form.key_places.get("preset")
    built = _built(SESSION, Scope(form, problems))
    return SessionContract(form.words(SESSION), file, form.place, preset_place=place, **built)


def _built(contract: str, scope: Scope) -> dict[str, Any]:
    """What each clause builds, by the name of the contract's field that takes it.

    Their types are not checked here: a test compares what clauses build with the fields' annotations.
    """
    return {clause.key.name: clause.build(scope) for clause in clauses_of(contract)}
