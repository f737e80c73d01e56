"""A project's own session by the name of the function that makes it, as `module:function`."""

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from datafusion import SessionContext


def session_of(named: str | None) -> "SessionContext | None":
    """The session of `module:function`, for a verb that has a use for the name of its `--session`, too."""
    context = click.get_current_context()
    option = next(each for each in context.command.params if each.name == "session")
    return None if named is None else GivenSession().convert(named, option, context)


class GivenSession(click.ParamType["SessionContext"]):
    """A function without arguments that returns a SessionContext; modules of the working directory are found,
    too."""

    name = "session"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "SessionContext":
        from cst_contracts.engine.session.versions import require_fitting

        require_fitting()
        from cst_contracts.engine.session.contexts import require_session
        from cst_contracts.engine.session.trouble import IntrospectionError

        module, colon, function = str(value).partition(":")
        if not (module and colon and function):
            self.fail(f"{value!r}: write module:function", param, ctx)
        make = self._function(module, function, param, ctx)
        try:
            return require_session(make(), f"{value} returned")
        except IntrospectionError as error:
            self.fail(error.answer.reason, param, ctx)

    def _function(
        self, module: str, function: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        here = str(Path.cwd())
        if here not in sys.path:
            sys.path.insert(0, here)
        try:
            found = getattr(import_module(module), function, None)
        except ModuleNotFoundError as error:
            self.fail(f"there is no module {error.name}", param, ctx)
        if not callable(found):
            self.fail(f"{module} has no function {function}", param, ctx)
        return found
