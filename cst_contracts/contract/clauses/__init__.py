"""The clauses of the contract language, one module each: what it says, how it is written, how it is read."""
