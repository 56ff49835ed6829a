"""Facts about a solver's library, cached so that planning a sweep need not load it.

Loading SCIP and listing its parameters takes 0.2 s of CPU time, reading the cached facts 0.01 s.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import __version__
from bench.errors import SolverError
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.solvers.trial_import import import_problem

CACHE = "scip-bench"
"""The folder within the user's cache."""


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """The version of a solver's library, and all its parameters."""

    version: str
    catalogue: Catalogue


def library_facts(
    solver: str, package: str, bundled: Sequence[str], read: Callable[[], LibraryFacts]
) -> LibraryFacts:
    """Return the cached facts of a library, or the result of ``read``, which is then cached.

    ``bundled`` are patterns of the library's files, relative to the folder of the package. Facts
    are cached by path, size and time of these files, and only if each pattern matches: a library
    outside of the package may change unnoticed. Raise SolverError if the package is missing or
    cannot be loaded: it is first imported in another process, which it may end.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SolverError(f"solver {solver!r} cannot be loaded: No module named {package!r}")
    file = _file(solver, Path(spec.origin).parents[1], bundled)
    if file is not None and (kept := _kept(file)) is not None:
        return kept
    if package not in sys.modules and (problem := import_problem(package)):
        raise SolverError(f"solver {solver!r} cannot be loaded: {problem}")
    try:
        found = read()
    except ImportError as error:
        raise SolverError(f"solver {solver!r} cannot be loaded: {error}") from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise SolverError(f"solver {solver!r} cannot be loaded: {reason}") from error
    if file is not None:
        _keep(found, file)
    return found


def cache_folder() -> Path | None:
    """Return the folder of bench in the user's cache, which may not exist; None without a home."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    with suppress(RuntimeError):
        base = Path(given) if Path(given).is_absolute() else Path.home() / ".cache"
        return base / CACHE
    return None


def _file(solver: str, site: Path, bundled: Sequence[str]) -> Path | None:
    """Return the cache file for these library files."""
    folder = cache_folder()
    files = [sorted(site.glob(pattern)) for pattern in bundled]
    if folder is None or not all(files):
        return None
    stats = [(str(one), one.stat()) for found in files for one in found]
    identity = [(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats]
    digest = hashlib.sha256(json.dumps([__version__, identity]).encode()).hexdigest()
    return folder / f"{solver}-{digest[:16]}.json"


def _kept(file: Path) -> LibraryFacts | None:
    """Return the content of a file; None if it is missing or invalid."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(file.read_text(encoding="utf-8"))
        rows = _KeptParameters({row[0]: row for row in kept["parameters"]})
        if len(rows) == kept["n_parameters"]:
            return LibraryFacts(str(kept["version"]), Catalogue(rows))
    return None


def _keep(facts: LibraryFacts, file: Path) -> None:
    """Write the facts; a failure to write the cache is ignored."""
    content = {
        "version": facts.version,
        "n_parameters": len(facts.catalogue),
        "parameters": [astuple(parameter) for parameter in facts.catalogue.values()],
    }
    half = file.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(content), encoding="utf-8")
        half.replace(file)


class _KeptParameters(Mapping[str, Parameter]):
    """Parameters by name, each created from its row on demand."""

    def __init__(self, rows: Mapping[str, Sequence[Any]]) -> None:
        """Take the rows, in the solver's order."""
        self._rows = rows

    def __getitem__(self, name: str) -> Parameter:
        """Return the parameter of exactly this name, or raise KeyError."""
        _, kind, default, description, low, high, choices, advanced = self._rows[name]
        return Parameter(
            name=name,
            kind=ParameterKind(kind),
            default=default,
            description=description,
            low=low,
            high=high,
            choices=tuple(choices),
            advanced=advanced,
        )

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of parameters."""
        return len(self._rows)
