"""Rows of real source compared with what Python's own `ast`, `symtable`, `tokenize` and compiler say."""
