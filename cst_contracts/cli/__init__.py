"""The command line, `cst-contracts`: one module a verb, loaded when the verb is named.

Results go to standard output; words for people (errors, counts, progress) go to standard error.
"""
