"""Compares what is there now with what was there before, and says what each change means."""
