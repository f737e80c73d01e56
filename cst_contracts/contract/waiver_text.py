"""Writes a waiver of one change into the text of a contract, and leaves all other text as it is."""

import json
import re
from datetime import date

from msgspec import Struct

from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import CstContractsError, InvalidContract

_KEY = re.compile(r"^waivers:[ \t]*(#.*)?$", re.MULTILINE)
_FLOW = re.compile(r"^waivers:[ \t]*\[(?P<items>.*)\](?P<rest>[ \t]*(#.*)?)$", re.MULTILINE)
_ANY = re.compile(r"^(waivers|['\"]waivers['\"])[ \t]*:", re.MULTILINE)
_ITEM = re.compile(r"^(?P<indent>[ \t]*)-([ \t]|$)", re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z][\w .;/()+-]*[\w.)]")


class NewWaiver(Struct, frozen=True):
    """What a waiver of one change says."""

    change: str
    reason: str
    owner: str
    expires: date


class NoPlace(CstContractsError):
    """A contract whose layout has no place for a waiver that could be found."""


def with_waiver(text: str, waiver: NewWaiver, file: str) -> str:
    """The text with the waiver at the end of its list. What comes of it is read again, and is the contract
    with one waiver more, or else NoPlace is raised, with the lines to write by hand."""
    ends = "\r\n" if "\r\n" in text else "\n"
    written = _inserted(text.replace("\r\n", "\n"), waiver)
    if written is None or not _has_one_more(text, written, waiver, file):
        lines = "\n".join(_item(waiver, ""))
        raise NoPlace(f"{file}: write this into `waivers` by hand:\n{lines}")
    return written.replace("\n", ends)


def _has_one_more(before: str, after: str, waiver: NewWaiver, file: str) -> bool:
    try:
        old, new = (parse_contract(text.encode(), file) for text in (before, after))
    except InvalidContract:
        return False
    *others, last = new.waivers
    said = (last.change, last.reason, last.owner, last.expires)
    wanted = (waiver.change, waiver.reason, waiver.owner, waiver.expires)
    return said == wanted and len(others) == len(old.waivers)


def _inserted(text: str, waiver: NewWaiver) -> str | None:
    """None where waivers are written in a way that this module does not know."""
    flow = _FLOW.search(text)
    if flow is not None:
        before = flow["items"].strip()
        items = ", ".join(filter(None, (before, _flow_item(waiver))))
        return f"{text[: flow.start()]}waivers: [{items}]{flow['rest']}{text[flow.end() :]}"
    key = _KEY.search(text)
    if key is not None:
        return _after_last_item(text, key.end(), waiver)
    if _ANY.search(text):
        return None
    end = "" if text.endswith("\n") else "\n"
    lines = "\n".join(_item(waiver, "  "))
    return f"{text}{end}waivers:\n{lines}\n"


def _after_last_item(text: str, start: int, waiver: NewWaiver) -> str:
    first = _ITEM.search(text, start)
    indent = "  " if first is None else first["indent"]
    end = start
    for line in re.finditer(r"\n([^\n]*)", text[start:]):
        words = line.group(1)
        if words.strip() and not words.startswith((" ", "\t", "-", "#")):
            break
        if words.strip() and not words.startswith("#"):
            end = start + line.end()
    lines = "\n".join(_item(waiver, indent))
    return f"{text[:end]}\n{lines}{text[end:] or chr(10)}"


def _item(waiver: NewWaiver, indent: str) -> tuple[str, ...]:
    return (
        f'{indent}- change: "{waiver.change}"',
        f"{indent}  reason: {_scalar(waiver.reason)}",
        f"{indent}  owner: {_scalar(waiver.owner)}",
        f"{indent}  expires: {waiver.expires}",
    )


def _flow_item(waiver: NewWaiver) -> str:
    said = f"reason: {_scalar(waiver.reason)}, owner: {_scalar(waiver.owner)}"
    return f'{{change: "{waiver.change}", {said}, expires: {waiver.expires}}}'


def _scalar(text: str) -> str:
    """Without quotes where YAML cannot read it as anything but this text."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


#: What YAML takes for something else.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
