"""Lint: what is wrong with the text of an instance, and whether two readers agree about it."""
