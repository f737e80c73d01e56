"""One module for each storage format: how its files are opened, registered and read."""
