"""How long the checks take, beside what people write by hand and other tools: see README.md."""
