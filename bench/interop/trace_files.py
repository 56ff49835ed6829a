"""Trace files of GAMS (``.trc``), which PAVER evaluates: one solve per line.

The columns are those of the file's *Trace Record Definition*, by default those of GAMS.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench.errors import UsageError
from bench.interop import status_words
from bench.interop.reported import (
    NO_NUMBER,
    UNKNOWN,
    ImportHints,
    ParsedFile,
    ReportedResult,
    finite,
    task,
)
from bench.interop.status_words import StatusMeaning
from bench.model.instances.problem import Sense
from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category

GAMS_COLUMNS = (
    *("InputFileName", "ModelType", "SolverName", "NLP", "MIP", "JulianDate", "Direction"),
    *("NumberOfEquations", "NumberOfVariables", "NumberOfDiscreteVariables", "NumberOfNonZeros"),
    *("NumberOfNonlinearNonZeros", "OptionFile", "ModelStatus", "SolverStatus", "ObjectiveValue"),
    *("ObjectiveValueEstimate", "SolverTime", "NumberOfIterations", "NumberOfDomainViolations"),
    *("NumberOfNodes", "User1"),
)
REQUIRED = ("InputFileName", "SolverName", "ModelStatus", "SolverStatus", "SolverTime")

_DEFINITION = "Trace Record Definition"
_MISSING = frozenset({"", "na", "undf", "nan"})
_LP = frozenset({"LP", "RMIP"})
_MODEL_STATUSES = (
    *("Optimal", "Locally Optimal", "Unbounded", "Infeasible", "Locally Infeasible"),
    *("Intermediate Infeasible", "Feasible Solution", "Integer Solution"),
    *("Intermediate Non-Integer", "Integer Infeasible", "Licensing Problem", "Error Unknown"),
    *("Error No Solution", "No Solution Returned", "Solved Unique", "Solved", "Solved Singular"),
    *("Unbounded - No Solution", "Infeasible - No Solution"),
)
_SOLVER_STATUSES = (
    *("Normal Completion", "Iteration Interrupt", "Resource Interrupt", "Terminated by Solver"),
    *("Evaluation Interrupt", "Capability Problems", "Licensing Problems", "User Interrupt"),
    *("Setup Failure", "Solver Failure", "Internal Solver Failure", "Solve Processing Skipped"),
    "System Failure",
)
_FINAL = {
    **dict.fromkeys((1, 15, 16, 17), "optimal"),
    **dict.fromkeys((3, 18), "unbounded"),
    **dict.fromkeys((4, 10, 19), "infeasible"),
}
_WITH_SOLUTION = frozenset({1, 2, 7, 8, 15, 16, 17})
_COMPLETED, _BY_SOLVER = 1, 4
_ENDED = {2: "iterlimit", 3: "timelimit", 8: "userinterrupt", 12: "skipped"}


@dataclass(slots=True)
class _Header:
    """The content of the lines before the records: the columns, and e.g. ``TIMELIMIT,3600``."""

    columns: tuple[str, ...] = GAMS_COLUMNS
    notes: dict[str, str] = field(default_factory=dict)


def read(text: str, source: str, hints: ImportHints) -> ParsedFile:
    """Return the results in a trace file.

    Raise UsageError for a definition without the required columns, and for a file without records.
    """
    reported: list[ReportedResult] = []
    problems: list[str] = []
    for number, line, header in _records(text):
        where = f"{source}:{number}"
        lacking = [name for name in REQUIRED if name not in header.columns]
        if lacking:
            raise UsageError(f"{source}: its {_DEFINITION} has no column {lacking[0]!r}")
        try:
            record = _cells(line, header.columns)
            reported.append(_reported(record, header.notes, where, hints))
        except UsageError as error:
            problems.append(f"{where}: {error}")
    if not reported and not problems:
        raise UsageError(f"{source}: contains no trace record; a trace file has one solve per line")
    return ParsedFile(reported=tuple(reported), problems=tuple(problems))


def _records(text: str) -> Iterator[tuple[int, str, _Header]]:
    """Yield each record with its line number, and the header before it."""
    header = _Header()
    defining = False
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line:
            continue
        if not line.startswith("*"):
            defining = False
            yield number, line, header
            continue
        words = [word.strip() for word in line[1:].strip().strip(",").split(",")]
        if _DEFINITION in line:
            header, defining = _Header(columns=(), notes=dict(header.notes)), True
        elif words in ([""], ["GamsSolve"]):
            defining = defining and words != [""]
        elif defining:
            header.columns += tuple(words)
        elif len(words) > 1:
            header.notes[words[0].upper()] = words[1]


def _cells(line: str, columns: tuple[str, ...]) -> dict[str, str]:
    try:
        cells = [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True))]
    except csv.Error as error:
        raise UsageError(str(error)) from error
    n_needed = 1 + max(columns.index(name) for name in REQUIRED)
    if not n_needed <= len(cells) <= len(columns):
        raise UsageError(f"{len(cells)} cells, but the columns are {len(columns)}")
    return dict(zip(columns, cells, strict=False))


def _reported(
    record: Mapping[str, str], notes: Mapping[str, str], where: str, hints: ImportHints
) -> ReportedResult:
    model = _code(record, "ModelStatus", _MODEL_STATUSES)
    solver = _code(record, "SolverStatus", _SOLVER_STATUSES)
    said = f"{model}/{solver}"
    told = status_words.meaning(said, hints.statuses) or _meaning(
        model, solver, record.get("ModelType", "").upper()
    )
    limits = _limits(notes, hints)
    names = f"{_MODEL_STATUSES[model - 1]}, {_SOLVER_STATUSES[solver - 1]}"
    has_solution = model in _WITH_SOLUTION and told.status not in {"infeasible", "unbounded"}
    bounded = told.status not in {"infeasible", "unbounded"}
    return ReportedResult(
        task=task(
            record["InputFileName"],
            hints.setting or _setting(record, notes),
            record["SolverName"].lower() or UNKNOWN,
            UNKNOWN,
            limits=limits,
        ),
        answer=SolverOutput(
            status=told.status,
            error=None if told.status else f"{names}, says the trace file",
            primal_bound=_number(record, "ObjectiveValue", hints) if has_solution else None,
            dual_bound=_number(record, "ObjectiveValueEstimate", hints) if bounded else None,
            n_nodes=_count(record, "NumberOfNodes", hints),
            n_lp_iterations=_count(record, "NumberOfIterations", hints),
            solve_time_s=hints.time_or_limit(
                _not_negative(record, "SolverTime", hints), limits.time_s
            ),
        ),
        category=told.category,
        kind=told.kind,
        said=f"{said}: {names}",
        where=where,
        direction=Sense.MAXIMIZE if record.get("Direction") == "1" else Sense.MINIMIZE,
        wall_s=_not_negative(record, "ETSolver", hints),
    )


def _meaning(model: int, solver: int, model_type: str) -> StatusMeaning:
    """Return the meaning of a pair of statuses.

    A claim of optimality counts if the solver ended by itself. An integer solution of a completed
    solve is within the requested gap. A local optimum counts only for a linear program.
    """
    word = _ENDED.get(solver, "abort")
    if solver in {_COMPLETED, _BY_SOLVER}:
        linear = model == 2 and model_type in _LP
        within_gap = solver == _COMPLETED and model in {7, 8}
        word = _FINAL.get(model) or (
            "optimal" if linear else "gaplimit" if within_gap else "unknown"
        )
        if model in {11, 12, 13}:
            word = "abort"
    found = status_words.meaning(word)
    return found or StatusMeaning(None, Category.CRASHED)


def _setting(record: Mapping[str, str], notes: Mapping[str, str]) -> str:
    """Return the solver's name with its option file, if there is one, as in PAVER."""
    solver = record["SolverName"]
    options = record.get("OptionFile", "")
    if options.lower() in _MISSING | {"0"}:
        return solver
    return f"{solver}.{notes.get('SETTINGS') or options}"


