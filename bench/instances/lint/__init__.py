"""Lint: find problems in the text of an instance, and compare two readers."""
