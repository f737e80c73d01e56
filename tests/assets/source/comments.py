import sys; from sys import path as search_path, argv


def old_style(size, names=()):
    # type: (int, tuple) -> list
    'A docstring in single quotes.'
    result = []  # type: list
    for name in names:  # type: str
        result.append(name)
    return result


def stub(size: int = ..., *, flag: bool) -> None: ...


class Empty: "A docstring on the line of its class."
