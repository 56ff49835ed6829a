"""Turn a sweep's file and options into a plan, and estimate its duration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.app.campaign.execute_plan import pending_tasks
from bench.app.campaign.execution_config import cpu_slots
from bench.app.campaign.lint_instances import lint_instances
from bench.app.campaign.plan import Plan, references, set_name, with_instances
from bench.app.campaign.plug_ins import check_plug_ins, with_plug_ins
from bench.app.campaign.registered_settings import with_registered
from bench.app.campaign.starts import checked_starts, with_starts
from bench.app.model_files import source_words
from bench.app.options import (
    ExecutionOptions,
    Sources,
    Value,
    count_text,
    list_text,
    record_level_of,
    texts_by_name,
    value_text,
)
from bench.app.progress import listener_of
from bench.errors import UsageError
from bench.instances.files import find
from bench.instances.instance_set import InstanceSet
from bench.interop import set_files
from bench.journal.answers import known_instances
from bench.journal.attempts import counting
from bench.journal.journal import Journal
from bench.journal.manifest import folder_name
from bench.model.planned_task import planned_task
from bench.planning.abilities import seed_notes
from bench.planning.command_line import declare
from bench.planning.declaration import Declaration, NamedSetting, merged
from bench.planning.emphases import EMPHASIS, emphases_of
from bench.planning.estimate import Estimate, estimate
from bench.planning.limits import default_gap
from bench.planning.settings import INCLUDE, START, add_parameter
from bench.planning.sweep import sweep
from bench.planning.sweep_file import from_yaml
from bench.planning.tasks import sweep_tasks
from bench.planning.threads import thread_notes, threaded
from bench.solvers import registry
from bench.solvers.abilities import has_seed

SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOptions(ExecutionOptions):
    """The parts that a sweep combines, and how its tasks are executed.

    - ``instances``: as for a single setting; a sweep file (``.yaml``) may be among them or alone,
      and the options override it
    - ``params``: parameters of the solver by name, each with the values to combine: a list, or a
      text as on the command line (``"0,5"``, ``"0:10:2"``, ``"log:1e-4:1:5"``)
    - ``alpha``, ``l1_ratio``: values of the knobs of SCIP's cut selector
    - ``include``: functions that add plug-ins to SCIP, one setting for each value of the list:
      ``FILE.py:FUNCTION`` or ``package.module:FUNCTION``, several joined by ``+``, or ``none``
    - ``start``: start solutions, one setting for each value: a file, a folder with ``INSTANCE.sol``
      for each instance, a path with ``{instance}``, or ``none``
    - ``emphasis``: emphases of SCIP by their names, one setting for each value of the list: e.g.
      ``heuristics-off``, several joined by ``+``, or ``none``
    - ``zips``: lists of values that advance together, as texts ``"N=1,2 M=3,4"``
    - ``settings_file``: ``.set`` files, each a setting
    - ``setting_from``: registered settings, each as ``models:/NAME@ALIAS``
    - ``setting``: named settings, as parameters by name, or as texts ``"NAME: P=V Q=W"``
    - ``knobs``: your own knobs, as texts ``"NAME: P=FORMULA"``
    - ``baseline``: the setting the others are compared with
    - ``name``: name of the sweep and of its folder; None is the name of the file
    - ``solver``: name of the solver, or several to combine, as a list or separated by commas; None
      is the solver of the file, else scip
    - ``seeds``, ``permutations``: a count or a list; None is the value in the file, else 1
    - ``order``: ``interleaved`` (default) or ``given``; ``shuffle_seed`` is the seed of
      ``interleaved``
    - ``retry_failed``: execute failed tasks again; ``redo_disturbed``: execute disturbed tasks
      again; ``fresh``: start again, and put the existing folder aside
    - ``until``: end as soon as each setting is ``decided``, or ``decided-or-futile``; ``end``
      executes the whole plan, and so does None unless the sweep file says otherwise
    """

    instances: Sources = field(default=(), kw_only=False)
    alpha: Value | Sequence[Value] | None = None
    l1_ratio: Value | Sequence[Value] | None = None
    params: Mapping[str, Value | Sequence[Value]] = field(default_factory=dict)
    include: str | Sequence[str] | None = None
    start: str | Path | Sequence[str | Path] | None = None
    emphasis: str | Sequence[str] | None = None
    zips: Sequence[str] = ()
    settings_file: Sequence[str | Path] = ()
    setting_from: Sequence[str] = ()
    setting: Sequence[str] | Mapping[str, Mapping[str, Value]] = ()
    knobs: Sequence[str] = ()
    baseline: str | None = None
    name: str | None = None
    solver: str | Sequence[str] | None = None
    seeds: str | int | Sequence[int] | None = None
    permutations: str | int | Sequence[int] | None = None
    order: str | None = None
    shuffle_seed: int | None = None
    retry_failed: bool = False
    redo_disturbed: bool = False
    fresh: bool = False
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPlan:
    """A plan, its finished results, and the expected time for the rest, ``n_jobs`` at a time."""

    plan: Plan
    estimate: Estimate
    n_jobs: int


def plan_sweep(options: SweepOptions) -> SweepPlan:
    """Return what a sweep would execute; nothing is executed, and only lint findings are written.

    Raise UsageError for an error in the sweep file or the options.
    """
    work_dir = Path(options.work_dir)
    said, files = declaration(options)
    plan = planned_sweep(said, files, command=options.command)
    listener = listener_of(options.progress)
    if said.lint is not False:
        kept = work_dir if work_dir.exists() else None
        plan = with_instances(plan, lint_instances(plan.instance_set.instances, kept, listener))
    plan = checked_starts(plan, listener)
    jobs = said.jobs if options.jobs is None else options.jobs
    n_jobs = len(cpu_slots(jobs, threads=plan.n_threads, oversubscribe=options.oversubscribe))
    journal = Journal(work_dir / folder_name(plan.name))
    results = {} if options.fresh else counting(journal.results())
    durations: dict[str, list[float]] = {}
    for result in results.values():
        seconds = result.execution.wall_s
        durations.setdefault(result.task.instance.label, []).append(seconds)
    for name, seconds in _known_elsewhere(plan, work_dir).items():
        durations.setdefault(name, [seconds])
    todo = {task.key for task in pending_tasks(plan.tasks, results)}
    finished = {task.key for task in plan.tasks} - todo
    found = estimate([planned_task(task) for task in plan.tasks], finished, durations, n_jobs)
    return SweepPlan(plan=plan, estimate=found, n_jobs=n_jobs)


def _known_elsewhere(plan: Plan, work_dir: Path) -> dict[str, float]:
    """Return the durations of tasks on the instances in any campaign, by the instances' names."""
    known = known_instances(work_dir)
    found = {one.label: known.get(one.digest) for one in plan.instance_set.instances}
    return {
        name: one.seconds
        for name, one in found.items()
        if one is not None and one.seconds is not None
    }


