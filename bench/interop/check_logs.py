"""SCIP's logs: those of its check scripts with many instances, and those of a single solve.

Lines are recognised by their words, not by their position: versions 3 to 10 print different
statistics.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePosixPath

from bench.errors import UsageError
from bench.instances.files import instance_name
from bench.interop import scip_log, status_words
from bench.interop.reported import UNKNOWN, ImportHints, ParsedFile, ReportedResult, labelled, task
from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, VerdictKind

SOLVER = "scip"

_BEGIN = "@01 "
_END = "=ready="
_OTHER_FORMATS = re.compile(r"\.(cnf|zpl|bnd|diff|ccg|col|sudoku)$")
_NAME_OF_LOG = re.compile(r"check\..+\.(?P<setting>[^.]+?)(?:-[sp]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    """The output for one instance; ``line`` is its first line (from 1)."""

    path: str
    text: str
    line: int
    complete: bool


def read(text: str, source: str, stem: str, hints: ImportHints) -> ParsedFile:
    """Return the results in a log; ``stem`` is its file's name without the suffix.

    Raise UsageError for any other text.
    """
    reported: list[ReportedResult] = []
    problems: list[str] = []
    for section in sections(text):
        where = f"{source}:{section.line}"
        if not section.complete:
            problems.append(
                f"{where}: the log of {_name(section.path)} has no end; was the file cut off?"
            )
            continue
        try:
            reported.append(_reported(section, where, stem, hints))
        except UsageError as error:
            problems.append(f"{where}: {error}")
    if not reported and not problems:
        raise UsageError(f"{source}: not a log of SCIP (it has neither @01 nor the version line)")
    return ParsedFile(reported=tuple(reported), problems=tuple(problems))


def sections(text: str) -> Iterator[LogSection]:
    """Yield the part of each instance; a log without ``@01`` is that of a single solve."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    starts = [number for number, line in enumerate(lines) if line.startswith(_BEGIN)]
    if not starts and (file := scip_log.problem_file(text)):
        yield LogSection(path=file, text=text, line=1, complete=scip_log.status(text) is not None)
    for start, stop in pairwise([*starts, len(lines)]):
        body = lines[start:stop]
        end = body.index(_END) + 1 if _END in body else None
        yield LogSection(
            path=_path(body[0]),
            text="\n".join(body[:end]) + "\n",
            line=start + 1,
            complete=end is not None,
        )


def _path(line: str) -> str:
    """Return the path of the instance in the first line of its part: ``@01 path ====``."""
    text = line.removeprefix(_BEGIN).rstrip()
    path = text.rstrip("=")
    return path.removesuffix(" ") if path != text and path.endswith(" ") else text


def _reported(section: LogSection, where: str, stem: str, hints: ImportHints) -> ReportedResult:
    text = section.text
    version = scip_log.version(text)
    parameters = scip_log.parameters(text)
    status = scip_log.status(text)
    limits = _limits(parameters, hints)
    answer = scip_log.answer(text, status)
    time_s = hints.time_or_limit(answer.solve_time_s, limits.time_s)
    started, ended = scip_log.moments(text)
    infeasible = "not feasible in original problem" in text
    return ReportedResult(
        task=task(
            _name(section.path),
            hints.setting or labelled(_setting(text, stem), SOLVER, version or UNKNOWN),
            SOLVER,
            version or UNKNOWN,
            seed=parameters.whole("randomization/randomseedshift") or 0,
            permutation=parameters.whole("randomization/permutationseed", "misc/permutationseed")
            or 0,
            limits=limits,
        ),
        answer=replace(answer, solve_time_s=time_s),
        category=_category(answer, infeasible=infeasible),
        kind=VerdictKind.INFEASIBLE_SOLUTION if infeasible else None,
        said="solution is not feasible, says SCIP" if infeasible else answer.error or str(status),
        where=where,
        started_at=started,
        wall_s=None if started is None or ended is None else max(0.0, ended - started),
        log=text,
    )


def _limits(parameters: scip_log.LoggedParameters, hints: ImportHints) -> Limits:
    by_cpu = parameters.whole("timing/clocktype") == 1
    told = parameters.number("limits/time")
    nodes = parameters.whole("limits/nodes")
    return Limits(
        time_s=hints.limit_or(told),
        memory_mib=parameters.number("limits/memory"),
        nodes=None if nodes is None or nodes < 0 else nodes,
        gap=parameters.number("limits/gap") or None,
        clock=hints.clock or (Clock.CPU if by_cpu else Clock.WALL),
        threads=None,
    )


def _category(answer: SolverOutput, *, infeasible: bool) -> Category:
    if answer.status is None:
        return Category.CRASHED
    if infeasible:
        return Category.WRONG
    final = {"optimal", "infeasible", "unbounded", "inforunbd"}
    if answer.status in final:
        return Category.UNCONFIRMED
    found = status_words.meaning(answer.status)
    return Category.CRASHED if found is None else found.category


def _name(path: str) -> str:
    """Return the instance's name as in ``.solu`` files, without the folders in the log."""
    name = instance_name(PurePosixPath(path.strip()))  # type: ignore[arg-type]
    return _OTHER_FORMATS.sub("", name)


def _setting(text: str, stem: str) -> str:
    """Return the name of the settings: that of the loaded file, else that of the log."""
    loaded = re.findall(r"^loaded parameter file <(?:.*/)?([^/>]+?)(?:\.set)?>", text, re.MULTILINE)
    if loaded:
        return str(loaded[-1])
    named = _NAME_OF_LOG.fullmatch(stem)
    return named["setting"] if named else stem
