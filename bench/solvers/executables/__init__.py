"""Solvers that are programs of their own: CBC, GLPK, SCIP's and HiGHS's shells.

One module a kind of solver declares how it is called and what its output means.
"""
