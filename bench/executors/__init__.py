"""Executors: an iterable of tasks becomes an iterator of results."""
