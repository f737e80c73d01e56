"""Readers of text that strangers write, fed with what nobody would write.

`python -m fuzz TARGET [SECONDS]` in `tests` looks for inputs that make a reader raise what it does not
promise, or that it does not read again as it has printed them, led by the code that they reach. What it finds
becomes a line in `examples.py`, which the test suite runs, beside some hundred inputs of its own.
"""
