"""A result: the task and everything known about its execution."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.model.instances.reference import Reference
from bench.model.results.process_stats import ProcessStats
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, Verdict
from bench.model.results.verification import NOT_ASKED, Verification
from bench.model.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An executed task before it is judged; ``folder`` has its files.

    ``verification`` is None if there was no attempt to check a solution.
    """

    task: Task
    answer: SolverOutput
    execution: ProcessStats
    folder: Path
    verification: Verification | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Task + solver output + process stats + verification + verdict.

    ``folder`` holds the task's files: solver log, solution, statistics, changed parameters.
    """

    task: Task
    answer: SolverOutput
    execution: ProcessStats
    verdict: Verdict
    folder: Path
    reference: Reference | None = None
    verification: Verification | None = None

    @property
    def error(self) -> str | None:
        """The reason for a missing answer, in one line, or None."""
        return self.answer.error

    @property
    def not_checked(self) -> str | None:
        """The reason why the solution was not checked, or None if it was checked."""
        return NOT_ASKED if self.verification is None else self.verification.skipped

    @property
    def level_or_reason(self) -> str:
        """The tolerance at which the solution is feasible, or ``not checked: `` and the reason."""
        if self.verification is None or self.verification.skipped is not None:
            return f"not checked: {self.not_checked}"
        return self.verification.level.value

    @property
    def executed(self) -> bool:
        """Whether the solver gave an answer, or was stopped at a limit without one."""
        return self.answer.status is not None or self.verdict.category is Category.LIMIT
