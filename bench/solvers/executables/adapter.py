"""The adapter of an executable: how it is called, and what it has said at its end.

A module declares one in ``ADAPTER``; `bench.solvers.executables.adapters` finds it by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.model.limits import Limits
from bench.model.parameters import Catalogue
from bench.model.results.solver_output import TracePoint
from bench.model.setting import ParameterValue
from bench.solvers.declaration import Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What an executable is to solve: a file in the folder where it is executed, and how.

    ``params`` are those of the setting. ``has_integers`` tells whether it is a MIP; None where
    nobody else could read the file.
    """

    problem: str
    folder: Path
    limits: Limits
    seed: int
    params: Mapping[str, ParameterValue]
    has_integers: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was printed, and the seconds since the start at which it came."""

    time_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What an executable has left behind: what it printed, and the files in its folder.

    ``is_stopped`` says that it was asked or made to stop.
    """

    call: Call
    lines: Sequence[Line]
    exit_code: int | None
    is_stopped: bool = False

    def file(self, name: str) -> str | None:
        """Return the text of a file in the folder, None where it is not there."""
        try:
            return (self.call.folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def texts(self) -> Iterator[str]:
        """Yield the lines without their times."""
        return (line.text for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an executable claims of the file that it was given, by its output.

    ``status`` is SCIP's word, None where it came to no end; ``refusal`` then may say that it could
    not use the file, ``failure`` that it could not go on. ``values`` are those of columns, by the
    names in the file, None where there is no solution. Times of the trace are seconds since the
    start; ``solve_time_s`` is the time of the solve alone.
    """

    status: str | None = None
    refusal: str = ""
    failure: str = ""
    primal_bound: float | None = None
    dual_bound: float | None = None
    values: Mapping[str, float] | None = None
    n_nodes: int | None = None
    n_lp_iterations: int | None = None
    read_time_s: float | None = None
    presolve_time_s: float | None = None
    solve_time_s: float | None = None
    primal_dual_integral: float | None = None
    trace: tuple[TracePoint, ...] = ()


class Program(Protocol):
    """An executable that can be asked before any task: started, and its output returned."""

    def __call__(self, *words: str, given: str = "", leaves: str = "") -> str:
        """Execute it with these words and this standard input in an empty folder.

        Return what it prints, or the text of the file there that it ``leaves``.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """What bench knows of a kind of executable.

    ``program`` is its name on the path, ``package`` Debian's package that has it. ``dialects`` are
    the file formats that it reads as they are meant; for others, and for all if there are none, it
    gets a file that is written anew (`bench.solvers.executables.plain_mps`). ``limit_parameters``
    says which parameter is which field of Limits; one that a build lacks does not count. ``gap_of``
    is the number by which the distance of primal and dual bound is divided.
    """

    declaration: Declaration
    program: str
    package: str = ""
    dialects: frozenset[str] = frozenset()
    limit_parameters: Mapping[str, str] = field(default_factory=dict)
    counts_cpu_time: bool = False
    has_seed: bool = True
    tells_integral: bool = False
    version_line: Callable[[Program], str]
    """Return the line of its output that has the version, e.g. ``Version: 2.10.8``."""
    catalogue: Callable[[Program], Catalogue]
    """Return the parameters that it has."""
    command: Callable[[Call], Sequence[str]]
    """Return the words after the program's name."""
    claims: Callable[[Ended], Claims]
    """Return what its output means."""
    gap_of: Callable[[float, float], float] = lambda primal, dual: max(abs(primal), abs(dual))
