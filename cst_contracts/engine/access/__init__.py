"""The ways to a relation's rows, and which of them a relation has."""
