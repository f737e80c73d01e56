"""What was promised: YAML text to frozen contracts."""
