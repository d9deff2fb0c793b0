"""What a person or a node declares in the ledger: one signed act after another."""

from steppewatch.custody.acts.act import Act, act_of, packed

__all__ = ["Act", "act_of", "packed"]
