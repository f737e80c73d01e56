"""Which tests may notice a change in which room.

As a command, writes it for mutmut, which reads its settings while it is imported: `mutation_rooms.py ROOM`.
"""

import sys
from pathlib import Path

# Besides those in the folder of the room: tests that run within one process, and quickly.
_BESIDE = {
    "checks": [
        "scenarios/external/test_file_adapters.py",
        "scenarios/external/test_file_promises.py",
        "scenarios/external/test_queries.py",
    ],
    "contract": ["checks/test_aggregates.py", "checks/test_freshness.py", "checks/test_plan.py"],
    "datatypes": ["contract", "engine/rows/test_narrowed.py"],
    "engine/rows": ["scenarios/external"],
    "drift": ["report/test_changes.py", "report/test_comparable.py", "report/test_following.py"],
}
PYTEST = ["-p", "no:cacheprovider", "-p", "no:cst_contracts", "-n0"]
_COPIED = ["cst_contracts", "tests", "conftest.py", "contracts", "snapshots", "docs", "README.md"]


def tests_for(room: str) -> list[str]:
    return [f"tests/{each}" for each in (room, *_BESIDE.get(room, []))]


def room_of(what: str) -> str:
    """`checks/delta/log.py` lies in the room `checks`, as `checks/delta` does."""
    parts = Path(what.removesuffix(".py")).parts
    return "/".join(parts[: 2 if parts[0] == "engine" else 1])


def settings(what: str) -> str:
    room = room_of(what)
    only = f"cst_contracts/{what}" if what.endswith(".py") else f"cst_contracts/{what}/*"
    return "\n".join(
        [
            "",
            "[tool.mutmut]",
            f"source_paths = {_texts([f'cst_contracts/{room}'])}",
            f"only_mutate = {_texts([only])}",
            f"pytest_add_cli_args_test_selection = {_texts(tests_for(room))}",
            f"pytest_add_cli_args = {_texts(PYTEST)}",
            f"also_copy = {_texts(_COPIED)}",
            'process_isolation = "forkserver"',
            "",
        ]
    )


def _texts(each: list[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in each) + "]"


if __name__ == "__main__":
    with Path("pyproject.toml").open("a") as file:
        file.write(settings(sys.argv[1]))
