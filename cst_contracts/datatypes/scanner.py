"""A cursor over type text: tokens, JSON strings, and errors that know their offset."""

import json
import re
from collections.abc import Mapping

from msgspec import Struct

from cst_contracts.errors import InvalidType

_SPACE = re.compile(r"\s*")
JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SHOWN = 40


class Scanner(Struct):
    """Reads the text of a type token by token, with one method for each kind of token.

    Every method skips white space first; `offset` is where the next one looks.
    """

    text: str
    offset: int = 0

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The pattern found right here, and consumed."""
        found = pattern.match(self.text, self.skip_space())
        if found:
            self.offset = found.end()
        return found

    def sees(self, token: str) -> bool:
        return self.text.startswith(token, self.skip_space())

    def take(self, token: str) -> bool:
        seen = self.sees(token)
        if seen:
            self.offset += len(token)
        return seen

    def expect(self, *tokens: str) -> str:
        """The token that stands here and is consumed."""
        for token in tokens:
            if self.take(token):
                return token
        wanted = " or ".join(f"`{token}`" for token in tokens)
        raise self.error(f"{self._here()} where {wanted} belongs", f"write {wanted}")

    def expect_end(self) -> None:
        if self.skip_space() < len(self.text):
            raise self.error(f"{self._here()} after the end of the type", "remove it")

    def expect_keyword(self, word: str, sign: str) -> None:
        start = self.skip_space()
        if not (self.take(word) and self.take(sign)):
            self.offset = start
            self.expect(word + sign)

    def expect_match(self, pattern: re.Pattern[str], noun: str, instead: str) -> re.Match[str]:
        found = self.match(pattern)
        if found is None:
            raise self.error(f"{self._here()} where {noun} belongs", instead)
        return found

    def json_string(self) -> str:
        return self._json_string(metadata=False)

    def metadata(self) -> Mapping[bytes, bytes]:
        """A JSON object of strings. Bytes that are not UTF-8 stand in it as lone surrogates."""
        pairs: dict[bytes, bytes] = {}
        self.expect("{")
        if self.take("}"):
            return pairs
        while True:
            start = self.skip_space()
            key = _metadata_bytes(self._json_string(metadata=True))
            self.expect(":")
            if key in pairs:
                raise self.error("a metadata key is written twice", "keep one of them", start)
            pairs[key] = _metadata_bytes(self._json_string(metadata=True))
            if self.expect(",", "}") == "}":
                return pairs

    def error(self, what: str, instead: str, offset: int | None = None) -> InvalidType:
        return InvalidType(what, instead, self.offset if offset is None else offset)

    def skip_space(self) -> int:
        found = _SPACE.match(self.text, self.offset)
        self.offset = found.end() if found else self.offset
        return self.offset

    def _json_string(self, *, metadata: bool) -> str:
        written = self.expect_match(JSON_STRING, "a string", "write it in double quotes")
        try:
            value = json.loads(written[0])
            value.encode(errors="surrogateescape" if metadata else "strict")
        except ValueError as error:
            what = f"{shown(written[0])} is no JSON string"
            instead = "escape what JSON wants escaped"
            raise self.error(what, instead, written.start()) from error
        return str(value)

    def _here(self) -> str:
        rest = self.text[self.skip_space() : self.offset + _SHOWN].split(maxsplit=1)
        return shown(rest[0]) if rest else "the end of the text"


def shown(text: str) -> str:
    """Text as it stands in a message, long ones cut."""
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[:_SHOWN]}…`"


def _metadata_bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
