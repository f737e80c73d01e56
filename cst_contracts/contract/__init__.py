"""What was promised: reads contracts, which are YAML text, as frozen values."""
