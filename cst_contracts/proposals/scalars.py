"""Texts as YAML scalars: plain where YAML reads them as that very text, else in double quotes."""

from functools import lru_cache

import yaml

from cst_contracts.contract.wording import visible

_WIDE = 2**31 - 1


@lru_cache(maxsize=4096)
def scalar(text: str) -> str:
    """As it may stand anywhere, within brackets and braces, too."""
    is_word = any(map(str.isalnum, text))
    return text if is_word and _dumped(text, None) == text else _dumped(text, '"')


def flow_list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(scalar, texts))}]"


def _dumped(text: str, style: str | None) -> str:
    """PyYAML decides what has to be quoted; the text stands in a list on one line, and what nobody would see
    there is escaped."""
    dumped: str = yaml.dump(
        [text],
        Dumper=yaml.SafeDumper,
        default_flow_style=True,
        default_style=style,
        width=_WIDE,
        allow_unicode=visible(text) == text,
    )
    return dumped.strip()[1:-1]
