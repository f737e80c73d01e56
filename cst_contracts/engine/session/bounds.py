"""Bounds what a contract may ask the engine to plan."""

from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.facts import Trouble
from cst_contracts.sql.depth import MOST_OPERATORS, operators_in_a_row


def refuse_deep(sql: str, relation: str, trouble: Trouble = Trouble.UNREADABLE) -> None:
    """Raises IntrospectionError for SQL whose planning could overflow the stack of the process, or never
    end: neither can be caught, and the engine cannot be interrupted while it plans."""
    found = operators_in_a_row(sql)
    if found > MOST_OPERATORS:
        reason = (
            f"it has {found} operators in a row, and more than {MOST_OPERATORS} may overflow the engine's "
            "stack; write IN (…) for a list of values, or several rules"
        )
        raise IntrospectionError(reason, relation=relation, trouble=trouble)
