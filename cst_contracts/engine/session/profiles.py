"""Reads the profile that the files of AWS's own tools hold: `~/.aws/credentials` and `~/.aws/config`."""

from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path

from cst_contracts.engine.session.trouble import IntrospectionError


def profile(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The keys of the profile that `AWS_PROFILE` names, or of `default`; those of the credentials file count.
    Empty where there is none. Raises IntrospectionError for a file that is none of theirs."""
    name = environment.get("AWS_PROFILE") or "default"
    section = name if name == "default" else f"profile {name}"
    config = _section(_place(environment, "AWS_CONFIG_FILE", "config"), section)
    keys = _section(_place(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), name)
    return {**config, **keys}


def _place(environment: Mapping[str, str], variable: str, name: str) -> Path:
    return Path(environment.get(variable) or Path("~/.aws", name)).expanduser()


def _section(file: Path, name: str) -> Mapping[str, str]:
    if not file.is_file():
        return {}
    read = ConfigParser(interpolation=None, default_section="")
    try:
        read.read_string(file.read_text("utf-8"))
    except (Error, UnicodeDecodeError):
        # What stands in the file is told by neither error nor traceback.
        raise IntrospectionError(f"{file} is no file of AWS profiles") from None
    return dict(read[name]) if read.has_section(name) else {}
