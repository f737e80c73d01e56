"""Makes data that keep a contract, or break one promise of it, and proves that each can be broken.

    from cst_contracts.proof import tables

    @given(tables("contracts/orders.yaml"))
    def test_pipeline(drawn): ...

`tables` needs the extra `proof`, which is Hypothesis; nothing else here does.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cst_contracts.proof.strategies import Tables, tables

__all__ = ["Tables", "tables"]


def __getattr__(name: str) -> Any:
    """Loads the strategies when somebody asks for them: samples and proofs do without Hypothesis."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cst_contracts.proof import strategies  # noqa: PLC0415

    return getattr(strategies, name)
