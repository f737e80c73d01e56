"""SQL and the engine's plan text, as pure text: no engine is imported here."""
