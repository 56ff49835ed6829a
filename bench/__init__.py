"""A benchmark harness for mixed-integer solvers.

These terms are used in code, options, tables and MLflow:

instance
    A problem file; its identity is the SHA-256 of its uncompressed bytes.
reference
    The known status and optimal value of an instance, from a ``.solu`` file.
setting
    A named solver configuration: solver, parameters by the solver's own names, knobs.
environment
    Another Python interpreter with a solver's library; ``scip@9.2.4`` is the solver in one.
knob
    A short name (``alpha``, ``l1_ratio``) that a function turns into solver parameters.
task
    Instance x setting x seed x permutation x limits, to be executed once;
    its *key* is a content hash that includes the solver's version.
sweep
    The declared matrix of tasks.
solver output
    What the solver claims (`bench.model.results.solver_output.SolverOutput`).
process stats
    What the operating system measured (`bench.model.results.process_stats.ProcessStats`).
outcome
    Task + solver output + process stats + check of the solution, not judged yet.
verdict
    What we conclude from an outcome.
result
    Outcome + verdict.
pair
    An instance with a seed (and permutation), on which settings are compared.
record
    A result flattened to params, metrics, series, tags and artifacts.
journal
    The append-only local file of results.
run
    Only ever an MLflow run.

A solver *solves* an instance; an executor *executes* a task. A time is in seconds and its name ends
in ``_s``; memory ends in ``_mib``; counts start with ``n_``.
"""

from __future__ import annotations

__version__ = "0.2.0"
