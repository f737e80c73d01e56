"""Writes generated pages into a folder; a file there that was not generated is left alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from cst_contracts.errors import CstContractsError
from cst_contracts.files.atomic import write_atomic
from cst_contracts.files.regular import read_regular


class Pages:
    """`texts` are the pages that shall be in the folder, by name. `mark` is how each of them begins, by which
    earlier ones are known."""

    def __init__(self, folder: Path, texts: Mapping[str, str], mark: str) -> None:
        self._folder, self._texts, self._mark = folder, texts, mark

    def changed(self) -> tuple[str, ...]:
        """The names of those that are not there as they shall be, and of earlier ones that shall go. Raises
        CstContractsError where a file is in the way."""
        stale = sorted(name for name in self._earlier() if name not in self._texts)
        changed = (name for name, text in self._texts.items() if self._held(name) != text)
        return (*changed, *stale)

    def write(self) -> None:
        """Raises CstContractsError; where a file is in the way, before anything is written."""
        for name in self.changed():
            file = self._folder / name
            try:
                if name in self._texts:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    write_atomic(file, self._texts[name])
                else:
                    file.unlink()
            except OSError as error:
                reason = error.strerror or str(error)
                raise CstContractsError(f"{file}: could not be written: {reason}") from error

    def _held(self, name: str) -> str | None:
        """None where there is nothing."""
        file = self._folder / name
        if not file.exists() and not file.is_symlink():
            return None
        text = _text(file)
        if not text.startswith(self._mark):
            raise CstContractsError(
                f"{file}: it was not written by this command, and is left as it is"
            )
        return text

    def _earlier(self) -> Iterator[str]:
        for file in self._folder.glob("*.md"):
            if file.is_file() and _text(file).startswith(self._mark):
                yield file.name


def _text(file: Path) -> str:
    try:
        return read_regular(file).decode("utf-8", errors="replace")
    except OSError as error:
        raise CstContractsError(f"{file}: could not be read: {error.strerror or error}") from error
