"""JSON Schema's words for limits of values, which ODCS has, too."""

from collections.abc import Mapping

#: By the key of a contract.
JSON_WORDS: Mapping[str, str] = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}
CONTRACT_KEYS: Mapping[str, str] = {word: key for key, word in JSON_WORDS.items()}
