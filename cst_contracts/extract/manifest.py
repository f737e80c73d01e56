"""Syntax → the row of `parse_manifest` of a file that parsed."""

from importlib.metadata import version
from typing import NamedTuple

import libcst as cst

from cst_contracts.extract.schema import IDENTITY
from cst_contracts.extract.syntax import Syntax
from cst_contracts.extract.tree import dotted

LIBCST_VERSION = version("libcst")


class ParseManifest(NamedTuple):
    """`parsed_python_version` stays empty: the native parser has one grammar for all."""

    file_id: str
    path: str
    file_sha256: str | None
    encoding: str
    default_indent: str
    default_newline: str
    has_trailing_newline: bool
    future_imports: list[str]
    module_name: str
    package_name: str
    libcst_version: str
    parser_backend: str
    parsed_python_version: str | None
    schema_identity_hash: str


def parse_manifest(syntax: Syntax) -> ParseManifest:
    module = syntax.module
    return ParseManifest(
        *syntax.identity.common,
        encoding=module.encoding,
        default_indent=module.default_indent,
        default_newline=module.default_newline,
        has_trailing_newline=module.has_trailing_newline,
        future_imports=_future_imports(syntax),
        module_name=syntax.module_name.name,
        package_name=syntax.module_name.package,
        libcst_version=LIBCST_VERSION,
        parser_backend="native",
        parsed_python_version=None,
        schema_identity_hash=IDENTITY,
    )


def _future_imports(syntax: Syntax) -> list[str]:
    names: set[str] = set()
    for _, statement in syntax.all(cst.ImportFrom):
        aliases = statement.names
        if (
            statement.module is not None
            and dotted(statement.module) == "__future__"
            and not isinstance(aliases, cst.ImportStar)
        ):
            names.update(alias.evaluated_name for alias in aliases)
    return sorted(names)
