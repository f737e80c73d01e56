"""Reads the manifests that earlier runs have written."""

from pathlib import Path

from cst_contracts.files.manifests import read_manifest_text
from cst_contracts.report.manifest import read_manifest
from cst_contracts.report.manifest_file import Manifest


def load_manifest(file: Path) -> Manifest:
    """Raises ManifestError for a file that is not there, or is none."""
    return read_manifest(read_manifest_text(file), str(file))
