"""The environment variables of a task's processes: those that programs need, without secrets.

A solver prints, forks and loads plug-ins; its environment may end up in a log that others read.
Passwords of stores and tokens of clouds and CI therefore stay with bench.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

SYSTEM = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "TERM", "TZ", "TMPDIR", "TMP", "TEMP"),
    *("LANG", "LANGUAGE", "LC_*", "LD_*", "DYLD_*", "XDG_*", "PYTHON*", "VIRTUAL_ENV", "CONDA_*"),
    *("SYSTEMROOT", "COMSPEC", "PATHEXT", "WINDIR"),
)
"""Variables that programs and libraries need to start."""
THREADS_AND_MEMORY = (
    *("OMP_*", "GOMP_*", "KMP_*", "MKL_*", "OPENBLAS_*", "GOTO_*", "BLIS_*", "VECLIB_*"),
    *("NUMEXPR_*", "TBB_*", "MALLOC_*", "GLIBC_TUNABLES", "MIMALLOC_*", "JE_MALLOC_*"),
)
"""Variables that affect the speed of a solver; the user may set them."""
LICENSES = (
    *("GRB_*", "GUROBI_*"),
    *("CPLEX_*", "ILOG_*", "CPX_*"),
    *("XPRESS*", "XPAUTH_PATH"),
    *("COPT_*", "MOSEK*", "KNITRO*", "ARTELYS_*", "LINDO*", "LM_LICENSE_FILE"),
    *("SCIP*", "HIGHS_*", "CBC_*", "GLPK_*"),
)
"""Variables by which known solvers find themselves and their licences."""
PASSED = (*SYSTEM, *THREADS_AND_MEMORY, *LICENSES)
"""Patterns of all variables that are passed on by default."""


def restrict_environment(passed: frozenset[str] = frozenset()) -> None:
    """Remove all variables of this process except for `PASSED` and the given names."""
    for name in list(os.environ):
        if name not in passed and not any(fnmatchcase(name, pattern) for pattern in PASSED):
            del os.environ[name]
