"""Benchmark sets: manifests that say which files a set has, and the download of these files."""
