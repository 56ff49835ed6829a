"""SCIP, through pyscipopt."""
