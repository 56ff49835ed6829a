"""Solvers behind one protocol; each may crash without hurting anybody else."""
