"""Result files of BenchExec (``.xml``): the runs of one tool, each with its columns.

Nothing else is read, neither the host, its software, nor environment variables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from bench.errors import UsageError
from bench.instances.files import instance_name
from bench.interop import status_words
from bench.interop.reported import UNKNOWN, ImportHints, ParsedFile, ReportedResult, labelled, task
from bench.interop.status_words import StatusMeaning
from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, VerdictKind

_UNITS = {
    "": 1.0,
    "s": 1.0,
    "ms": 1e-3,
    "min": 60.0,
    "h": 3600.0,
    "b": 1.0,
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
    "tb": 1e12,
    "kib": 2.0**10,
    "mib": 2.0**20,
    "gib": 2.0**30,
}
_MIB = 2.0**20
_QUANTITY = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*([a-zA-Z]*)\s*")
_ANSWERS = re.compile(r"(true|false|sat|unsat|done|witnessconfirmed)(\(.*\))?")


@dataclass(slots=True)
class _Run:
    line: int
    attributes: Mapping[str, str]
    columns: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Results:
    attributes: Mapping[str, str] = field(default_factory=dict)
    runs: list[_Run] = field(default_factory=list)


def read(text: str, source: str, hints: ImportHints) -> ParsedFile:
    """Return the results in a result file of BenchExec.

    Times are CPU times, like BenchExec's time limit, unless ``hints`` ask for wall time. Raise
    UsageError for any other file, or a damaged one.
    """
    results = _parse(text, source)
    names = _instance_names(results.runs)
    reported: list[ReportedResult] = []
    problems: list[str] = []
    for run, name in zip(results.runs, names, strict=True):
        where = f"{source}:{run.line}"
        try:
            reported.append(_reported(run, name, results.attributes, where, hints))
        except UsageError as error:
            problems.append(f"{where}: {error}")
    if not results.runs:
        raise UsageError(
            f"{source}: contains no runs; it is not a result of BenchExec, or it is truncated"
        )
    return ParsedFile(reported=tuple(reported), problems=tuple(problems))


def _parse(text: str, source: str) -> _Results:
    """Return the runs. A file that defines entities is rejected: they can expand without end."""
    results = _Results()
    path: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        path.append(name)
        if len(path) == 1:
            if name != "result":
                raise UsageError(f"{source}: its root is <{name}>, not BenchExec's <result>")
            results.attributes = attributes
        elif path == ["result", "run"]:
            results.runs.append(_Run(parser.CurrentLineNumber, attributes))
        elif path == ["result", "run", "column"] and "title" in attributes:
            results.runs[-1].columns[attributes["title"]] = attributes.get("value", "")

    def end(_: str) -> None:
        path.pop()

    def entity(*_: object) -> None:
        raise UsageError(
            f"{source}:{parser.CurrentLineNumber}: refused, because it defines an XML entity, "
            "which BenchExec never does"
        )

    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise UsageError(
            f"{source}:{error.lineno}: not XML: {expat.ErrorString(error.code)}"
        ) from (error)
    return results


def _instance_names(runs: list[_Run]) -> list[str]:
    """Return the names of the instances as in bench, complete ones if these are not unique."""
    whole = [run.attributes.get("name", "") for run in runs]
    short = {name: instance_name(Path(name)) for name in whole}
    n_of = Counter(short.values())
    return [short[name] if n_of[short[name]] == 1 else name for name in whole]


def _reported(
    run: _Run, name: str, result: Mapping[str, str], where: str, hints: ImportHints
) -> ReportedResult:
    tool = result.get("tool", "").lower() or UNKNOWN
    version = result.get("version") or UNKNOWN
    clock = hints.clock or Clock.CPU
    limits = Limits(
        time_s=hints.limit_or(_limit(result, clock)),
        memory_mib=_in_mib(_quantity(result, "memlimit")),
        clock=clock,
        threads=None,
    )
    cpu_s, wall_s = _quantity(run.columns, "cputime"), _quantity(run.columns, "walltime")
    told, said = _meaning(run.columns, hints)
    memory = "memory" if "memory" in run.columns else "memUsage"
    return ReportedResult(
        task=task(name, hints.setting or _setting(result), tool, version, limits=limits),
        answer=SolverOutput(
            status=told.status,
            error=None if told.status else f"{said}, says BenchExec",
            solve_time_s=hints.time_or_limit(
                cpu_s if clock is Clock.CPU else wall_s, limits.time_s
            ),
            solve_wall_s=wall_s,
            solve_cpu_s=cpu_s,
        ),
        category=told.category,
        kind=told.kind,
        said=said,
        where=where,
        wall_s=wall_s,
        peak_mib=_in_mib(_quantity(run.columns, memory)),
    )


def _meaning(columns: Mapping[str, str], hints: ImportHints) -> tuple[StatusMeaning, str]:
    """Return the conclusion of BenchExec, and its words for it.

    If it compared the answer with an expected one, its category decides. Otherwise an answer is a
    claim, and any other word is an error of the tool.
    """
    status, category = columns.get("status", ""), columns.get("category", "")
    said = " ".join(filter(None, (status, f"({category})" if category else "")))
    found = _status(status, hints)
    if category.startswith("correct"):
        return StatusMeaning(found.status or "optimal", Category.SOLVED), said
    if category == "wrong":
        return StatusMeaning(found.status or "optimal", Category.WRONG, VerdictKind.OBJECTIVE), said
    return found, said or "no status"


def _status(status: str, hints: ImportHints) -> StatusMeaning:
    known = status_words.meaning(status, hints.statuses)
    if known is not None:
        return known
    plain = re.sub(r"\s", "", status.lower())
    if _ANSWERS.fullmatch(plain):
        answer = "infeasible" if plain == "unsat" else "optimal"
        return StatusMeaning(answer, Category.UNCONFIRMED)
    if plain.startswith("timeout"):
        return StatusMeaning("timelimit", Category.LIMIT, VerdictKind.TIME)
    if plain.startswith("outof"):
        return StatusMeaning("memlimit", Category.LIMIT, VerdictKind.MEMORY)
    return StatusMeaning(None, Category.CRASHED)


def _setting(result: Mapping[str, str]) -> str:
    """Return the name of the runs: the display name, else those of benchmark and run set."""
    benchmark = ".".join(filter(None, (result.get("benchmarkname"), result.get("name"))))
    name = result.get("displayName") or benchmark or result.get("tool") or UNKNOWN
    tool = result.get("tool", "").lower() or UNKNOWN
    return labelled(name, tool, result.get("version") or UNKNOWN)


def _limit(result: Mapping[str, str], clock: Clock) -> float | None:
    return _quantity(result, "timelimit" if clock is Clock.CPU else "walltimelimit")


def _quantity(values: Mapping[str, str], name: str) -> float | None:
    """Return a number in seconds or bytes, None if it is missing."""
    text = values.get(name, "")
    if text.strip().lower() in {"", "-", "none"}:
        return None
    match = _QUANTITY.fullmatch(text)
    if match is None or match[2].lower() not in _UNITS:
        raise UsageError(f"{name} {text!r} is not a number with a unit")
    try:
        return float(match[1]) * _UNITS[match[2].lower()]
    except ValueError:
        raise UsageError(f"{name} {text!r} is not a number") from None


def _in_mib(n_bytes: float | None) -> float | None:
    return None if n_bytes is None else n_bytes / _MIB
