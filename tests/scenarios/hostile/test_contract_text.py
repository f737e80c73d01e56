"""Contract files that are broken, or are meant to do harm: each is refused at its place."""

import pytest

from cst_contracts.contract.parse import parse_contract
from cst_contracts.errors import InvalidContract

FIELDS = "fields: [{name: a, type: int8}]\n"
TABLE = f"table: t\n{FIELDS}"
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = "nested more than 64 levels deep; write it flatter"
RE2 = "write one that RE2 knows: it has no look-around and no back-references"
UNQUOTED = "without quotes, which YAML reads as"
HIDDEN = "`location` with a user, a password or a query in its URL; leave them out"


def typed(type_: str) -> str:
    return f'table: t\nfields: [{{name: a, type: "{type_}"}}]'


def named(name: str) -> str:
    return f"table: t\nfields: [{{name: {name}, type: int8}}]"


def matching(pattern: str) -> str:
    return f"table: t\nfields: [{{name: a, type: string, pattern: '{pattern}'}}]"


def located(location: str) -> str:
    return f"{TABLE}source: {{format: parquet, location: {location}}}"


#: What the file holds, and a part of what is said of it.
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "an empty file": ("", "1:1: the file is empty; start it with `table:` or `session:`"),
    "a comment": ("# nothing\n", "1:1: the file is empty; start it with `table:` or `session:`"),
    "null": ("null", "1:1: this file holds no contract; start it with `table:` or `session:`"),
    "a NUL byte": ("table: t\0\n", "1:9: character U+0000 cannot stand in YAML text; remove it"),
    "UTF-16": (TABLE.encode("utf-16"), "1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
    "Latin-1": (b"table: caf\xe9\n", "1:11: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    "half a character": (b"table: \xe2\x82", "1:8: byte 0xe2 is not UTF-8; save the file as UTF-8"),
    "two documents": (f"{TABLE}---\n{TABLE}", "3:1: a second document in the same file"),
    "a tab": ("table: t\nfields:\n\t- a\n", "3:1: not YAML: while scanning for the next token"),
    "an open quote": ('table: "t\n', "2:1: not YAML: while scanning a quoted scalar"),
    "an open list": (
        "table: t\nfields: [{name: a\n",
        "3:1: not YAML: while parsing a flow mapping",
    ),
    "an open mapping": ("table: {t\n", "2:1: not YAML: while parsing a flow mapping"),
    "a Python call": (
        "table: !!python/object/apply:os.system ['true']\n",
        "1:8: YAML tag `tag:yaml.org,2002:python/object/apply:os.system`; leave the tag out",
    ),
    "a Python name": (
        "table: !!python/name:os.system\n",
        "1:8: YAML tag `tag:yaml.org,2002:python/name:os.system`; leave the tag out",
    ),
    "a tag": ("table: !secret t\n", "1:8: YAML tag `!secret`; leave the tag out"),
    "binary": ("table: !!binary aGk=\n", "1:8: YAML tag `tag:yaml.org,2002:binary`; leave the tag"),
    "a set": ("table: t\nfields: !!set {a}\n", "2:9: YAML tag `tag:yaml.org,2002:set`; leave the"),
    "an alias of nothing": ("table: *t\n", "1:8: alias `*t` has no anchor; write `&t` before it"),
    "an alias of itself": (
        "table: t\nfields: &f [*f]\n",
        "2:13: alias `*f` stands inside its own anchor; write the value out",
    ),
    "a billion laughs": (
        f"table: t\n{LAUGHS}{FIELDS}",
        "6:8: alias `*d` makes the file too large; write the values out",
    ),
    "a merge": (f"{TABLE}owner: {{<<: {{a: b}}}}\n", "3:9: merge key `<<`; write the merged keys"),
    "a merge of itself": (
        "table: t\nmetadata: &m {<<: *m}\n",
        "2:19: alias `*m` stands inside its own anchor; write the value out",
    ),
    "a list as key": (
        "? [a]\n: b\n",
        "1:3: a key that is a list or a mapping; write a text as key",
    ),
    "a mapping as key": ("? {a: b}\n: c\n", "1:3: a key that is a list or a mapping; write a text"),
    "a key twice": (
        f"{TABLE}owner: a\nowner: b\n",
        "4:1: duplicate key `owner`; keep one of the two, the first is on line 3",
    ),
    "100 levels": (f"table: t\nfields: {'[' * 100}{']' * 100}", f"2:72: {DEEP}"),
    "1,000 levels": (f"table: t\nfields: {'[' * 1000}{']' * 1000}", DEEP),
    "100,000 levels": (f"table: t\nfields: {'[' * 100_000}", DEEP),
    "1,000 levels of lines": (
        "table: t\nfields:\n" + "".join(f"{' ' * level}-\n" for level in range(1, 1000)),
        f"66:65: {DEEP}",
    ),
    "a type of 1,000 levels": (
        typed("list<" * 1000 + "int8" + ">" * 1000),
        "2:352: a type nested deeper than 64 levels; write a flatter type",
    ),
    "an open type of 100,000 levels": (
        typed("list<" * 100_000),
        "2:352: a type nested deeper than 64 levels; write a flatter type",
    ),
    "an open type": (typed("list<int8"), "2:36: the end of the text where `>` belongs; write `>`"),
    "a bell in a type": (typed("int8\\u0007"), "2:26: `int8\\x07` is no Arrow type; write `int8`"),
    "a type from right to left": (
        typed("\u202eint8"),
        "2:27: `\\u202eint8` is no Arrow type; write",
    ),
    "a decimal that is too wide": (
        typed("decimal128(99, 2)"),
        "2:38: 99 cannot be the precision of decimal128; write an integer from 1 to 38",
    ),
    "a decimal of 20 digits": (
        typed(f"decimal128({'9' * 20}, 2)"),
        "2:38: 9999999999 cannot be the precision of decimal128",
    ),
    "a negative width": (
        typed("fixed_size_binary[-1]"),
        "2:45: -1 cannot be the size; write an integer from 0 to 2147483647",
    ),
    "a number of 5,000 digits": (
        f"{TABLE}source: {{format: parquet, location: t, allow_empty: {'9' * 5000}}}",
        "write `true` or `false`",
    ),
    "a name that is hexadecimal": (
        f"table: 0xff\n{FIELDS}",
        f"`table` is `0xff` {UNQUOTED} a number",
    ),
    "a name that is true": (f"table: yes\n{FIELDS}", f"1:8: `table` is `yes` {UNQUOTED} a boolean"),
    "a name that is a date": (f"table: 2024-01-01\n{FIELDS}", f"`2024-01-01` {UNQUOTED} a date"),
    "a name in base 60": (f"table: 1:20\n{FIELDS}", f"1:8: `table` is `1:20` {UNQUOTED} a number"),
    "infinity": (f"{TABLE}metadata: {{a: .inf}}\n", f"3:15: `a` is `.inf` {UNQUOTED} a number"),
    "a bound that is no number": (
        "table: t\nfields: [{name: a, type: double, minimum: .nan}]\n",
        "2:43: NaN is no bound; write a number",
    ),
    "a table without a name": (f"table: ''\n{FIELDS}", "1:8: `table` is empty text; write a name"),
    "a table called blank": (f"table: ' '\n{FIELDS}", "1:8: `table` is the text ` `; write a name"),
    "a table of two lines": (
        f'table: "a\\nb"\n{FIELDS}',
        "1:8: `table` is the text `a\\nb`; write",
    ),
    "a table with a quote": (
        f"table: 'a\"b'\n{FIELDS}",
        '1:8: `table` is the text `a"b`; write `ab`',
    ),
    "a table of four parts": (
        f"table: a.b.c.d\n{FIELDS}",
        "1:8: `table` is `a.b.c.d`; write a name",
    ),
    "a table that climbs": (f"table: ../../etc\n{FIELDS}", "1:8: `table` is `../../etc`; write a"),
    "a field without a name": (named("''"), "2:17: `name` is empty text; write a field name"),
    "a field called 1": (named("1"), f"2:17: `name` is `1` {UNQUOTED} a number"),
    "a field called null": (named("null"), f"2:17: `name` is `null` {UNQUOTED} no value"),
    "a field called by a list": (named("[a]"), "2:17: `name` is a list; write `a`"),
    "NUL in a field": (named('"a\\0b"'), "2:17: text with the character U+0000; leave its escape"),
    "half a surrogate": (named('"a\\uD800"'), "2:21: not YAML: while parsing a quoted scalar"),
    "a field twice": (
        "table: t\nfields: [{name: a, type: int8}, {name: a, type: int8}]",
        "2:40: field `a` is written twice; rename or remove one, the first is on line 2",
    ),
    "an open pattern": (matching("("), f"2:43: `(` is no regular expression: missing ): (; {RE2}"),
    "a pattern that looks behind": (matching("(?<=a)b"), RE2),
    "a pattern that refers back": (matching("(a)\\1"), RE2),
    "a pattern that repeats for ever": (matching("a{1,99999999}"), RE2),
    "a rule without text": (f"{TABLE}rules: [{{name: r, sql: ''}}]", "3:24: `sql` is empty text"),
    "a rule that is a list": (f"{TABLE}rules: [{{name: r, sql: [a]}}]", "3:24: `sql` is a list"),
    "a location of nothing": (located("null"), f"3:37: `location` is `null` {UNQUOTED} no value"),
    "an empty location": (located("''"), "3:37: `location` is empty text; write a path or a URI"),
    "a password": (located("'s3://user:secret@bucket/x'"), HIDDEN),
    "a token": (located("'s3://bucket/x?token=secret'"), HIDDEN),
    "NUL in a location": (located('"a\\0b"'), "3:37: text with the character U+0000; leave its"),
    "a format that runs code": (
        f"{TABLE}source: {{format: pickle, location: t}}",
        "3:18: `format` is `pickle`; write `parquet`, `delta`, `csv`, `json`, `arrow`, `view` or",
    ),
}
#: What is large, or looks odd, and is a contract all the same.
READ: dict[str, str] = {
    "a byte order mark": f"\ufeff{TABLE}",
    "5,000 fields": "table: t\nfields:\n"
    + "".join(f"- {{name: f{n}, type: int8}}\n" for n in range(5000)),
    "100,000 lines": TABLE + "# x\n" * 100_000,
    "a line of a million characters": f"{TABLE}owner: {'x' * 1_000_000}\n",
    "a name of 100,000 characters": f"table: {'x' * 100_000}\n{FIELDS}",
    "a pattern that takes others for ever": matching("(a+)+$"),
    "an anchor": f"table: &{'a' * 70_000} t\n{FIELDS}",
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_contract_is_refused_at_its_place(text: str | bytes, told: str) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidContract) as refused:
        parse_contract(data, "c.yaml")
    problems = [str(problem) for problem in refused.value.problems]
    assert any(told in problem for problem in problems), problems
    assert all(problem.startswith("c.yaml:") and problem.isprintable() for problem in problems)
    assert not any("secret@" in problem or "token=" in problem for problem in problems)


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_what_is_only_large_or_odd_is_read(text: str) -> None:
    assert parse_contract(text.encode(), "c.yaml").file == "c.yaml"
