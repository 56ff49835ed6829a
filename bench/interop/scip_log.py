"""The parts of SCIP's output about a solve: version, parameters, status, bounds and statistics."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bench.interop.reported import finite
from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.results.solver_output import SolverOutput
from bench.solvers.executables.scip import STATUS

_NUMBER = r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,9})?"
"""Of bounded length, because searching a line of only digits would take minutes."""
_LP_ROWS = (
    *("primal LP", "dual LP", "lex dual LP", "barrier LP", "resolve instable"),
    "diving/probing LP",
)
_ORIGINAL = re.compile(
    r"^original problem has (\d{1,15}) variables \((\d{1,15}) bin, (\d{1,15}) int,"
    r" (?:\d+ impl, )?(\d{1,15}) cont\) and (\d{1,15}) constraints",
    re.MULTILINE,
)
_SENSE = re.compile(r"^  Objective(?: sense)? +: (minimize|maximize)", re.MULTILINE)
_FIRST = re.compile(rf"^  First Solution +: ({_NUMBER}) .*?({_NUMBER}) seconds", re.MULTILINE)
_DEATH = re.compile(
    r"Segmentation fault|Aborted|Assertion .* failed|Killed|bad_alloc|insufficient memory"
    r"|error reading file|error in file|read error"
)


@dataclass(frozen=True, slots=True)
class LoggedParameters:
    """The parameters in the log, by name, as texts."""

    values: dict[str, str]

    def number(self, name: str) -> float | None:
        """Return a number, None if it is missing, invalid or infinite."""
        try:
            return finite(float(self.values[name]))
        except (KeyError, ValueError):
            return None

    def whole(self, *names: str) -> int | None:
        """Return the first existing one of these as a whole number."""
        numbers = (self.number(name) for name in names)
        return next((round(number) for number in numbers if number is not None), None)


def version(text: str) -> str | None:
    """Return the version of SCIP, e.g. ``10.0.2``."""
    match = re.search(r"^SCIP version (\S+)", text, re.MULTILINE)
    return match[1] if match else None


def problem_file(text: str) -> str | None:
    """Return the problem file in a log of SCIP."""
    match = re.search(r"^read problem <(.+)>\s*$", text, re.MULTILINE)
    return match[1] if match and version(text) else None


def parameters(text: str) -> LoggedParameters:
    """Return the changed parameters, as SCIP repeats them: ``limits/time = 3600``."""
    return LoggedParameters(dict(re.findall(r"^(\w+(?:/[\w-]+)+) = (\S+)\s*$", text, re.MULTILINE)))


def status(text: str) -> str | None:
    """Return the status in brackets, e.g. ``time limit reached``, None if there is none."""
    match = re.search(r"^SCIP Status +: .*?\[(.+?)\]", text, re.MULTILINE)
    return match[1] if match else None


def moments(text: str) -> tuple[float | None, float | None]:
    """Return start and end in seconds since the epoch, from the notes of check scripts."""
    found = dict(re.findall(r"^@(03|04) (\d{1,10})\s*$", text, re.MULTILINE))
    start, end = (float(found[tag]) if tag in found else None for tag in ("03", "04"))
    return start, end


def answer(text: str, said: str | None) -> SolverOutput:
    """Return the answer of a solve that ended with this status; without one, the known part."""
    if said is None:
        death = _DEATH.search(text)
        return SolverOutput(
            error=f"no status in the log{f': {death[0]}' if death else ''}", problem=problem(text)
        )
    nodes = _value(text, "Solving Nodes")
    total = re.search(r"^Solving Nodes +: \d+ \(total of (\d{1,15}) nodes", text, re.MULTILINE)
    gap = re.search(rf"^Gap +: ({_NUMBER}) %", text, re.MULTILINE)
    first = _FIRST.search(text)
    solutions = re.search(r"^Primal Bound +: .*\b(\d{1,15}) solutions?", text, re.MULTILINE)
    return SolverOutput(
        status=STATUS.get(said, "unknown"),
        primal_bound=_value(text, "Primal Bound"),
        dual_bound=_value(text, "Dual Bound"),
        gap=finite(float(gap[1]) / 100) if gap else None,
        n_nodes=int(total[1]) if total else None if nodes is None else round(nodes),
        n_lp_iterations=_lp_iterations(text),
        n_solutions=int(solutions[1]) if solutions else None,
        read_time_s=_value(text, "  reading"),
        presolve_time_s=_value(text, "  presolving"),
        solve_time_s=_value(text, "Solving Time (sec)"),
        first_primal_bound=finite(float(first[1])) if first else None,
        first_incumbent_time_s=finite(float(first[2])) if first else None,
        primal_dual_integral=_integral(text),
        problem=problem(text),
        params=parameters(text).values,
    )


def problem(text: str) -> ProblemStatistics | None:
    """Return the sizes of the read problem; a log does not say which rows are linear."""
    counts = _ORIGINAL.search(text)
    sense = _SENSE.search(text)
    if counts is None or sense is None:
        return None
    n_vars, n_bins, n_ints, n_conts, n_conss = (int(count) for count in counts.groups())
    return ProblemStatistics(
        n_vars=n_vars,
        n_bins=n_bins,
        n_ints=n_ints,
        n_conts=n_conts,
        n_conss=n_conss,
        n_nonzeros=None,
        n_equalities=None,
        n_bins_declared=n_bins,
        n_ints_declared=n_ints,
        sense=Sense(sense[1]),
        objective_offset=float("nan"),
    )


def _value(text: str, label: str) -> float | None:
    match = re.search(rf"^{re.escape(label)} *: +({_NUMBER})", text, re.MULTILINE)
    return finite(float(match[1])) if match else None


def _lp_iterations(text: str) -> int | None:
    """Return the sum over the rows of the table ``LP``, as SCIP counts its LP iterations."""
    begin = re.search(r"^LP  .*\n((?:  .*\n)+)", text, re.MULTILINE)
    if begin is None:
        return None
    rows = dict(re.findall(r"^  (\S.*?) *: +\S+ +\S+ +(\d{1,15})\b", begin[1], re.MULTILINE))
    return sum(int(rows.get(name, 0)) for name in _LP_ROWS)


def _integral(text: str) -> float | None:
    """Return the primal-dual integral, percent x seconds, in either of its two output formats."""
    match = re.search(rf"\(({_NUMBER}) primal-dual integral\)", text) or re.search(
        rf"^  primal-dual +: +({_NUMBER})", text, re.MULTILINE
    )
    return finite(float(match[1])) if match else None
