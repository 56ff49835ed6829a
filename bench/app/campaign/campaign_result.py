"""The outcome of an executed plan, and what it says about tasks and results that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.app.campaign.delivery import delivering
from bench.app.campaign.plan import Plan
from bench.app.campaign.sequential import Stop
from bench.app.campaign.target import Target
from bench.journal.table import frame
from bench.model.results.result import Result

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """The outcome of a plan: the result that counts for each task, in the order of the plan.

    ``n_missing`` tasks were not executed: those that failed because of the machine, counted by the
    reason in ``lost``, and those left when the user stopped. ``interrupted``: the user stopped at
    once (KeyboardInterrupt), so MLflow may lack results too. ``run_ids`` are the runs of the
    settings in MLflow by name, ``n_undelivered`` results are not there, and ``failures`` are the
    reasons. ``for_mlflow`` is False if nothing was to be recorded there. ``stop`` is the reason why
    a sweep ended before its plan, which saved ``n_spared`` tasks.
    """

    plan: Plan
    where: Target
    folder: Path
    results: tuple[Result, ...]
    n_missing: int
    lost: Mapping[str, int]
    interrupted: bool
    experiment_id: str | None
    run_ids: dict[str, str]
    n_undelivered: int
    failures: tuple[str, ...]
    for_mlflow: bool
    stop: Stop | None = None
    n_spared: int = 0

    @property
    def undelivered(self) -> str | None:
        """One line about results that MLflow does not have yet, or None."""
        if not self.n_undelivered:
            return None
        usual = "bench was interrupted" if self.interrupted else "unknown reason"
        reason = next(iter(self.failures), usual)
        return (
            f"not recorded in MLflow: {reason}; no result is lost, upload them later with: "
            f"{delivering(self.folder)}"
        )

    @property
    def progress(self) -> str:
        """The progress, e.g. ``3 of 24 tasks are finished``."""
        n = len(self.plan.tasks)
        done = n - self.n_missing - self.n_spared
        return f"{done} of {n} task{'s are' if n > 1 else ' is'} finished"

    @property
    def n_stopped(self) -> int:
        """The number of tasks without a result because the user stopped."""
        return self.n_missing - sum(self.lost.values())

    @property
    def without_result(self) -> str | None:
        """One line about tasks that failed because of the machine, or None."""
        if not self.lost:
            return None
        n = sum(self.lost.values())
        subject = f"{n} task{'s' * (n > 1)} {'have' if n > 1 else 'has'} no result"
        if len(self.lost) == 1:
            return f"{subject}: {next(iter(self.lost))}"
        reasons = ", ".join(f"{reason} ({n_tasks})" for reason, n_tasks in self.lost.items())
        return f"{subject}: {reasons}"

    @property
    def frame(self) -> pd.DataFrame:
        """The results as a table with a row for each, with the columns of `bench.journal.table`."""
        looks = self.plan.looks
        return frame(self.results, lambda one: looks.columns_of(one.task.instance) if looks else {})

    def by_setting(self) -> dict[str, list[Result]]:
        """Return the results of each setting by its name, in the order of the plan."""
        found: dict[str, list[Result]] = {setting.name: [] for setting in self.plan.settings}
        for result in self.results:
            found[result.task.setting.name].append(result)
        return found
