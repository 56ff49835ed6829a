"""Solvers that are separate programs: CBC, GLPK, SCIP's and HiGHS's shells.

One module per kind of solver declares how it is called and what its output means.
"""
