"""Reads and writes manifest files as text."""

from pathlib import Path

from cst_contracts.errors import ManifestError
from cst_contracts.files.atomic import write_atomic


def read_manifest_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ManifestError(
            f"{file}: not UTF-8 (byte {error.start}), and so no manifest"
        ) from error
    except OSError as error:
        raise ManifestError(f"{file}: could not be read: {error.strerror}") from error


def write_manifest_text(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, text)
    except OSError as error:
        raise ManifestError(f"{file}: could not be written: {error.strerror}") from error
