"""DataFusion sessions, their settings, and the boundary that engine errors do not pass."""
