"""Which environment variables the processes of a task get: what programs need, and no secrets.

A solver prints, forks and loads plug-ins; what is in its environment may end in a log that others
read. Passwords of stores, tokens of clouds and of CI stay with the harness.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

SYSTEM = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "TERM", "TZ", "TMPDIR", "TMP", "TEMP"),
    *("LANG", "LANGUAGE", "LC_*", "LD_*", "DYLD_*", "XDG_*", "PYTHON*", "VIRTUAL_ENV", "CONDA_*"),
    *("SYSTEMROOT", "COMSPEC", "PATHEXT", "WINDIR"),
)
"""What programs and libraries need to start."""
THREADS_AND_MEMORY = (
    *("OMP_*", "GOMP_*", "KMP_*", "MKL_*", "OPENBLAS_*", "GOTO_*", "BLIS_*", "VECLIB_*"),
    *("NUMEXPR_*", "TBB_*", "MALLOC_*", "GLIBC_TUNABLES", "MIMALLOC_*", "JE_MALLOC_*"),
)
"""What changes how fast a solver is; it is the user's to set."""
LICENSES = (
    *("GRB_*", "GUROBI_*"),
    *("CPLEX_*", "ILOG_*", "CPX_*"),
    *("XPRESS*", "XPAUTH_PATH"),
    *("COPT_*", "MOSEK*", "KNITRO*", "ARTELYS_*", "LINDO*", "LM_LICENSE_FILE"),
    *("SCIP*", "HIGHS_*", "CBC_*", "GLPK_*"),
)
"""Where known solvers look for themselves and for their licences."""
PASSED = (*SYSTEM, *THREADS_AND_MEMORY, *LICENSES)
"""Patterns of all variables that are passed on without being asked for."""


def restrict_environment(passed: frozenset[str] = frozenset()) -> None:
    """Remove all variables of this process but `PASSED` and those of the given names."""
    for name in list(os.environ):
        if name not in passed and not any(fnmatchcase(name, pattern) for pattern in PASSED):
            del os.environ[name]
