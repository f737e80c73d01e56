"""Delta tables: their log, its history and constraints, and the version that a run reads."""
