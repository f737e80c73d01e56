"""Corrects pytest's root where the value of an option of this plugin was taken for a path.

pytest 9 looks for its root before it loads plugins. It does not know their options then, and takes the value
of `--cst-lake /abs/lake`, written with a space, for a path to collect: the root becomes a folder above both,
no folder of contracts is found there, and the run would be green.
"""

from collections.abc import Sequence

import pytest
from _pytest.config.findpaths import determine_setup

from cst_contracts.pytest_plugin.options import is_flag_with_value


def correct_root(config: pytest.Config, arguments: Sequence[str]) -> None:
    """Determines the root again, of the paths that are none of our values.

    Raises UsageError where pytest has read another configuration file for that: what it says has taken
    effect by now.
    """
    spaced = next(filter(is_flag_with_value, arguments), None)
    if spaced is None:
        return
    known = config.known_args_namespace
    root, file, _, _ = determine_setup(
        inifile=known.inifilename,
        override_ini=known.override_ini,
        args=known.file_or_dir,
        rootdir_cmd_arg=known.rootdir or None,
        invocation_dir=config.invocation_params.dir,
    )
    if file != config.inipath:
        raise pytest.UsageError(
            f"pytest took the value of {spaced} for a path to collect, and reads {config.inipath} "
            f"for {file}; write `{spaced}=…`"
        )
    if known.confcutdir == str(config.rootpath):
        known.confcutdir = str(root)
    config._rootpath = root
