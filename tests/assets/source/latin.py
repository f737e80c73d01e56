# -*- coding: latin-1 -*-
"""Stored as Latin-1: one byte a letter, café."""

name = "naïve"  # déjà vu