def declaration(options: SweepOptions) -> tuple[Declaration, tuple[Path, ...]]:
    """Return the declaration from sweep file and options, and the sweep file if there is one."""
    words = source_words(options.instances, Path(options.work_dir))
    files = [word for word in words if Path(word).suffix.lower() in SUFFIXES]
    if len(files) > 1:
        raise UsageError(f"two sweep files are given, {files[0]} and {files[1]}; keep one of them")
    named = options.setting if isinstance(options.setting, Mapping) else {}
    said = declare(
        instances=[word for word in words if word not in files],
        lists=_lists(options),
        zips=options.zips,
        files=[str(file) for file in options.settings_file],
        settings=() if isinstance(options.setting, Mapping) else options.setting,
        also=[
            *(_named(name, params) for name, params in named.items()),
            *(
                NamedSetting(name="", setting_from=each, origin=f"--setting-from {each}")
                for each in options.setting_from
            ),
        ],
        knobs=options.knobs,
        seeds=None if options.seeds is None else count_text(options.seeds),
        permutations=None if options.permutations is None else count_text(options.permutations),
        limits=options.limits(),
        order=options.order,
        solu=options.solu_files(),
        name=options.name,
        solver=_solvers_text(options.solver),
        baseline=options.baseline,
        shuffle_seed=options.shuffle_seed,
        solu_columns=options.solu_columns,
        lint=options.lint,
        record=record_level_of(options.record),
    )
    paths = tuple(map(Path, files))
    whole = merged(_from_file(paths[0]), said) if paths else said
    return _with_emphases(with_plug_ins(with_registered(whole, options.given_uri()))), paths


