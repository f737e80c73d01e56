"""Which fields' values are not written into contracts: those that are sensitive, or that sound like it."""

import re

from msgspec import Struct

from cst_contracts.checks.metadata import texts_of
from cst_contracts.datatypes import TypeNode

#: Of words about persons and secrets, how they begin.
_STEMS = (
    "address|birth|confidential|diagnos|email|ethnic|iban|income|latitude|longitude|maiden|mobile|nationalit|"
    "passport|passphrase|passw|patient|phone|postal|postcode|pwd|religio|salar|secret|surname|token|wage"
)
_WORDS = (
    "account_?(?:no|nr|number|holder)|(?:credit_?)?card|cvv|dob|(?:first|full|last|user)_?names?|gender|ip|lat|"
    "lng|lon|mail|pin|sex|ssn|tax_?(?:id|no|number)|zip(?:_?code)?"
)
_SOUNDS_SO = re.compile(rf"(?:^|[^a-z])(?:(?:{_STEMS})|(?:{_WORDS})(?:[^a-z]|$))")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Metadata that says so, unless its value is a no.
_METADATA = re.compile(r"(?:^|[^a-z])(?:sensitiv|pii|gdpr|confidential|classification)")
_NO = ("", "false", "no", "0", "none", "public")


class Hidden(Struct, frozen=True):
    """`names` are those of fields that some contract of the project calls sensitive, in lower case."""

    names: frozenset[str] = frozenset()

    def hides(self, node: TypeNode) -> bool:
        """Whether nothing may be told of a node's values, nor of those inside of it."""
        spelled = _CAMEL.sub("_", node.name).lower()
        sounds_so = _SOUNDS_SO.search(spelled) is not None
        return sounds_so or node.name.lower() in self.names or _is_marked(node)


def _is_marked(node: TypeNode) -> bool:
    return any(
        _METADATA.search(key.lower()) and value.lower() not in _NO
        for key, value in texts_of(node.field.metadata).items()
    )
