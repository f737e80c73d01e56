"""Reads and writes manifest files as text, and what else is written at the end of a run."""

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
    write_output(file, text)


def write_output(file: Path, content: str | bytes) -> None:
    """Makes the folders that are missing. Raises ManifestError where the file cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, content)
    except OSError as error:
        raise ManifestError(f"{file}: could not be written: {error.strerror}") from error
