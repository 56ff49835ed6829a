"""Imported results: one solve each, in the terms of bench, with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from bench.errors import UsageError
from bench.model.instances.instance import Instance
from bench.model.instances.problem import Sense
from bench.model.limits import Clock, Limits
from bench.model.results.process_stats import IMPORTED, ProcessStats, Termination
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, VerdictKind
from bench.model.setting import Setting
from bench.model.task import Task
from bench.verification.external_claims import sense_of

UNKNOWN = "unknown"
INFINITY = 1e20
"""Numbers of at least this magnitude mean "infinite", as in SCIP."""

NO_NUMBER = "is not a number"
"""The message about such a cell; it may be a missing number, which ``--na`` defines."""

_LONGEST_S = 1e9
_LARGEST = 2**63 - 1
_TERMINATIONS = {
    None: Termination.ERROR,
    "timelimit": Termination.TIME,
    "memlimit": Termination.MEMORY,
    "userinterrupt": Termination.INTERRUPT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportHints:
    """The user's information about a file that lacks it; None or empty: nothing.

    ``columns`` maps fields to columns (`csv_files.FIELDS`), ``statuses`` are the meanings of words,
    ``missing`` (in lower case) is the text for a missing number. ``wide`` names the columns of a
    CSV that each contain the times of a setting. ``missing_time_is_limit``: a solve without a time
    counts with its time limit.
    """

    setting: str | None = None
    time_limit_s: float | None = None
    clock: Clock | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    wide: tuple[str, ...] = ()
    missing_time_is_limit: bool = False

    def limit_or(self, told_s: float | None) -> float | None:
        """Return the time limit that the user gives, else that in the file."""
        return told_s if self.time_limit_s is None else self.time_limit_s

    def time_or_limit(self, time_s: float | None, limit_s: float | None) -> float | None:
        """Return the time, or the value that replaces a missing one.

        Raise UsageError if the limit is to replace it and is unknown.
        """
        if time_s is not None or not self.missing_time_is_limit:
            return time_s
        if limit_s is None:
            raise UsageError(
                "the solve has neither a time nor a time limit; give a limit with --time-limit"
            )
        return limit_s


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedResult:
    """One solve in a file.

    ``category`` and ``kind`` are the conclusion in the file, ``said`` are its words, ``where`` is
    ``FILE:LINE``. ``direction`` is that of the objective if the file has it. ``started_at`` is
    seconds since the epoch. ``log`` is the output of the solver. Raise UsageError for impossible
    times and counts: negative, or too large for any table.
    """

    task: Task
    answer: SolverOutput
    category: Category
    kind: VerdictKind | None = None
    said: str
    where: str
    direction: Sense | None = None
    started_at: float | None = None
    wall_s: float | None = None
    peak_mib: float | None = None
    log: str = ""

    def __post_init__(self) -> None:
        """Check the numbers."""
        task, answer = self.task, self.answer
        _check("time", answer.solve_time_s, _LONGEST_S)
        _check("time limit", task.limits.time_s, INFINITY)
        _check("memory", self.peak_mib, INFINITY)
        _check("number of nodes", answer.n_nodes, _LARGEST)
        _check("number of LP iterations", answer.n_lp_iterations, _LARGEST)
        _check("seed", task.seed, _LARGEST)
        _check("permutation", task.permutation, _LARGEST)

    @property
    def sense(self) -> Sense:
        """The direction of the objective: as given, else from the order of the bounds."""
        return self.direction or sense_of(self.answer)

    def execution(self, now: float) -> ProcessStats:
        """Return the known facts about the execution; one without a date started ``now``."""
        wall_s = self.answer.solve_time_s if self.wall_s is None else self.wall_s
        return ProcessStats(
            termination=_TERMINATIONS.get(self.answer.status, Termination.NORMAL),
            evidence=f"{IMPORTED}{self.where}: {self.said}",
            started_at=now if self.started_at is None else self.started_at,
            wall_s=wall_s or 0.0,
            peak_mib=self.peak_mib,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """The content of a file: the solves, and a line for each that could not be read."""

    reported: tuple[ReportedResult, ...]
    problems: tuple[str, ...] = ()


def task(  # noqa: PLR0913 - a task has this many sides
    instance: str,
    setting: str,
    solver: str,
    solver_version: str,
    *,
    seed: int = 0,
    permutation: int = 0,
    limits: Limits,
) -> Task:
    """Return the task of an imported result: without a digest, because its file is not available.

    Equal words give equal keys. The path is a bare file name, regardless of the name's content.
    Raise UsageError for a name that is empty or has control characters.
    """
    for what, name in (("instance", instance), ("setting", setting)):
        if not name or not name.isprintable():
            raise UsageError(f"{what} name {name!r} is empty or not printable")
    return Task(
        instance=Instance(name=instance, path=Path(PurePath(instance).name)),
        setting=Setting(name=setting, solver=solver),
        solver_version=solver_version,
        seed=seed,
        permutation=permutation,
        limits=limits,
    )


def labelled(setting: str, solver: str, version: str) -> str:
    """Return a setting's name with the solver's version, e.g. ``default@scip-4.0.0``.

    The same settings file with two versions is two settings.
    """
    label = f"@{solver}-{version}"
    return setting if version == UNKNOWN or setting.endswith(label) else setting + label


def finite(value: float | None) -> float | None:
    """Return the value, None if it is missing or means "infinite"."""
    return None if value is None or not abs(value) < INFINITY else value


def _check(what: str, value: float | None, most: float) -> None:
    if value is not None and not 0 <= value <= most:
        raise UsageError(f"{what} {value:g} is negative or too large")
