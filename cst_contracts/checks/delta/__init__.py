"""What a contract promises of a Delta table: its version, its log's schema and its log's constraints."""
