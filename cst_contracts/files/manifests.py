"""A manifest file as text."""

from pathlib import Path

from cst_contracts.errors import ManifestError


def read_manifest_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ManifestError(
            f"{file}: not UTF-8 (byte {error.start}), and so no manifest"
        ) from error
    except OSError as error:
        raise ManifestError(f"{file}: could not be read: {error.strerror}") from error
