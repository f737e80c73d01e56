"""Which of the seeded faults each tool reports, and how often."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.tools import BEST, FRAMEWORKS, OURS, SCRIPTS, Command, Places, ours, peer

SEEDED: Mapping[str, int] = {
    "nulls": 7,
    "duplicates": 5,
    "disorder": 3,
    "outside": 4,
    "backwards": 2,
    "missing-field": 1,
    "wrong-type": 1,
}
OURS_ONLY: Mapping[str, int] = {"dangling": 1, "nested-null": 1}
_LAKES = ("faults", "missing-field", "wrong-type")
_KIND_OF_CHECK = {
    "nulls[ref_id]": "nulls",
    "unique[ref_id]": "duplicates",
    "order[measured]": "disorder",
    "rule[known_context]": "outside",
    "rule[span_is_forward]": "backwards",
    "reference[file_id→cst_files.file_id]": "dangling",
    "nulls[refs[].ref_id]": "nested-null",
}
_KIND_OF_CODE = {"field-missing": "missing-field", "type-mismatch": "wrong-type"}


@dataclass(frozen=True)
class Found:
    tool: str
    counts: Mapping[str, int]


def lakes(size: str) -> tuple[str, ...]:
    return (*(f"flat-{size}-{kind}" for kind in _LAKES), f"nested-{size}-faults")


def found(places: Places, size: str, tools: list[str]) -> Iterator[Found]:
    if OURS in tools:
        yield Found(OURS, _ours(places, size))
    for name in (BEST, *SCRIPTS, *FRAMEWORKS):
        if name in tools:
            yield Found(name, _of_peer(places, size, name))


def _of_peer(places: Places, size: str, name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for kind in _LAKES:
        told = _output(peer(places, name, f"flat-{size}-{kind}/cst_refs"))
        last = told.rstrip().rpartition("\n")[2]
        if not last.startswith("found "):
            raise SystemExit(f"{name} did not say what it found:\n{told}")
        seen: dict[str, int] = json.loads(last.removeprefix("found "))
        counts |= {key: count for key, count in seen.items() if _seeded_in(kind, key)}
    return counts


def _seeded_in(lake: str, kind: str) -> bool:
    """What else is red in a table that lacks a field follows from that."""
    return kind == lake or (lake == "faults" and kind not in _LAKES)


def _ours(places: Places, size: str) -> dict[str, int]:
    flat, without_a_field, wrong_type, nested = lakes(size)
    counts = _of_checks(_broken(places, "faults", flat))
    counts |= _of_checks(_broken(places, "nested", nested))
    for lake in (without_a_field, wrong_type):
        codes = [promise["code"] for promise in _broken(places, "flat", lake)]
        counts |= {kind: codes.count(code) for code, kind in _KIND_OF_CODE.items() if code in codes}
    return counts


def _of_checks(broken: list[dict[str, Any]]) -> dict[str, int]:
    return {
        _KIND_OF_CHECK[promise["check"]]: promise["violations"]
        for promise in broken
        if promise["check"] in _KIND_OF_CHECK
    }


def _broken(places: Places, project: str, lake: str) -> list[dict[str, Any]]:
    places.scratch.mkdir(parents=True, exist_ok=True)
    manifest = places.scratch / f"{lake}.json"
    manifest.unlink(missing_ok=True)
    told = _output(ours(places, project, lake, "--cst-manifest", str(manifest)))
    if not manifest.exists():
        raise SystemExit(f"no manifest of {lake} was written:\n{told}")
    promises = json.loads(manifest.read_text(encoding="utf-8"))["promises"]
    broken = [promise for promise in promises if promise["outcome"] == "broken"]
    if not broken:
        raise SystemExit(f"nothing was found in {lake}:\n{told}")
    return broken


def _output(command: Command) -> str:
    run = subprocess.run(
        command.arguments,
        cwd=command.folder,
        env={**os.environ, **command.settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.stdout


def told(counts: Mapping[str, int]) -> str:
    """`7 of 7`, and beside it what only our contracts can ask for."""
    seen = sum(1 for kind in SEEDED if counts.get(kind))
    more = sum(1 for kind in OURS_ONLY if counts.get(kind))
    return f"{seen} of {len(SEEDED)}" + (f" + {more}" if more else "")
