"""Machines and workers of a cluster, for comparisons with results from several."""
