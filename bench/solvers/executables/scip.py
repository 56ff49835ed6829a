"""SCIP's own shell as an executable: a build of the user, or another version.

It reads files like the library, and reports its bounds after SIGINT, because later commands are
still executed. It would read a file ``scip.set`` in its start folder; there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bench.instances.files import FORMATS
from bench.model.limits import Clock
from bench.model.parameters import Catalogue
from bench.model.results.solver_output import TracePoint
from bench.model.setting import ParameterValue
from bench.solvers.declaration import Declaration
from bench.solvers.executables.adapter import Adapter, Call, Claims, Ended, Program
from bench.solvers.scip.declaration import DECLARATION, LIMIT_PARAMETERS

SETTINGS = "bench.set"
SOLUTION = "solution.txt"
INFINITY = 1e20
STATUS = {
    "optimal solution found": "optimal",
    "infeasible": "infeasible",
    "unbounded": "unbounded",
    "infeasible or unbounded": "inforunbd",
    "time limit reached": "timelimit",
    "memory limit reached": "memlimit",
    "node limit reached": "nodelimit",
    "total node limit reached": "totalnodelimit",
    "stall node limit reached": "stallnodelimit",
    "gap limit reached": "gaplimit",
    "primal limit reached": "primallimit",
    "dual limit reached": "duallimit",
    "solution limit reached": "sollimit",
    "solution improvement limit reached": "bestsollimit",
    "restart limit reached": "restartlimit",
    "user interrupt": "userinterrupt",
}
"""The texts in brackets after ``SCIP Status``."""
READ_ERRORS = re.compile(
    r"^(?:error reading file .*|.*[Ss]yntax error.*|.*file <.*> not found.*|no reader for .*)$",
    re.MULTILINE,
)
STATISTICS = {
    "n_nodes": r"^  nodes \(total\)\s*:\s+(\d+)",
    "read_time_s": r"^  reading\s*:\s+([\d.]+)",
    "presolve_time_s": r"^  presolving\s*:\s+([\d.]+)",
    "solve_time_s": r"^  solving\s*:\s+([\d.]+)",
    "primal_dual_integral": r"^  primal-dual\s*:\s+([\d.]+)",
}
"""Numbers of SCIP's statistics."""
ITERATIONS = (
    r"^  (?:(?:primal|dual|lex dual|barrier|diving/probing) LP|resolve instable)\s*:"
    r"\s+[\d.]+\s+\d+\s+(\d+)"
)
"""The kinds of LP iterations that SCIP counts as its own; strong branching is excluded."""
BOUND = r"^  {} Bound\s*:\s+([-+]?[\d.]+e[-+]\d+)"
COLUMNS = {"node": 1, "dualbound": -4, "primalbound": -3}
"""Positions of columns in the progress table; the first has a mark of the heuristic and the time.
"""


def _version_line(ask: Program) -> str:
    found = re.search(r"SCIP version \d.*", ask("--version"))
    return found[0] if found else ""


def _catalogue(ask: Program) -> Catalogue:
    """Return the parameters that SCIP saves, with ranges and defaults."""
    from bench.solvers.scip.catalogue import parse  # noqa: PLC0415 - loads SCIP

    return parse(ask("-c", "set save all.set", "-c", "quit", leaves="all.set")).catalogue


def _command(call: Call) -> list[str]:
    lines = (f"{name} = {_text(value)}\n" for name, value in _settings(call).items())
    (call.folder / SETTINGS).write_text("".join(lines), encoding="utf-8")
    start = [f"read {call.start}"] if call.start else []
    commands = [f"read {call.problem}", *start, "optimize", f"write solution {SOLUTION}"]
    commands += ["display statistics", "quit"]
    return ["-s", SETTINGS, *(word for each in commands for word in ("-c", each))]


def _start_text(values: Mapping[str, float]) -> str:
    return "".join(f"{name} {value!r}\n" for name, value in values.items() if value)


def _settings(call: Call) -> dict[str, ParameterValue]:
    limits = call.limits
    found: dict[str, ParameterValue] = {"timing/clocktype": 1 if limits.clock is Clock.CPU else 2}
    for parameter, name in LIMIT_PARAMETERS.items():
        value = getattr(limits, name)
        if value is not None:
            found[parameter] = value
    if call.seed:
        found["randomization/randomseedshift"] = call.seed
    return found | dict(call.params)


