"""Contracts in the words of other tools: written for them, and read from theirs."""
