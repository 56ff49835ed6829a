"""GLPK's glpsol as an executable (Debian: glpk-utils).

Observed with 5.0: it rejects each file with a section OBJSENSE, and adds a constant of the
objective that others subtract, so it gets every file newly written. It has no random seed for its
search (``--seed`` is for models in MathProg), counts whole seconds, ends silently at SIGINT, and
its progress lines have no clock: their arrival time is used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.results.solver_output import TracePoint
from bench.solvers.declaration import Declaration
from bench.solvers.executables.adapter import Adapter, Call, Claims, Ended, Program

SOLUTION = "solution.txt"
SWITCHES = {
    "primal": "use the primal simplex (LP)",
    "dual": "use the dual simplex (LP)",
    "nosteep": "use the standard textbook pricing",
    "norelax": "use the standard textbook ratio test",
    "flip": "use the long-step ratio test",
    "nopresol": "do not use the presolver (LP)",
    "interior": "use the interior point method (LP)",
    "noscale": "do not scale the problem",
    "first": "branch on the first integer variable",
    "last": "branch on the last integer variable",
    "mostf": "branch on the most fractional variable",
    "pcost": "branch by the hybrid pseudocost heuristic",
    "dfs": "backtrack by depth first search",
    "bfs": "backtrack by breadth first search",
    "bestp": "backtrack by the best projection heuristic",
    "nointopt": "do not use the MIP presolver",
    "binarize": "replace general integer variables by binary ones",
    "fpump": "apply the feasibility pump heuristic",
    "gomory": "generate Gomory's mixed integer cuts",
    "mir": "generate MIR (mixed integer rounding) cuts",
    "cover": "generate mixed cover cuts",
    "clique": "generate clique cuts",
    "cuts": "generate all these cuts",
}
"""Options without a value, which are off by default."""
ENDINGS = (
    ("TIME LIMIT EXCEEDED", "timelimit"),
    ("RELATIVE MIP GAP TOLERANCE REACHED", "gaplimit"),
    ("PROBLEM HAS NO PRIMAL FEASIBLE SOLUTION", "infeasible"),
    ("PROBLEM HAS NO FEASIBLE SOLUTION", "infeasible"),
    ("LP HAS NO PRIMAL FEASIBLE SOLUTION", "infeasible"),
    ("PROBLEM HAS NO INTEGER FEASIBLE SOLUTION", "infeasible"),
    ("PROBLEM HAS NO DUAL FEASIBLE SOLUTION", "inforunbd"),
    ("LP RELAXATION HAS NO DUAL FEASIBLE SOLUTION", "inforunbd"),
    ("LP HAS NO DUAL FEASIBLE SOLUTION", "inforunbd"),
    ("PROBLEM HAS UNBOUNDED SOLUTION", "unbounded"),
    ("LP HAS UNBOUNDED PRIMAL SOLUTION", "unbounded"),
    ("INTEGER OPTIMAL SOLUTION FOUND", "optimal"),
)
"""The texts at the end of a search, and SCIP's word for each; the first printed one counts."""
FILE_STATUS = {
    "INTEGER OPTIMAL": "optimal",
    "INTEGER EMPTY": "infeasible",
    "OPTIMAL": "optimal",
    "INFEASIBLE (FINAL)": "infeasible",
    "UNBOUNDED": "unbounded",
}
"""The line ``c Status:`` of the solution file if it is final."""
WITH_SOLUTION = frozenset({"INTEGER OPTIMAL", "INTEGER NON-OPTIMAL", "OPTIMAL"})
NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?|-?inf|-?DBL_MAX)"
PROGRESS = re.compile(
    rf"\+\s*(\d+): (?:mip =|>>>>>)\s+(?:{NUMBER}|not found yet) >=\s+(?:{NUMBER}|tree is empty)"
    r".*\((\d+); (\d+)\)"
)
SIMPLEX = re.compile(r"[ *#+]\s*(\d+): (?:obj|mip|>>>>>)")
REFUSALS = ("MPS file processing error", "Unable to open", "CPLEX LP file processing error")
FAILURES = ("Invalid option", "requires", "No input problem file", "insufficient memory")


def _version_line(ask: Program) -> str:
    found = re.search(r"GLPSOL.*GLPK.*LP/MIP Solver,? v?(\d[\d.]*)", ask("--version"))
    return found[0] if found else ""


