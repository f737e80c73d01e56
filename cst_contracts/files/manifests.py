"""Reads and writes manifest files as text."""

from pathlib import Path

from cst_contracts.errors import ManifestError
from cst_contracts.files.atomic import write_atomic
from cst_contracts.files.regular import read_regular


def read_manifest_text(file: Path) -> str:
    """Raises ManifestError where there is no such file, or it is not UTF-8."""
    try:
        return read_regular(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ManifestError(
            f"{file}: not UTF-8 (byte {error.start}), and so no manifest"
        ) from error
    except OSError as error:
        raise ManifestError(f"{file}: could not be read: {error.strerror}") from error


def write_manifest_text(file: Path, text: str) -> None:
    """Makes the folders that are missing. Raises ManifestError where the file cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, text)
    except OSError as error:
        raise ManifestError(f"{file}: could not be written: {error.strerror}") from error
