"""Reads files of a git repository as they were at a reference, without checking anything out."""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from cst_contracts.errors import CstContractsError

_LINK = b"120000"
_FILES = (b"100644", b"100755", _LINK)


class GitError(CstContractsError):
    """What git cannot be asked: there is no git, no repository, or no such reference."""


def commit_of(folder: Path, reference: str) -> str | None:
    """The commit that a reference names; None where the repository has no such reference.

    Raises GitError where there is no git, or the folder is in no repository.
    """
    require_repository(folder)
    if reference.startswith("-"):
        return None
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    found = _git(folder, asked)
    return found.stdout.decode().strip() if found.returncode == 0 else None


def require_repository(folder: Path) -> None:
    found = _git(folder, ("rev-parse", "--is-inside-work-tree"))
    if found.returncode != 0 or found.stdout.strip() != b"true":
        why = found.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise GitError(f"{folder}: no git repository to read references of ({why or 'it is bare'})")


def is_shallow(folder: Path) -> bool:
    """Whether the repository lacks older commits, as a clone of a CI job often does."""
    return _git(folder, ("rev-parse", "--is-shallow-repository")).stdout.strip() == b"true"


def read_files(folder: Path, commit: str, places: Sequence[str]) -> dict[PurePosixPath, bytes]:
    """All files at a commit that lie at or below the places; both are relative to the folder.

    A link to another of these files has that one's content; any other link is left out. Raises GitError
    where git cannot read the commit.
    """
    listed = _checked(
        folder, ("ls-tree", "-r", "-z", "--full-tree", commit, "--", *_rooted(folder, places))
    )
    objects: dict[PurePosixPath, tuple[bytes, bytes]] = {}
    prefix = _prefix(folder)
    for entry in filter(None, listed.split(b"\0")):
        head, _, name = entry.partition(b"\t")
        mode, _, object_ = head.split(b" ")
        if mode in _FILES:
            path = os.path.relpath(os.fsdecode(name), prefix or ".")
            objects[PurePosixPath(path)] = (mode, object_)
    contents = _contents(folder, {object_ for _, object_ in objects.values()})
    return dict(_linked({path: (mode, contents[each]) for path, (mode, each) in objects.items()}))


def commits_of(folder: Path, commit: str, places: Sequence[str]) -> list[str]:
    """The commits up to one that changed what lies at or below the places, which are relative to the folder;
    the newest first."""
    listed = _checked(folder, ("log", "--format=%H", commit, "--", *places))
    return listed.decode("ascii").split()


def _linked(
    files: Mapping[PurePosixPath, tuple[bytes, bytes]],
) -> Iterable[tuple[PurePosixPath, bytes]]:
    for path, (mode, content) in files.items():
        if mode != _LINK:
            yield path, content
            continue
        target = os.path.normpath(path.parent / os.fsdecode(content))
        target_mode, linked = files.get(PurePosixPath(target), (_LINK, b""))
        if target_mode != _LINK:
            yield path, linked


def _contents(folder: Path, objects: Iterable[bytes]) -> dict[bytes, bytes]:
    wanted = sorted(objects)
    output = _checked(folder, ("cat-file", "--batch"), b"".join(each + b"\n" for each in wanted))
    contents: dict[bytes, bytes] = {}
    at = 0
    for each in wanted:
        end = output.index(b"\n", at)
        size = int(output[at:end].split(b" ")[2])
        contents[each] = output[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return contents


def _rooted(folder: Path, places: Sequence[str]) -> list[str]:
    """Places relative to the repository's root, as `--full-tree` takes them."""
    prefix = _prefix(folder)
    return [
        PurePosixPath(os.path.normpath(PurePosixPath(prefix, each))).as_posix() for each in places
    ]


def _prefix(folder: Path) -> str:
    return os.fsdecode(_checked(folder, ("rev-parse", "--show-prefix")).rstrip(b"\n"))


def _checked(folder: Path, arguments: Sequence[str], sent: bytes = b"") -> bytes:
    found = _git(folder, arguments, sent)
    if found.returncode != 0:
        why = found.stderr.decode("utf-8", "replace").strip()
        raise GitError(f"git {arguments[0]} failed in {folder}: {why}")
    return found.stdout


def _git(
    folder: Path, arguments: Sequence[str], sent: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(folder), *arguments]
    # What it says is parsed; it must not ask, page or speak another language.
    surroundings = {**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
    try:
        return subprocess.run(  # noqa: S603 — no shell; references never start with a dash
            command, input=sent, capture_output=True, check=False, env=surroundings
        )
    except FileNotFoundError as error:
        raise GitError(
            "references are read by the command `git`, which is not installed"
        ) from error
