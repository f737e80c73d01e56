"""The table of rules: what each kind of change means for those who read a table and for those who wrote it.

A reader is somebody who reads by what was there before, and meets what is written now. A writer is what was
written before, and is read by what is promised now. The table is data: the manual and `cst-contracts explain`
print it, and tests read real files with DataFusion in both directions.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cst_contracts.drift.promise_rules import promise_rules
from cst_contracts.drift.rule import Rule
from cst_contracts.drift.schema_rules import SCHEMA_RULES
from cst_contracts.drift.table_rules import SESSION_RULES, TABLE_RULES, VIEW_RULES

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            *SCHEMA_RULES,
            *TABLE_RULES,
            *VIEW_RULES,
            *SESSION_RULES,
            *promise_rules(),
        )
    }
)
