"""The command line: one command a file; the only place that turns names into implementations."""
