"""The better setting for a user's models, and the proof of it on instances that no tuning saw."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypedDict

from bench.app.analysis.compare import CompareOptions, compare_settings
from bench.app.campaign.execute_plan import CampaignResult, execute_plan, prepare
from bench.app.campaign.execution_config import ExecutionConfig, execution_config_of
from bench.app.campaign.lint_instances import lint_first
from bench.app.campaign.model_files import source_words
from bench.app.campaign.plan import Plan, references, set_name, tell_notes
from bench.app.campaign.plan_sweep import SweepOptions
from bench.app.campaign.session import CampaignSession, continue_sweep
from bench.app.campaign.target import Target
from bench.app.options import (
    ExecutionOptions,
    Sources,
    record_level_of,
)
from bench.app.progress import listener_of
from bench.app.sweep import sweep
from bench.app.tuning.final_sweep import FinalSweep, write_final_sweep
from bench.app.tuning.growing import GrowingPlan, SolverFacts
from bench.app.tuning.listener import TuningListener
from bench.comparison.comparison import Comparison
from bench.comparison.options import CPU
from bench.comparison.wording.narrative import Conclusion, ConclusionKind, conclusions
from bench.errors import UsageError
from bench.instances.files import find
from bench.instances.instance_set import InstanceSet
from bench.journal.campaign import TUNE
from bench.model.instances.instance import Instance
from bench.model.limits import Clock, Limits
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task
from bench.planning.declaration import SOLVER
from bench.planning.limits import default_gap, merged
from bench.report.listener import Listener
from bench.solvers import registry
from bench.store.uri import resolve_uri
from bench.tuning.candidate import STOCK, Candidate
from bench.tuning.race import NothingToGainError, RaceState, Rules, stock_state
from bench.tuning.record import (
    Phase,
    Progress,
    Split,
    name_of_test,
    read_progress,
    read_split,
    write_progress,
    write_split,
)
from bench.tuning.sampling import SamplerName, Sampling
from bench.tuning.scores import NOTHING_TO_GAIN_S, SHIFT_S, Objective
from bench.tuning.space import Space, default_space, read_space
from bench.tuning.split import LEAST_TEST, split
from bench.tuning.tuning import RACE_SHARE, WHY_SHARE, Tuned

NAME = "tuning"
WINNER = "winner"
LEAST_BUDGET_S = 1.0
SHORT_S = 2.0
"""Where stock takes less in the mean, the test is counted with a smaller shift and clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneOptions(ExecutionOptions):
    """What is tuned, on what, and how much CPU time it may take.

    - ``instances``: as for a sweep; they are split into training and test set before anything is
      solved, unless ``test`` names unseen ones
    - ``budget``: CPU seconds of all solves, over all jobs
    - ``space``: YAML file with the parameters that may change; None is what ships for the solver
    - ``solver``: the solver that is tuned
    - ``name``: name of the tuning, which is its folder
    - ``sampler``: ``tpe``, ``random`` or ``qmc``
    - ``seed``: of split, order and sampler
    - ``fresh``: begin anew, what was there is put aside
    """

    instances: Sources = field(default=(), kw_only=False)
    budget: float = 3600.0
    space: str | Path | None = None
    test: str | Path | None = None
    solver: str = SOLVER
    name: str = NAME
    sampler: SamplerName | str = SamplerName.TPE
    seed: int = 0
    fresh: bool = False


class CountingRules(TypedDict, total=False):
    """How the test is counted, by the fields of `ComparisonOptions`."""

    measure: str
    shift: float
    clip: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneResult:
    """What came of a tuning.

    ``progress`` has it in numbers and words, ``settings`` winner, best emphasis and smallest
    setting by their names. ``race`` is None where there is nothing to gain, ``test`` and
    ``comparison`` where there was nothing to test or it is not finished.
    """

    name: str
    folder: Path
    split: Split
    progress: Progress
    race: CampaignResult | None
    test: CampaignResult | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    comparison: Comparison | None = None
    counting: CountingRules = field(default_factory=CountingRules)

    @property
    def better(self) -> str | None:
        """The setting that is better than stock on unseen instances, None where there is none."""
        return self.progress.better or None

    @property
    def interrupted(self) -> bool:
        """Whether something is left to do by the same command."""
        return self.progress.phase != Phase.DONE

    @property
    def test_name(self) -> str:
        """The name of the sweep that is the test."""
        return name_of_test(self.name)


