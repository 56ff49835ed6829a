"""Reports: output for people."""