def _catalogue(_: Program) -> Catalogue:
    gap = Parameter(
        name="mipgap",
        kind=ParameterKind.REAL,
        default=0.0,
        low=0.0,
        description="set the relative tolerance of the gap",
    )
    proxy = Parameter(
        name="proxy",
        kind=ParameterKind.INT,
        default=0,
        low=0,
        description="apply the proximity search heuristic for so many seconds; 0 does not",
    )
    switches = (
        Parameter(name=name, kind=ParameterKind.BOOL, default=False, description=text)
        for name, text in SWITCHES.items()
    )
    return Catalogue([*switches, gap, proxy])


def _command(call: Call) -> list[str]:
    limits = call.limits
    words = ["--freemps", call.problem, "--write", SOLUTION]
    if limits.time_s is not None:
        words += ["--tmlim", str(max(1, math.ceil(limits.time_s)))]
    if limits.gap is not None:
        words += ["--mipgap", f"{limits.gap!r}"]
    for name, value in call.params.items():
        if isinstance(value, bool):
            words += [f"--{name}"] if value else []
        elif value or name == "mipgap":
            words += [f"--{name}", str(value)]
    return words


def _claims(ended: Ended) -> Claims:
    texts = list(ended.texts())
    for line in texts:
        if any(each in line for each in REFUSALS):
            return Claims(refusal=_before(texts, line))
    if ended.exit_code and not ended.is_stopped:
        why = next((line for line in texts if any(each in line for each in FAILURES)), "")
        return Claims(failure=why or f"glpsol ends with exit code {ended.exit_code}")
    errors = [line for line in texts if line.startswith("glp_")]
    trace = tuple(_trace(ended))
    status = next((word for line in texts for start, word in ENDINGS if line.startswith(start)), "")
    said, value, values = _solution(ended.file(SOLUTION) or "")
    status = FILE_STATUS.get(said, status)
    if status == "unbounded" and ended.call.has_integers:
        status = "inforunbd"  # it has looked at the relaxation alone
    if status in {"infeasible", "unbounded", "inforunbd"}:
        value, values = None, None
    last = trace[-1] if trace and not status.startswith(("inf", "unb")) else None
    iterations = [int(found[1]) for line in texts if (found := SIMPLEX.match(line))]
    return Claims(
        status=status or None,
        failure="" if status or not errors else errors[0],
        primal_bound=value,
        dual_bound=value if status == "optimal" else (last.dual_bound if last else None),
        values=values,
        n_nodes=trace[-1].n_nodes if trace else (0 if status else None),
        n_lp_iterations=iterations[-1] if iterations else None,
        trace=trace,
    )


def _before(texts: list[str], line: str) -> str:
    """Return the line before one that only reports an error."""
    index = texts.index(line)
    return texts[index - 1] if index and "processing error" in line else line


def _solution(text: str) -> tuple[str, float | None, dict[str, float] | None]:
    """Return status, value and values in a solution file; columns are ``c0``, ``c1``, ..."""
    status = re.search(r"^c Status:\s+(.*\S)", text, re.MULTILINE)
    said = status[1] if status else ""
    if said not in WITH_SOLUTION or "\ne o f" not in text:
        return said, None, None
    solution = re.search(r"^s (?:mip|bas) .* (\S+)$", text, re.MULTILINE)
    is_basic = "\ns bas" in text
    rows = (line.split() for line in text.splitlines() if line.startswith("j "))
    values = {f"c{int(row[1]) - 1}": float(row[3 if is_basic else 2]) for row in rows}
    return said, float(solution[1]) if solution else None, values


def _trace(ended: Ended) -> Iterator[TracePoint]:
    """Yield the bounds, with the seconds at which they were printed."""
    dual: float | None = None
    best: float | None = None
    for line in ended.lines:
        if found := PROGRESS.match(line.text):
            primal, bound = _finite(found[2]), _finite(found[3])
            dual = primal if "tree is empty" in line.text else bound
            n_nodes = int(found[4]) + int(found[5])
            is_better = primal is not None and primal != best
            best = primal
            yield TracePoint(line.time_s, primal, dual, n_nodes, is_better)


def _finite(text: str | None) -> float | None:
    return None if text is None or "inf" in text or "MAX" in text else float(text)


ADAPTER = Adapter(
    declaration=Declaration(code_base="glpk", title="GLPK", read_by="scip"),
    program="glpsol",
    package="glpk-utils",
    limit_parameters={"mipgap": "gap"},
    has_seed=False,
    version_line=_version_line,
    catalogue=_catalogue,
    command=_command,
    claims=_claims,
    gap_of=lambda primal, _: abs(primal),
)