def tune(options: TuneOptions, *, told: Callable[[str], None] = lambda _: None) -> TuneResult:
    """Find a better setting and compare it with stock on unseen instances and seeds.

    The same options continue a tuning that was stopped. ``told`` hears which instances are used
    for what, before anything is solved. Raise UsageError for what is wrong in options or space.
    """
    listener = listener_of(options.progress)
    work_dir = Path(options.work_dir)
    if not (math.isfinite(options.budget) and options.budget >= LEAST_BUDGET_S):
        raise UsageError(f"budget {options.budget:g}: at least {LEAST_BUDGET_S:g} CPU second")
    if options.sampler not in list(SamplerName):
        raise UsageError(f"sampler {options.sampler!r}: there are {', '.join(SamplerName)}")
    solver = registry.load(options.solver)
    catalogue = solver.parameters()
    emphases = _emphases(solver)
    if options.space is None:
        space = default_space(options.solver, catalogue, emphases)
    else:
        space = read_space(Path(options.space), options.solver, catalogue, emphases)
    sampling = Sampling(space, SamplerName(options.sampler), options.seed)
    limits = _limits(options, counts_cpu_time=getattr(solver, "counts_cpu_time", True))
    instances, tests = _instances(options, work_dir)
    how = execution_config_of(
        options,
        options.name,
        threads=limits.threads or 1,
        jobs=options.jobs,
        record=record_level_of(options.record),
    )
    plan = _plan(options, instances, solver.preload)
    plan.check_executable(listener.message)
    tell_notes(plan.notes, listener)
    prepare(plan, how)
    if options.lint is not False:
        plan = lint_first(plan, work_dir, listener, how)
    session = continue_sweep(work_dir, options.name, fresh=options.fresh)
    try:
        found = _split(session.folder, instances, tests, options)
    except BaseException:
        session.journal.close()
        raise
    told(_split_text(found, options))
    if len(found.test) < LEAST_TEST:
        listener.message(
            f"Warning: {len(found.test)} test instances are too few to call any setting better; "
            f"the test needs {LEAST_TEST}"
        )
    by_digest = {one.digest: one for one in [*plan.instance_set.instances, *tests]}
    train = _members(found.train, by_digest, found, options.name, session)
    test = _members(found.test, by_digest, found, options.name, session)
    state = stock_state()
    rules = Rules(
        budget_s=RACE_SHARE * options.budget,
        n_instances=len(train),
        time_limit_s=limits.time_s or math.inf,
        jobs=max(len(how.cpu_slots), 1),
        seed=options.seed,
    )
    facts = SolverFacts(
        name=options.solver,
        version=solver.version(),
        catalogue=catalogue,
        default_gap=default_gap(catalogue, solver.limit_parameters),
    )
    return _Tuning(
        options=options,
        listener=listener,
        plan=replace(plan, instance_set=InstanceSet.of(plan.instance_set.name, train), tasks=()),
        session=session,
        config=how,
        space=space,
        sampling=sampling,
        state=state,
        rules=rules,
        facts=facts,
        limits=limits,
        split=found,
        test=test,
    ).executed()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tuning:
    """A tuning of which everything is known but the results."""

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
        return self.session.folder

    def executed(self) -> TuneResult:
        """Execute race, ablation and test."""
        earlier = read_progress(self.folder)
        tuning_budget_s = (RACE_SHARE + WHY_SHARE) * self.options.budget
        growing: GrowingPlan
        heard = TuningListener(self.listener, tuning_budget_s)

        def notify() -> None:
            heard.spent(growing.spent_s, self._incumbent_text())
            write_progress(self.folder, self._progress(Phase.RACE, growing, earlier))

        growing = GrowingPlan(
            self.plan,
            self.rules,
            self.space,
            self.sampling,
            self.state,
            why_budget_s=WHY_SHARE * self.options.budget,
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
        try:
            race = execute_plan(
                self.plan,
                where,
                self.session,
                self.config,
                heard,
                lint_dir=lint_dir,
                grow=growing,
            )
        except NothingToGainError as error:
            return self._result(growing, earlier, Phase.DONE, None, why_not=str(error))
        if growing.outcome is None:
            return self._result(growing, earlier, Phase.RACE, race)
        return self._tested(growing, race, earlier)

    def _tested(
        self, growing: GrowingPlan, race: CampaignResult, earlier: Progress | None
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
            better=_better(compared, drawn) or "",
        )
        write_progress(self.folder, progress)
        return replace(result, progress=progress, test=test, settings=settings, comparison=compared)

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

    def _settings(self, growing: GrowingPlan, tuned: Tuned) -> dict[str, Setting]:
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
        growing: GrowingPlan,
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
            standings=tuple(self.state.standings),
            why=outcome.why if outcome else None,
            tested=tested if tested is not None else earlier.tested if earlier else None,
            nothing_to_gain=why_not,
        )

    def _result(
        self,
        growing: GrowingPlan,
        earlier: Progress | None,
        phase: Phase,
        race: CampaignResult | None,
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


def counting_rules(state: RaceState) -> CountingRules:
    """Return how the test is counted; known before it begins, by the training set alone.

    Where solves are short, the usual shift and clip would hide what is to be seen.
    """
    if state.objective is Objective.INTEGRAL:
        return {"measure": Objective.INTEGRAL.value}
    if state.mean_s < SHORT_S:
        return {"measure": CPU.name, "shift": SHIFT_S, "clip": NOTHING_TO_GAIN_S / 2}
    return {"measure": CPU.name}


def changes_text(candidate: Candidate) -> str:
    """Return what a candidate changes, e.g. ``heuristics-off, misc/usesymmetry = 0``."""
    parts = [] if candidate.start == STOCK else [candidate.start]
    parts += [f"{name} = {value}" for name, value in candidate.changes.items()]
    return ", ".join(parts) or "stock"


def _emphases(solver: object) -> Mapping[str, Mapping[str, ParameterValue]]:
    """Return the published settings of a solver, none for one that has none."""
    found: Callable[[], Mapping[str, Mapping[str, ParameterValue]]]
    found = getattr(solver, "emphases", dict)
    return found()


def _better(comparison: Comparison, drawn: tuple[Conclusion, ...]) -> str | None:
    """Return the setting with the smallest ratio of those that are better, None if none is."""
    ratios = {}
    for one in drawn:
        difference = comparison.table().row(one.setting).against
        if one.outcome is ConclusionKind.BETTER and difference and difference.ratio is not None:
            ratios[one.setting] = difference.ratio
    return min(ratios, key=lambda name: (ratios[name], name != WINNER), default=None)


def _limits(options: TuneOptions, *, counts_cpu_time: bool) -> Limits:
    found = merged(options.limits(), {}, {})
    return replace(found, clock=Clock.CPU) if options.clock is None and counts_cpu_time else found


def _instances(options: TuneOptions, work_dir: Path) -> tuple[list[Instance], list[Instance]]:
    """Return the instances to tune on, or to split, and those named for the test."""
    words = source_words(options.instances, work_dir)
    if not words:
        raise UsageError("no instances; name some, e.g. bench tune models/ --budget 2h")
    found = find(words)
    tests = [] if options.test is None else find([str(options.test)])
    usable = [one for one in tests if one.defect is None]
    if options.test is not None and not usable:
        raise UsageError(f"--test {options.test}: the test set is empty; name unseen instances")
    return found, usable


def _split(
    folder: Path, instances: list[Instance], tests: list[Instance], options: TuneOptions
) -> Split:
    """Return the split that was made when the tuning began, or make it now."""
    earlier = read_split(folder)
    if earlier is not None:
        return earlier
    usable = [one for one in instances if one.defect is None]
    if tests:
        train = list({one.digest: one for one in usable}.values())
        seen = {one.digest for one in train}
        test = list({one.digest: one for one in tests if one.digest not in seen}.values())
        if not test:
            raise UsageError(
                f"--test {options.test}: the test set is empty: all of its instances are among "
                "those to tune on"
            )
    else:
        train, test = split(usable, options.seed)
    found = Split(
        train=tuple(one.digest for one in train),
        test=tuple(one.digest for one in test),
        names={one.digest: one.label for one in [*train, *test]},
    )
    write_split(folder, found)
    return found


def _members(
    digests: tuple[str, ...],
    by_digest: Mapping[str, Instance],
    found: Split,
    name: str,
    session: CampaignSession,
) -> list[Instance]:
    missing = [found.names.get(each, each[:12]) for each in digests if each not in by_digest]
    if missing:
        session.journal.close()
        raise UsageError(
            f"{name}: {missing[0]} is gone or changed since the tuning began"
            + (f", and {len(missing) - 1} more are" if len(missing) > 1 else "")
            + "; put it back, or choose another --name"
        )
    return [by_digest[each] for each in digests]


def _split_text(found: Split, options: TuneOptions) -> str:
    return (
        f"{len(found.train)} instances to tune on, {len(found.test)} for the test, which nothing "
        f"looks at before the winner stands ({options.name}/split.json)"
    )


def _plan(options: TuneOptions, instances: list[Instance], module: str) -> Plan:
    """Return a plan in which the stock setting solves each instance once, to look at them."""
    words = [str(one.path) for one in instances]
    solver = registry.load(options.solver)
    stock = Setting(name=STOCK, solver=options.solver)
    return Plan(
        kind=TUNE,
        name=options.name,
        command=options.command,
        settings=(stock,),
        instance_set=InstanceSet.of(set_name(words, len(instances)), instances),
        tasks=tuple(
            Task(instance=one, setting=stock, solver_version=solver.version()) for one in instances
        ),
        references=references(instances, options.solu_files(), options.solu_columns),
        modules=frozenset({module}),
        baseline=STOCK,
        params={"budget_s": options.budget, "seed": options.seed, "sampler": str(options.sampler)},
        files=() if options.space is None else (Path(options.space),),
    )
