"""The contract files of a folder, and what is in them."""

from pathlib import Path

from cst_contracts.errors import CstContractsError

SUFFIXES = (".yaml", ".yml")


def list_contracts(folder: Path) -> tuple[Path, ...]:
    """Sorted. Hidden files and what hidden folders hold are none."""
    return tuple(
        sorted(
            file
            for suffix in SUFFIXES
            for file in folder.rglob(f"*{suffix}")
            if file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        )
    )


def read_contract(file: Path) -> bytes:
    """Raises CstContractsError where the file cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise CstContractsError(f"{file}: could not be read: {error.strerror}") from error
