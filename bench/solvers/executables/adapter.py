"""The adapter of an executable: how it is called, and what its output means.

A module declares one in ``ADAPTER``; `bench.solvers.executables.adapters` finds it by name.
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

START = "start.sol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of an executable: a file in the folder where it is executed, and the options.

    ``params`` are those of the setting. ``has_integers``: whether it is a MIP; None if no other
    solver could read the file. ``start`` is the file of the start solution in the folder, empty if
    there is none.
    """

    problem: str
    folder: Path
    limits: Limits
    seed: int
    params: Mapping[str, ParameterValue]
    has_integers: bool | None = None
    start: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An output line, and its arrival time in seconds since the start."""

    time_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The results of an executable: its output, and the files in its folder.

    ``is_stopped``: it was asked or forced to stop.
    """

    call: Call
    lines: Sequence[Line]
    exit_code: int | None
    is_stopped: bool = False

    def file(self, name: str) -> str | None:
        """Return the text of a file in the folder, None if it is missing."""
        try:
            return (self.call.folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def texts(self) -> Iterator[str]:
        """Yield the lines without their times."""
        return (line.text for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The claims of an executable about its file, from its output.

    ``status`` is SCIP's word, None if it did not finish; then ``refusal`` may say that it could not
    use the file, ``failure`` that it could not continue. ``values`` are those of columns, by the
    names in the file, None without a solution. Times of the trace are seconds since the start;
    ``solve_time_s`` is the time of the solve alone.
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
    """An executable that can be queried before any task: it is started and its output returned."""

    def __call__(self, *words: str, given: str = "", leaves: str = "") -> str:
        """Execute it with these arguments and this standard input in an empty folder.

        Return its output, or the text of the file there that it ``leaves``.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """The facts of bench about a kind of executable.

    ``program`` is its name on the path, ``package`` the Debian package that contains it.
    ``dialects`` are the file formats that it reads correctly; for others, and for all if there are
    none, it gets a newly written file (`bench.solvers.executables.plain_mps`). ``limit_parameters``
    maps parameters to fields of Limits; one that a build lacks is ignored. ``gap_of`` is the number
    by which the distance of primal and dual bound is divided.
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
    """Return the line of its output with the version, e.g. ``Version: 2.10.8``."""
    catalogue: Callable[[Program], Catalogue]
    """Return its parameters."""
    command: Callable[[Call], Sequence[str]]
    """Return the arguments after the program's name."""
    claims: Callable[[Ended], Claims]
    """Return the claims in its output."""
    start_text: Callable[[Mapping[str, float]], str] | None = None
    """Return the text of the file `START` with the values of all columns, if it accepts a start."""
    gap_of: Callable[[float, float], float] = lambda primal, dual: max(abs(primal), abs(dual))
