"""First contracts for tables that are there: what is observed, written down as promises that it keeps."""