def _text(value: ParameterValue) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return repr(value) if isinstance(value, float) else str(value)


def _claims(ended: Ended) -> Claims:
    text = "\n".join(ended.texts())
    said = re.findall(r"^SCIP Status\s*:.*\[(.*)\]", text, re.MULTILINE)
    if not said or said[-1] == "unknown":
        errors = READ_ERRORS.findall(text)
        return Claims(refusal=errors[0].strip() if errors else "", trace=tuple(_trace(ended)))
    status = STATUS.get(said[-1])
    final = status in {"infeasible", "unbounded", "inforunbd"}
    trace = tuple(_trace(ended))
    found = {name: _last(pattern, text) for name, pattern in STATISTICS.items()}
    n_nodes = found["n_nodes"]
    iterations = re.findall(ITERATIONS, text, re.MULTILINE)
    return Claims(
        status=status,
        failure="" if status else f"SCIP ends with: {said[-1]}",
        primal_bound=None if final else _bound("Primal", text),
        dual_bound=None if final else _bound("Dual", text),
        values=None if final else _values(ended.file(SOLUTION) or ""),
        n_nodes=None if n_nodes is None else int(n_nodes),
        n_lp_iterations=sum(map(int, iterations)) if iterations else None,
        read_time_s=found["read_time_s"],
        presolve_time_s=found["presolve_time_s"],
        solve_time_s=found["solve_time_s"],
        primal_dual_integral=found["primal_dual_integral"],
        trace=trace,
    )


def _last(pattern: str, text: str) -> float | None:
    found = re.findall(pattern, text, re.MULTILINE)
    return float(found[-1]) if found else None


def _bound(which: str, text: str) -> float | None:
    return _finite(_last(BOUND.format(which), text))


def _finite(number: float | None) -> float | None:
    return None if number is None or abs(number) >= INFINITY else number


def _values(text: str) -> dict[str, float] | None:
    """Return the values in a solution file; None if it has none."""
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if line.startswith("objective value:")), None)
    if start is None or "no solution" in text:
        return None
    rows = (line.rsplit("\t", 1)[0].split() for line in lines[start + 1 :] if line.strip())
    return {row[0]: float(row[1]) for row in rows}


def _is_row(line: str) -> bool:
    """Return whether a line is a row of the progress table, and not its header."""
    return line.count("|") >= 15 and re.match(r".\s*[\d.]+s?\|", line) is not None


def _trace(ended: Ended) -> Iterator[TracePoint]:
    best: float | None = None
    for line in ended.texts():
        if not _is_row(line):
            continue
        cells = [cell.strip() for cell in line.split("|")]
        primal = _finite(_number(cells[COLUMNS["primalbound"]]))
        dual = _finite(_number(cells[COLUMNS["dualbound"]]))
        moment = re.search(r"([\d.]+)s?$", cells[0])
        is_better = primal is not None and primal != best
        best = primal
        nodes = _count(cells[COLUMNS["node"]]) or 0
        yield TracePoint(float(moment[1]) if moment else 0.0, primal, dual, nodes, is_better)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _count(text: str) -> int | None:
    """Return a whole number of the table, e.g. ``719`` or ``12k``."""
    found = re.fullmatch(r"\s*(\d+)([kMGT]?)\s*", text)
    if found is None:
        return None
    return int(found[1] + "000" * " kMGT".index(found[2] or " "))


ADAPTER = Adapter(
    declaration=Declaration(
        code_base=DECLARATION.code_base,
        title=DECLARATION.title,
        formats=DECLARATION.formats,
        takes_start=True,
    ),
    program="scip",
    dialects=frozenset(FORMATS),
    limit_parameters=LIMIT_PARAMETERS,
    counts_cpu_time=True,
    tells_integral=True,
    version_line=_version_line,
    catalogue=_catalogue,
    command=_command,
    claims=_claims,
    start_text=_start_text,
    gap_of=lambda primal, dual: min(abs(primal), abs(dual)),
)
