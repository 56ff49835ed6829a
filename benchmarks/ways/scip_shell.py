"""The bare ``scip`` shell from the library inside the pyscipopt wheel, without importing that.

::

    python benchmarks/ways/scip_shell.py model.lp statistics.json
    python benchmarks/ways/scip_shell.py [OPTION]...                     as SCIP's shell has them

The same library as everywhere else, nothing between it and the operating system. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path


def shell(*options: str) -> int:
    """Execute the shell with its own options; 1 is SCIP's word for success."""
    spec = find_spec("pyscipopt")
    if spec is None or spec.origin is None:
        raise SystemExit("pyscipopt is not installed")
    libraries = Path(spec.origin).parent.with_name("pyscipopt.libs")
    for needed in ("libquadmath*", "libgfortran*"):
        for path in libraries.glob(needed):
            ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
    scip = ctypes.CDLL(str(next(libraries.glob("libscip*"))))
    words = [b"scip", *map(os.fsencode, options)]
    array = (ctypes.c_char_p * (len(words) + 1))(*words, None)
    return int(scip.SCIPrunShell(len(words), array, None))


if __name__ == "__main__":
    if sys.argv[1].startswith("-"):
        sys.exit(shell(*sys.argv[1:]) != 1)
    model, statistics = sys.argv[1:]
    steps = f"set timing clocktype 2 read {model} optimize write statistics {statistics} quit"
    sys.exit(shell("-q", "-c", steps) != 1)
