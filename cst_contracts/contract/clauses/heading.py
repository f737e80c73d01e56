"""The head of every contract: its version, its description and its owner."""

from cst_contracts.contract.clauses.clause import EVERYWHERE, Clause
from cst_contracts.contract.kinds import PROSE, SEMANTIC_VERSION, TEXT, Key

VERSION = Clause(
    Key(
        "version",
        SEMANTIC_VERSION,
        "Semantic version of this promise; the change gate reads it.",
        "1.2.0",
    ),
    lambda scope: scope.form.optional("version"),
    contracts=EVERYWHERE,
)

DESCRIPTION = Clause(
    Key(
        "description",
        PROSE,
        "What this is, in a sentence or two.",
        "One row per name reference that LibCST found.",
        default="",
    ),
    lambda scope: scope.form.words("description"),
    contracts=EVERYWHERE,
)

OWNER = Clause(
    Key("owner", TEXT, "Who answers for this promise.", "cst-platform"),
    lambda scope: scope.form.words("owner"),
    contracts=EVERYWHERE,
)
