"""Benchmark sets: manifests with the files of a set, and their download."""
