"""A data dictionary: contracts, and what the last run found of them, as pages of Markdown."""
