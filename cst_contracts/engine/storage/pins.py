"""A Delta table's location to the one version of it that a whole run takes for the latest."""

import os
from hashlib import sha256
from pathlib import Path
from uuid import uuid4


class Pins:
    """Whoever looks first decides. The processes of one run agree by way of a `folder` that they share."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._versions: dict[str, int] = {}

    def known(self, url: str) -> int | None:
        if url in self._versions or self._folder is None:
            return self._versions.get(url)
        try:
            return int(self._file(self._folder, url).read_text("ascii"))
        except FileNotFoundError:
            return None

    def keep(self, url: str, version: int) -> int:
        """The version that counts: another process may have been faster."""
        if self._folder is not None:
            version = self._agreed(self._folder, url, version)
        return self._versions.setdefault(url, version)

    def _agreed(self, folder: Path, url: str, version: int) -> int:
        file, aside = self._file(folder, url), folder / uuid4().hex
        aside.write_text(str(version), "ascii")
        try:
            os.link(aside, file)  # all of it or nothing, and never over what is there
        except FileExistsError:
            return int(file.read_text("ascii"))
        finally:
            aside.unlink()
        return version

    @staticmethod
    def _file(folder: Path, url: str) -> Path:
        return folder / f"{sha256(url.encode()).hexdigest()}.version"
