"""Generators of instance families of the literature: pure, seeded, the same everywhere."""
