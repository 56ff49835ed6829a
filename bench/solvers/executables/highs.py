"""HiGHS's own program as an executable.

It ends silently at SIGINT, so its bounds are those that it has printed until then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench.errors import UsageError
from bench.model.parameters import Catalogue
from bench.model.results.solver_output import TracePoint
from bench.model.setting import ParameterValue
from bench.solvers.declaration import Declaration
from bench.solvers.executables.adapter import Adapter, Call, Claims, Ended, Program
from bench.solvers.highs.declaration import DECLARATION, LIMIT_PARAMETERS
from bench.solvers.linear_programs import EMPTY
from bench.verification import solution_file

OPTIONS = "options.txt"
SOLUTION = "solution.txt"
STOCK_GAP = 1e-4
STOCK_ABSOLUTE_GAP = 1e-6
"""Within this gap, its status "optimal" is accepted."""
STATUS = {
    "Optimal": "optimal",
    "Infeasible": "infeasible",
    "Unbounded": "unbounded",
    "Primal infeasible or unbounded": "inforunbd",
    "Time limit reached": "timelimit",
    "Solution limit reached": "nodelimit",
    "Iteration limit reached": "iterlimit",
    "Memory limit reached": "memlimit",
    "Interrupted by user": "userinterrupt",
    "Bound on objective reached": "duallimit",
    "Target for objective reached": "primallimit",
    "Unknown": "unknown",
}
TIMEOUT = "Parser reached timeout"
"""The text of an error that means its time limit: the program counts reading, too."""
UNREAD = "Error loading file"
"""Its last line if it cannot use the problem file; an error before it says why."""
REFUSALS = re.compile(
    r"^.*(?:Parser error reading|Model file .* not found|does not exist).*$", re.MULTILINE
)
FAILURES = re.compile(r"^ERROR: .*$", re.MULTILINE)
NUMBER = r"([-+]?(?:inf|[\d.]+(?:e[-+]?\d+)?))"
ROW = re.compile(rf"^ (.) +(\d+) +\d+ +\d+ +[\d.]+% +{NUMBER} +{NUMBER} +\S+ .*?(\d+) +([\d.]+)s$")


def _version_line(ask: Program) -> str:
    found = re.search(r"HiGHS version \d.*", ask("--version"))
    return found[0].partition(".  Copyright")[0].partition(". Copyright")[0] if found else ""


def _catalogue(_: Program) -> Catalogue:
    """Return the options of bench's own HiGHS, because the program does not list its options."""
    from bench.solvers.highs.catalogue import read_catalogue  # noqa: PLC0415 - loads HiGHS

    return read_catalogue()


def _command(call: Call) -> list[str]:
    limits = call.limits
    options: dict[str, ParameterValue] = {"threads": limits.threads or 1}
    if limits.time_s is not None:
        options["time_limit"] = limits.time_s
    if limits.nodes is not None:
        options["mip_max_nodes"] = limits.nodes
    if limits.gap is not None:
        options["mip_rel_gap"] = limits.gap
    if call.seed:
        options["random_seed"] = call.seed
    options |= dict(call.params)
    lines = (f"{name} = {_text(value)}\n" for name, value in options.items())
    (call.folder / OPTIONS).write_text("".join(lines), encoding="utf-8")
    return ["--options_file", OPTIONS, "--solution_file", SOLUTION, call.problem]


def _text(value: ParameterValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _claims(ended: Ended) -> Claims:
    text = "\n".join(ended.texts())
    said = re.findall(r"^ *(?:Status  |Model status *:) *(.*\S)", text, re.MULTILINE)
    said = said or re.findall(r"\AModel status\n(.*\S)", ended.file(SOLUTION) or "")
    trace = tuple(_trace(ended))
    if not said:
        if TIMEOUT in text:
            return Claims(status="timelimit")
        failures = FAILURES.findall(text)
        if refusals := [*(failures if UNREAD in text else ()), *REFUSALS.findall(text)]:
            return Claims(refusal=refusals[0].strip())
        if failures and not ended.is_stopped:
            return Claims(failure=failures[0].strip())
        return Claims(trace=trace)
    status = STATUS.get(said[-1])
    if status is None:
        return _without_status(said[-1])
    is_mip = "Solving report" in text
    value, values = _solution(ended)
    if status in {"infeasible", "unbounded", "inforunbd"}:
        value, values = None, None
    dual = _last(r"^  Dual bound +(\S+)", text) if is_mip else None
    if status == "optimal" and not is_mip:
        dual = value
    if status in {"infeasible", "unbounded", "inforunbd"}:
        dual = None
    if status == "optimal" and value is not None and dual is not None:
        near = max(STOCK_ABSOLUTE_GAP, STOCK_GAP * min(abs(value), abs(dual)))
        status = "optimal" if abs(value - dual) <= near else "gaplimit"
    nodes = _last(r"^  Nodes +(\d+)", text) if is_mip else 0.0
    iterations = _last(r"^ *(?:LP iterations|Simplex +iterations:) +(\d+)", text)
    return Claims(
        status=status,
        primal_bound=value,
        dual_bound=dual,
        values=values,
        n_nodes=None if nodes is None else int(nodes),
        n_lp_iterations=None if iterations is None else int(iterations),
        presolve_time_s=_last(r"^ +([\d.]+) \(Presolve\)", text),
        trace=trace,
    )


def _without_status(said: str) -> Claims:
    """Return the claims of a solve that ended with none of the known statuses."""
    if said == "Empty":
        return Claims(refusal=EMPTY)
    return Claims(failure=f"HiGHS ends with: {said}")


def _solution(ended: Ended) -> tuple[float | None, dict[str, float] | None]:
    """Return value and values in the solution file, nothing if it has none."""
    if "\nFeasible\n" not in (ended.file(SOLUTION) or ""):
        return None, None
    try:
        found = solution_file.read(ended.call.folder / SOLUTION)
    except UsageError:
        return None, None
    return found.objective, {name: float(value) for name, value in found.values.items()}


def _last(pattern: str, text: str) -> float | None:
    found = re.findall(pattern, text, re.MULTILINE)
    return _finite(found[-1]) if found else None


def _finite(text: str) -> float | None:
    return None if "inf" in text or text == "-" else float(text)


def _trace(ended: Ended) -> Iterator[TracePoint]:
    best: float | None = None
    for line in ended.texts():
        if found := ROW.match(line):
            dual, primal = _finite(found[3]), _finite(found[4])
            is_better = primal is not None and primal != best
            best = primal
            yield TracePoint(float(found[6]), primal, dual, int(found[2]), is_better)


ADAPTER = Adapter(
    declaration=Declaration(
        code_base=DECLARATION.code_base, title=DECLARATION.title, formats=DECLARATION.formats
    ),
    program="highs",
    dialects=DECLARATION.formats,
    limit_parameters=LIMIT_PARAMETERS,
    version_line=_version_line,
    catalogue=_catalogue,
    command=_command,
    claims=_claims,
    gap_of=lambda primal, _: abs(primal),
)
