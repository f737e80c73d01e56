"""How it is told: verdicts and facts to text and JSON. Pure."""
