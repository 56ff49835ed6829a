"""The steps of a tuning: the race, why the winner wins, and its test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bench.app.analysis.compare import CompareOptions, compare_settings
from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.execute_plan import execute_plan
from bench.app.campaign.execution_config import ExecutionConfig
from bench.app.campaign.plan import Plan
from bench.app.campaign.plan_sweep import SweepOptions
from bench.app.campaign.session import CampaignSession
from bench.app.campaign.target import Target
from bench.app.options import ExecutionOptions
from bench.app.sweep import sweep
from bench.app.tuning.final_sweep import FinalSweep, write_final_sweep
from bench.app.tuning.growing import GrowingPlan, SolverFacts
from bench.app.tuning.listener import TuningListener
from bench.app.tuning.options import TuneOptions
from bench.app.tuning.results import (
    WINNER,
    TuneResult,
    better_setting,
    changes_text,
    counting_rules,
)
from bench.comparison.comparison import Comparison
from bench.comparison.wording.narrative import conclusions
from bench.errors import UsageError
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import ParameterValue, Setting
from bench.report.listener import Listener
from bench.store.uri import resolve_uri
from bench.tuning.candidate import STOCK
from bench.tuning.race import NothingToGainError, RaceState, Rules
from bench.tuning.record import Phase, Progress, Split, name_of_test, read_progress, write_progress
from bench.tuning.sampling import Sampling
from bench.tuning.scores import Objective
from bench.tuning.space import Space
from bench.tuning.tuning import RACE_SHARE, WHY_SHARE, Tuned, tuning


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """A tuning with everything prepared, before its results."""

    options: TuneOptions
    listener: Listener
    plan: Plan
    session: CampaignSession
    config: ExecutionConfig
    space: Space
    sampling: Sampling
    state: RaceState
    rules: Rules
    facts: SolverFacts
    limits: Limits
    split: Split
    test: list[Instance]

    @property
    def folder(self) -> Path:
        """The folder of the tuning."""
        return self.session.folder

    def executed(self) -> TuneResult:
        """Execute race, ablation and test."""
        earlier = read_progress(self.folder)
        tuning_budget_s = (RACE_SHARE + WHY_SHARE) * self.options.budget
        growing: GrowingPlan[Tuned]
        heard = TuningListener(self.listener, tuning_budget_s)

        def notify() -> None:
            heard.spent(growing.spent_s, self._incumbent_text())
            write_progress(self.folder, self._progress(Phase.RACE, growing, earlier))

        why_budget_s = WHY_SHARE * self.options.budget
        growing = GrowingPlan(
            self.plan,
            tuning(self.rules, self.space, self.sampling, self.state, why_budget_s),
            self.space,
            objective=lambda: self.state.objective or Objective.CPU,
            solver=self.facts,
            limits=self.limits,
            notify=notify,
        )
        where = Target(
            resolve_uri(self.options.given_uri()),
            self.options.target_experiment(),
            self.options.run_id,
        )
        lint_dir = None if self.options.lint is False else Path(self.options.work_dir)
        race = execute_plan(
            self.plan,
            where,
            self.session,
            self.config,
            heard,
            lint_dir=lint_dir,
            grow=growing,
        )
        if isinstance(growing.error, NothingToGainError):
            return self._result(growing, earlier, Phase.DONE, race, why_not=str(growing.error))
        if growing.error is not None:
            raise growing.error
        if growing.outcome is None:
            return self._result(growing, earlier, Phase.RACE, race)
        return self._tested(growing, race, earlier)

    def _tested(
        self, growing: GrowingPlan[Tuned], race: CampaignResult, earlier: Progress | None
    ) -> TuneResult:
        """Compare stock, best emphasis and winner on the test set, once."""
        tuned = growing.outcome
        assert tuned is not None  # noqa: S101 - the race has ended
        if tuned.is_stock:
            return self._result(growing, earlier, Phase.DONE, race)
        settings = self._settings(growing, tuned)
        tested = dict(settings[WINNER].params)
        if earlier is not None and earlier.tested is not None and dict(earlier.tested) != tested:
            raise UsageError(
                f"{self.options.name}: its test set was used for another winner already, and a "
                "second look would prove nothing; tune under another --name, with unseen "
                "instances as --test"
            )
        progress = self._progress(Phase.TEST, growing, earlier, tested=tested)
        write_progress(self.folder, progress)
        compared_names = self._compared(tuned)
        made = write_final_sweep(
            self.folder,
            FinalSweep(
                name=name_of_test(self.options.name),
                solver=self.options.solver,
                settings={name: one for name, one in settings.items() if name in compared_names},
                instances=self.test,
                budget_s=self.options.budget - growing.spent_s,
                mean_s=self.state.mean_s,
                limits=self.limits,
                seed=self.options.seed,
            ),
            self.facts.catalogue,
            settings,
        )
        if made.notice:
            self.listener.message(f"Note: {made.notice}")
        test = sweep(self._sweep_options(made.path))
        result = self._result(growing, progress, Phase.TEST, race)
        if test.n_missing or test.interrupted:
            return replace(result, test=test, settings=settings)
        compared = self._comparison(test)
        drawn = conclusions(compared)
        spent_s = sum(each.execution.cpu_s or 0.0 for each in test.results)
        progress = replace(
            progress,
            phase=Phase.DONE,
            spent_s=progress.spent_s + spent_s,
            n_test_instances=len({each.task.instance.digest for each in test.results}),
            n_test_seeds=len({each.task.seed for each in test.results}),
            conclusions=tuple(one.sentence for one in drawn),
            better=better_setting(compared, drawn) or "",
        )
        write_progress(self.folder, progress)
        return replace(
            result,
            progress=progress,
            test=test,
            settings=settings,
            comparison=compared,
            counting=counting_rules(self.state),
        )

    def _comparison(self, test: CampaignResult) -> Comparison:
        options = CompareOptions(
            sources=[str(test.folder)],
            work_dir=self.options.work_dir,
            baseline=STOCK,
            subsets=("all",),
            **counting_rules(self.state),
        )
        return compare_settings(options).comparison

    def _compared(self, tuned: Tuned) -> set[str]:
        best = tuned.best_start
        return {WINNER} | ({best.name} if best and best.name != tuned.winner.name else set())

    def _settings(self, growing: GrowingPlan[Tuned], tuned: Tuned) -> dict[str, Setting]:
        """Return winner, best emphasis and smallest setting by the names of their files."""
        found = {WINNER: replace(growing.setting(tuned.winner), name=WINNER)}
        best = tuned.best_start
        if best is not None and best.name != tuned.winner.name:
            found[best.name] = growing.setting(best)
        if tuned.why is not None and tuned.why.smallest.name != tuned.winner.name:
            found["smallest"] = replace(growing.setting(tuned.why.smallest), name="smallest")
        return found

    def _sweep_options(self, path: Path) -> SweepOptions:
        options = self.options
        shared = {
            name: getattr(options, name)
            for name in ExecutionOptions.__dataclass_fields__
            if name not in ("time_limit", "memory_limit", "node_limit", "gap", "clock", "grace")
            and name != "run_id"
        }
        return SweepOptions(instances=[str(path)], **shared)

    def _incumbent_text(self) -> str:
        return f"{self.state.incumbent.name}, round {self.state.round}"

    def _progress(
        self,
        phase: Phase,
        growing: GrowingPlan[Tuned],
        earlier: Progress | None,
        *,
        tested: Mapping[str, ParameterValue] | None = None,
        why_not: str = "",
    ) -> Progress:
        winner, outcome = self.state.incumbent, growing.outcome
        return Progress(
            phase=phase,
            objective=self.state.objective or Objective.CPU,
            spent_s=growing.spent_s,
            race_budget_s=self.rules.budget_s,
            budget_s=self.options.budget,
            incumbent=winner.name,
            changes=changes_text(winner),
            params=dict(growing.setting(winner).params),
            n_candidates=self.state.n_candidates,
            n_solves=growing.n_solves,
            n_train=growing.n_instances,
            standings=tuple(self.state.standings),
            why=outcome.why if outcome else None,
            tested=tested if tested is not None else earlier.tested if earlier else None,
            nothing_to_gain=why_not,
        )

    def _result(
        self,
        growing: GrowingPlan[Tuned],
        earlier: Progress | None,
        phase: Phase,
        race: CampaignResult,
        *,
        why_not: str = "",
    ) -> TuneResult:
        progress = self._progress(phase, growing, earlier, why_not=why_not)
        write_progress(self.folder, progress)
        return TuneResult(
            name=self.options.name,
            folder=self.folder,
            split=self.split,
            progress=progress,
            race=race,
        )
