"""Solvers in environments of their own: other versions, in other Python interpreters."""
