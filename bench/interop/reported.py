"""What files of others report: one solve each, in the words of bench, and who says so."""

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
"""From this magnitude on a number means "infinite", as in SCIP."""

NO_NUMBER = "is not a number"
"""What is said of such a cell; it may stand for a missing number, which ``--na`` explains."""

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
    """What the user says of a file that does not say it itself; None or empty: nothing.

    ``columns`` gives the column of a field (`csv_files.FIELDS`), ``statuses`` what words mean,
    ``missing`` (in lower case) what stands for a missing number. ``wide`` names the columns of a
    CSV that hold the times of a setting each. ``missing_time_is_limit``: a solve without a time
    took as long as it was allowed to.
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
        """Return the time limit that the user gives, else the one that the file tells."""
        return told_s if self.time_limit_s is None else self.time_limit_s

    def time_or_limit(self, time_s: float | None, limit_s: float | None) -> float | None:
        """Return the time, or what stands for one that is missing.

        UsageError where the limit is to stand for it and none is known.
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
    """One solve as a file tells of it.

    ``category`` and ``kind`` are what the file concludes, ``said`` is in which words, ``where`` is
    ``FILE:LINE``. ``direction`` is that of the objective where the file tells it.
    ``started_at`` is seconds since the epoch. ``log`` is what the solver printed.
    UsageError for times and counts that cannot be: negative, or larger than any table holds.
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
        """The direction of the objective: as told, else as the bounds lie to each other."""
        return self.direction or sense_of(self.answer)

    def execution(self, now: float) -> ProcessStats:
        """Return what is known of the execution; one without a date counts as started ``now``."""
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
    """What was read from a file: the solves, and a line for each that could not be read."""

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
    """Return the task of an imported result: without a digest, as its file is not at hand.

    Equal words give the equal key. The path is a bare file name, whatever the name contains.
    UsageError for a name that is empty or has control characters.
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

    The same settings file under two versions is two settings.
    """
    label = f"@{solver}-{version}"
    return setting if version == UNKNOWN or setting.endswith(label) else setting + label


def finite(value: float | None) -> float | None:
    """Return the value, None where it is missing or means "infinite"."""
    return None if value is None or not abs(value) < INFINITY else value


def _check(what: str, value: float | None, most: float) -> None:
    if value is not None and not 0 <= value <= most:
        raise UsageError(f"{what} {value:g} is negative or too large")