def _with_emphases(declared: Declaration) -> Declaration:
    """Return the declaration with the emphases of each solver, which are read if one is named."""
    own = (named.params for named in declared.settings)
    if not any(EMPHASIS in texts for texts in (declared.grid, *declared.zips, *own)):
        return declared
    found = {name: emphases_of(registry.load(name)) for name in declared.solvers}
    return replace(declared, emphases=found)


def planned_sweep(
    said: Declaration,
    files: tuple[Path, ...] = (),
    expected: Mapping[str, float] | None = None,
    command: tuple[str, ...] = (),
) -> Plan:
    """Return the checked plan of a sweep.

    ``files`` are those that declare it. ``expected`` has the expected seconds of a task on an
    instance, by its name. ``command`` repeats the sweep.
    """
    solvers = {name: registry.load(name) for name in said.solvers}
    catalogues = {name: solver.parameters() for name, solver in solvers.items()}
    limit_parameters = {name: solver.limit_parameters for name, solver in solvers.items()}
    versions = {name: solver.version() for name, solver in solvers.items()}
    unseeded = [name for name, solver in solvers.items() if not has_seed(solver)]
    declared_sweep = sweep(
        said,
        catalogues,
        set_files.read,
        limit_parameters=limit_parameters,
        permuting=[name for name, solver in solvers.items() if solver.permutes],
        without_cpu_clock=[
            name for name, solver in solvers.items() if not getattr(solver, "counts_cpu_time", True)
        ],
        unseeded=unseeded,
        versions=versions,
    )
    check_plug_ins(declared_sweep.settings)
    instances = find(declared_sweep.instances)
    gaps = {name: default_gap(catalogues[name], limit_parameters[name]) for name in solvers}
    words = declared_sweep.instances
    return with_starts(
        Plan(
            kind="sweep",
            name=declared_sweep.name,
            command=command,
            settings=declared_sweep.settings,
            instance_set=InstanceSet.of(set_name(words, len(instances)), instances),
            tasks=tuple(sweep_tasks(declared_sweep, instances, versions, expected, gaps)),
            references=references(instances, declared_sweep.solu, said.solu_columns),
            modules=frozenset(solver.preload for solver in solvers.values()),
            baseline=declared_sweep.baseline,
            params={
                "order": str(declared_sweep.order),
                "shuffle_seed": declared_sweep.shuffle_seed,
            },
            files=files,
            remarks=(
                *thread_notes(
                    declared_sweep.settings, declared_sweep.limits, threaded(limit_parameters)
                ),
                *seed_notes(
                    declared_sweep.seeds,
                    [each.solver for each in declared_sweep.settings],
                    unseeded,
                ),
            ),
        )
    )


def _solvers_text(solver: str | Sequence[str] | None) -> str | None:
    return solver if solver is None or isinstance(solver, str) else ",".join(solver)


def _paths_text(paths: str | Path | Sequence[str | Path] | None) -> str | None:
    """Return paths as on the command line; None for none."""
    if isinstance(paths, str | Path):
        return str(paths) or None
    return list_text([str(path) for path in paths or ()]) or None


def _lists(options: SweepOptions) -> dict[str, str]:
    named = {
        "alpha": options.alpha,
        "l1_ratio": options.l1_ratio,
        INCLUDE: options.include or None,
        START: _paths_text(options.start),
        EMPHASIS: options.emphasis or None,
    }
    lists = {name: list_text(values) for name, values in named.items() if values is not None}
    for name, text in texts_by_name(options.params).items():
        add_parameter(lists, name, text)
    return lists


def _named(name: str, params: Mapping[str, Value]) -> NamedSetting:
    texts = {parameter: value_text(value) for parameter, value in params.items()}
    return NamedSetting(name=name, params=texts, origin=f"setting {name}")


def _from_file(path: Path) -> Declaration:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return from_yaml(content, path)
