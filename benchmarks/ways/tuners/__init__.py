"""Ways to find a setting, for `benchmarks.tuning`."""
