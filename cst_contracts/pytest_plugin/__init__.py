"""The door to pytest: contract files in, one item per promise out."""
