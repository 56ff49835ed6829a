"""Find a better setting for a user's models, and test it on instances that were not used."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.app.campaign.execute_plan import prepare
from bench.app.campaign.execution_config import ExecutionConfig, execution_config_of
from bench.app.campaign.lint_instances import lint_instances
from bench.app.campaign.plan import Plan, references, set_name, tell_notes, with_instances
from bench.app.campaign.session import continue_sweep, put_aside
from bench.app.options import record_level_of
from bench.app.progress import listener_of, tell
from bench.app.tuning.growing import SolverFacts
from bench.app.tuning.options import TuneOptions, instances_of, limits_of
from bench.app.tuning.results import TuneResult
from bench.app.tuning.steps import Tuning
from bench.app.tuning.training_and_test import (
    few_tests_warning,
    instance_sets,
    keep_split,
    long_solves_warning,
    split_text,
    used_before_warning,
)
from bench.errors import UsageError
from bench.instances.instance_set import InstanceSet
from bench.journal.campaign import TUNE
from bench.journal.manifest import folder_name
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.parameters import Catalogue
from bench.model.setting import Setting
from bench.model.task import Task
from bench.planning.emphases import emphases_of
from bench.planning.limits import OPTIONS, default_gap
from bench.report.listener import Listener
from bench.solvers import registry
from bench.solvers.protocol import Solver
from bench.tuning.candidate import STOCK, check_settings
from bench.tuning.race import Rules, stock_state
from bench.tuning.record import TEST, name_of_test
from bench.tuning.sampling import SamplerName, Sampling
from bench.tuning.space import Space, default_space, read_space
from bench.tuning.tuning import RACE_SHARE

LEAST_BUDGET_S = 1.0


def tune(options: TuneOptions, *, told: Callable[[str], None] = lambda _: None) -> TuneResult:
    """Find a better setting and compare it with stock on unseen instances and seeds.

    The same options continue a tuning that was stopped. ``told`` is called with the use of the
    instances before anything is solved. Raise UsageError for errors in options or space.
    """
    _check(options)
    listener = listener_of(options.progress)
    work_dir = Path(options.work_dir)
    solver = registry.load(options.solver)
    catalogue = solver.parameters()
    space = _space(options, solver, catalogue)
    sampling = Sampling(space, SamplerName(options.sampler), options.seed)
    limits = limits_of(options, counts_cpu_time=getattr(solver, "counts_cpu_time", True))
    instances, tests = instances_of(options, work_dir)
    how = execution_config_of(
        options,
        threads=limits.threads or 1,
        jobs=options.jobs,
        record=record_level_of(options.record),
    )
    plan = _checked_plan(options, instances, solver.preload, how, listener)
    if options.lint is not False:
        tests = lint_instances(tests, work_dir, listener)
    folder = work_dir.absolute() / folder_name(options.name)
    begun_with = _begun_with(options, limits, space)
    sets = instance_sets(folder, plan, tests, options, begun_with)
    _free_test_name(folder, options)
    session = continue_sweep(work_dir, options.name, fresh=options.fresh, what=TUNE)
    try:
        keep_split(folder, sets.split, options.name)
    except BaseException:
        session.journal.close()
        raise
    told(split_text(sets.split, folder))
    race_budget_s, time_limit_s = RACE_SHARE * options.budget, limits.time_s or math.inf
    warnings = (
        few_tests_warning(sets.split),
        used_before_warning(sets.split, session.folder),
        long_solves_warning(time_limit_s, race_budget_s),
    )
    tell_notes(sets.notes, listener)
    tell(listener, filter(None, warnings))
    return Tuning(
        options=options,
        listener=listener,
        plan=_on(plan, sets.train),
        session=session,
        config=how,
        space=space,
        sampling=sampling,
        state=stock_state(),
        rules=Rules(
            budget_s=race_budget_s,
            n_instances=len(sets.train),
            time_limit_s=time_limit_s,
            jobs=max(len(how.cpu_slots), 1),
            seed=options.seed,
        ),
        facts=SolverFacts(
            name=options.solver,
            version=solver.version(),
            catalogue=catalogue,
            default_gap=default_gap(catalogue, solver.limit_parameters),
        ),
        limits=limits,
        split=sets.split,
        test=sets.test,
    ).executed()


def _check(options: TuneOptions) -> None:
    """Raise UsageError for a budget or sampler that does not exist."""
    if not (math.isfinite(options.budget) and options.budget >= LEAST_BUDGET_S):
        raise UsageError(
            f"budget {options.budget:g}: expected at least {LEAST_BUDGET_S:g} CPU second"
        )
    if options.sampler not in list(SamplerName):
        raise UsageError(f"unknown sampler {options.sampler!r}; known: {', '.join(SamplerName)}")


def _begun_with(options: TuneOptions, limits: Limits, space: Space) -> dict[str, str]:
    """Return the options that another race would follow from, with their values."""
    content = repr((space.dimensions, sorted(space.formulas.items()), sorted(space.starts.items())))
    return {
        "--solver": options.solver,
        "--seed": str(options.seed),
        "--sampler": str(options.sampler),
        **{
            f"--{OPTIONS[name].replace('_', '-')}": _plain(value)
            for name, value in limits.identity().items()
        },
        "--space": f"of content {hashlib.sha256(content.encode()).hexdigest()[:12]}",
    }


def _plain(value: float | str | None) -> str:
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)


def _free_test_name(folder: Path, options: TuneOptions) -> None:
    """Move the test of an earlier tuning aside with ``fresh``; UsageError for any other sweep."""
    test = folder.with_name(folder_name(name_of_test(options.name)))
    is_ours = (folder / TEST).exists()
    if not test.exists() or (is_ours and not options.fresh):
        return
    if not is_ours:
        raise UsageError(
            f"{test.name}: this sweep exists, and the test of the tuning would have its name; "
            "choose another --name"
        )
    put_aside(test)


def _space(options: TuneOptions, solver: Solver, catalogue: Catalogue) -> Space:
    """Return the parameters that may change: those of the user's file, else the default."""
    emphases = emphases_of(solver)
    if options.space is None:
        return default_space(options.solver, catalogue, emphases)
    space = read_space(Path(options.space), options.solver, catalogue, emphases)
    try:
        check_settings(space, catalogue)
    except UsageError as error:
        raise UsageError(f"{options.space}: {error}") from None
    return space


def _checked_plan(
    options: TuneOptions,
    instances: list[Instance],
    module: str,
    how: ExecutionConfig,
    listener: Listener,
) -> Plan:
    """Return the plan after the lint of all instances: a split needs to know which are usable."""
    plan = _plan(options, instances, module)
    plan.check_executable(listener.message)
    tell_notes(plan.notes, listener)
    prepare(plan, how)
    if options.lint is False:
        return plan
    plan = with_instances(plan, lint_instances(instances, Path(options.work_dir), listener))
    plan.check_executable(listener.message)
    return plan


def _on(plan: Plan, train: list[Instance]) -> Plan:
    """Return the plan of a race on the training set, which has no task yet."""
    return replace(plan, instance_set=InstanceSet.of(plan.instance_set.name, train), tasks=())


def _plan(options: TuneOptions, instances: list[Instance], module: str) -> Plan:
    """Return a plan in which the stock setting solves each instance once."""
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