def _limits(notes: Mapping[str, str], hints: ImportHints) -> Limits:
    nodes = _count(notes, "NODELIMIT", hints)
    return Limits(
        time_s=hints.limit_or(_not_negative(notes, "TIMELIMIT", hints)),
        memory_mib=None,
        nodes=nodes,
        gap=_not_negative(notes, "GAPLIMIT", hints),
        clock=hints.clock or Clock.WALL,
        threads=None,
    )


def _code(record: Mapping[str, str], name: str, known: tuple[str, ...]) -> int:
    text = record[name]
    if not re.fullmatch(r"\d{1,2}", text) or not 1 <= int(text) <= len(known):
        raise UsageError(f"{name} {text!r} is not one of GAMS's codes 1 to {len(known)}")
    return int(text)


def _number(record: Mapping[str, str], name: str, hints: ImportHints) -> float | None:
    """Return a number, None if it is missing or infinite."""
    text = record.get(name, "")
    if text.lower() in _MISSING | hints.missing:
        return None
    try:
        value = float("x" if "_" in text else text)
    except ValueError:
        raise UsageError(f"{name} {text!r} {NO_NUMBER}") from None
    return finite(None if math.isnan(value) else value)


def _not_negative(record: Mapping[str, str], name: str, hints: ImportHints) -> float | None:
    value = _number(record, name, hints)
    if value is not None and value < 0:
        raise UsageError(f"{name} {value:g} is negative")
    return value


def _count(record: Mapping[str, str], name: str, hints: ImportHints) -> int | None:
    value = _not_negative(record, name, hints)
    if value is not None and value != round(value):
        raise UsageError(f"{name} {value:g} is not a whole number")
    return None if value is None else round(value)
