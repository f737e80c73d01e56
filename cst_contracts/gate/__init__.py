"""Holds contracts, checks and one observer together. Knows no test runner and no command line."""
