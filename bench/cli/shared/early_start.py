"""Start the fork server first, while the command itself is still being loaded.

Loading solvers and readers takes as long as loading the command, its options and the plan: results
appear half a second earlier.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from bench.cli.shared.dotenv import is_dotenv_near
from bench.execution.process.fork_servers import fork_server

EXECUTING = frozenset({"run", "sweep", "tune"})
"""The commands that execute tasks."""
KNOWN = ("scip", "highs")
"""Solvers with known modules; the first is the default."""
OTHERWISE = ("-h", "--help", "--setting-from", "--executor", "-j0", "--jobs=0")
"""Options after which the solver is unknown, or no process is forked at all."""
SWEEP_FILES = (".yaml", ".yml")


def start_first(argv: Sequence[str]) -> None:
    """Start the fork server for the arguments of ``bench``, before even click is loaded.

    If a ``.env`` may choose the solver, nothing is done: `start_early` follows once it is read.
    """
    with suppress(OSError):
        if argv and not is_dotenv_near():
            start_early(argv[0], argv[1:])


def start_early(command: str, arguments: Sequence[str]) -> None:
    """Start the fork server for a command, if its solver is obvious.

    A running server is not changed, even if it lacks a solver; in doubt nothing is done.
    """
    solver = _solver(arguments) if command in EXECUTING else None
    if solver in KNOWN:
        fork_server.prepare([fork_server.PRELOAD_READERS, f"bench.solvers.{solver}.warm"])


def _solver(arguments: Sequence[str]) -> str | None:
    """Return the solver of all tasks, None if it is not obvious."""
    variables = ("BENCH_SETTING_FROM", "BENCH_EXECUTOR", "BENCH_JOBS")
    if any(os.environ.get(name) for name in variables):
        return None
    if any(word.startswith(OTHERWISE) for word in arguments) or _value("-j", arguments) == "0":
        return None
    if _value("--jobs", arguments) == "0" or any(map(_names_solvers, arguments)):
        return None
    return _value("--solver", arguments) or os.environ.get("BENCH_SOLVER") or KNOWN[0]


def _value(option: str, arguments: Sequence[str]) -> str | None:
    """Return the value of an option, as ``--option value`` or ``--option=value``."""
    return next(_values(option, arguments), None)


def _values(option: str, arguments: Sequence[str]) -> Iterator[str]:
    for word, following in pairwise([*arguments, ""]):
        name, equals, value = word.partition("=")
        if name == option:
            yield value if equals else following


def _names_solvers(word: str) -> bool:
    """Return whether an argument is a sweep file, which may choose the solver."""
    if not word.endswith(SWEEP_FILES):
        return False
    with suppress(OSError, UnicodeDecodeError):
        text = Path(word).read_text(encoding="utf-8")
        return "solver" in text or "models:/" in text
    return True
