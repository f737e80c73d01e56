"""Any Python text → text that a table can hold."""


def storable(text: str) -> str:
    """Lone surrogates have no UTF-8; string literals and file names may contain them."""
    return text.encode("utf-8", "backslashreplace").decode()
