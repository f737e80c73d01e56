"""Reads which commit and branch a folder's git checkout is at, without running git."""

import re
from pathlib import Path

from msgspec import Struct

from cst_contracts.files.regular import read_regular

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_BRANCHES = "refs/heads/"


class Revision(Struct, frozen=True):
    """`branch` is None where the commit was checked out itself; both are where nobody can tell."""

    commit: str | None = None
    branch: str | None = None


def revision_of(folder: Path) -> Revision:
    """The checkout that the folder lies in. Where git's files cannot be read, nothing is known of it."""
    for above in (folder, *folder.parents):
        try:
            found = _revision(above / ".git")
        except (OSError, UnicodeDecodeError):
            return Revision()
        if found is not None:
            return found
    return Revision()


def _revision(git: Path) -> Revision | None:
    if not git.exists():
        return None
    if git.is_file():  # a worktree or a submodule names the folder that it is kept in
        git = git.parent / _text(git).removeprefix("gitdir:").strip()
    head = _text(git / "HEAD")
    if not head.startswith("ref:"):
        return Revision(commit=head if _COMMIT.fullmatch(head) else None)
    name = head.removeprefix("ref:").strip()
    branch = name.removeprefix(_BRANCHES) if name.startswith(_BRANCHES) else None
    return Revision(commit=_commit(git, name), branch=branch)


def _commit(git: Path, name: str) -> str | None:
    """The commit that a reference names; None in a repository without one."""
    shared = git / "commondir"
    common = git / _text(shared) if shared.exists() else git
    for folder in (git, common):
        if (folder / name).is_file():
            return _text(folder / name)
    if (common / "packed-refs").is_file():
        for line in _text(common / "packed-refs").splitlines():
            commit, _, packed = line.partition(" ")
            if packed == name:
                return commit
    return None


def _text(file: Path) -> str:
    return read_regular(file).decode("utf-8").strip()
