"""The grammar of what contracts promise of rows, and of waivers; part of `grammar.RECORDS`."""

from cst_contracts.contract.kinds import (
    CHECK_ID,
    FIELD_NAMES,
    FLAG,
    SQL,
    TABLE_NAME,
    TEXT,
    WORDS,
    DayKind,
    Key,
    Record,
    choice_of,
    keys_by_name,
    required_key,
)
from cst_contracts.contract.model import Severity

REFERENCE = Record(
    "reference",
    "Fields whose every non-null value exists in another table.",
    keys_by_name(
        required_key("fields", FIELD_NAMES, "Fields of this table.", "[file_id]"),
        required_key("table", TABLE_NAME, "The other table.", "libcst_files_v1"),
        required_key("to", FIELD_NAMES, "Fields of the other table.", "[file_id]"),
    ),
)

RULE = Record(
    "rule",
    "A boolean SQL expression that is true of every row.",
    keys_by_name(
        required_key("name", TEXT, "Name of the rule.", "span_is_forward"),
        required_key("sql", SQL, "The expression.", "bend >= bstart"),
        Key(
            "severity",
            choice_of(Severity),
            "Whether a broken rule fails or only warns.",
            default=Severity.ERROR,
        ),
        Key(
            "enforced",
            FLAG,
            "Whether the Delta log has to have a constraint that says the same.",
            default=False,
        ),
    ),
)

WAIVER = Record(
    "waiver",
    "A promise known to be broken.",
    keys_by_name(
        required_key("check", CHECK_ID, "The check's id.", '"rule[name]"'),
        required_key("reason", WORDS, "Why it is waived.", "upstream fix pending"),
        required_key("owner", WORDS, "Who answers for it.", "cst-platform"),
        required_key("expires", DayKind(), "The last day.", "2027-01-31"),
    ),
)
