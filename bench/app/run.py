"""One setting over instances, from options to results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.execute_plan import execute_plan, prepare
from bench.app.campaign.execution_config import execution_config_of
from bench.app.campaign.lint_instances import lint_first, lint_refused
from bench.app.campaign.plan import Plan, references, set_name, tell_notes
from bench.app.campaign.plug_ins import check_plug_ins
from bench.app.campaign.registered_settings import FoundSelector, FoundSetting, find_registered
from bench.app.campaign.save_solution import check_output, save_best_solution
from bench.app.campaign.session import continue_run, start_run
from bench.app.campaign.starts import checked_starts, with_starts
from bench.app.campaign.target import Target
from bench.app.model_files import source_words
from bench.app.options import (
    ExecutionOptions,
    Sources,
    Value,
    count_text,
    real,
    record_level_of,
    value_text,
)
from bench.app.progress import listener_of
from bench.errors import UsageError
from bench.instances.files import find
from bench.instances.instance_set import InstanceSet
from bench.interop import set_files
from bench.model.instances.instance import Instance
from bench.model.parameters import TEXT_KINDS, Catalogue
from bench.model.setting import ParameterValue, Setting
from bench.planning.abilities import check_seeds_have_effect
from bench.planning.declaration import SOLVER
from bench.planning.emphases import JOINED, emphases_of, parameters_of
from bench.planning.knobs import stock
from bench.planning.limits import default_gap, merged
from bench.planning.settings import SettingRequest, checked_base, knobs_and_parameters, setting
from bench.planning.tasks import seeds, tasks
from bench.planning.threads import check_threads, thread_notes, threaded
from bench.planning.values import values
from bench.report.listener import Listener
from bench.solvers import registry
from bench.solvers.abilities import has_seed
from bench.solvers.include import resolve
from bench.store.uri import resolve_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions(ExecutionOptions):
    """The instances and the setting, and how they are executed.

    - ``instances``: files, folders, globs, ``.test`` lists, or models of pyscipopt, which are
      written below ``models`` in the work folder; one or several
    - ``params``: parameters of the solver by name, which override those of the ``.set`` file
      ``settings_file``, and values of knobs
    - ``include``: functions that add plug-ins to SCIP before it solves, as ``FILE.py:FUNCTION`` or
      ``package.module:FUNCTION``
    - ``emphasis``: emphases of SCIP, e.g. ``heuristics-off``; ``settings_file`` and ``params``
      override them
    - ``start``: start solution: a file, a folder with ``INSTANCE.sol`` for each instance, or a path
      with ``{instance}``
    - ``setting_from``: a registered setting instead of a file, as ``models:/NAME@ALIAS``, or a
      registered selector, which chooses one for each instance
    - ``alpha``, ``l1_ratio``: the knobs of SCIP's cut selector
    - ``setting_name``: name of the setting; None lists the changed parameters
    - ``solver``: name of the solver; None is the solver of a registered setting, else scip
    - ``default_knobs``: default values of ``alpha`` and ``l1_ratio``, which are ignored for a
      solver without these knobs
    - ``seeds``: a count or a list of seeds
    - ``output``: file for the best solution; there must be one instance
    - ``resume``: name of a run that was stopped, to execute only the rest
    """

    instances: Sources = field(kw_only=False)
    alpha: float | None = None
    l1_ratio: float | None = None
    params: Mapping[str, Value] = field(default_factory=dict)
    settings_file: str | Path | None = None
    include: str | Sequence[str] = ()
    emphasis: str | Sequence[str] = ()
    start: str | Path | None = None
    setting_from: str | None = None
    setting_name: str | None = None
    solver: str | None = None
    default_knobs: Mapping[str, float] = field(default_factory=dict)
    seeds: str | int | Sequence[int] = 1
    output: str | Path | None = None
    resume: str | None = None


def run(
    options: RunOptions, *, when_executed: Callable[[CampaignResult], object] = lambda _: None
) -> CampaignResult:
    """Execute one setting over instances, and record the results in journal and MLflow.

    ``when_executed`` is called after the last task has ended, before MLflow gets the rest. Raise
    UsageError for a wrong option before anything is executed, BenchError if none of the instances
    can be used. A store that cannot be reached is not an error: see ``undelivered`` of the result.
    """
    listener = listener_of(options.progress)
    work_dir = Path(options.work_dir)
    plan = plan_run(options)
    where = Target(resolve_uri(options.given_uri()), options.target_experiment(), options.run_id)
    if options.output is not None:
        check_output(plan.instance_set.instances, Path(options.output))
    plan.check_executable(listener.message)
    for note in _notes_of_project(options.default_knobs, plan.settings[0]):
        listener.message(f"Note: {note}")
    tell_notes(plan.notes, listener)
    how = execution_config_of(
        options,
        threads=plan.n_threads,
        jobs=options.jobs,
        record=record_level_of(options.record),
    )
    prepare(plan, how)
    lint_dir = None if options.lint is False else work_dir
    if lint_dir is not None:
        plan = lint_first(plan, lint_dir, listener, how)
    name = options.resume
    session = start_run(work_dir) if name is None else continue_run(work_dir, name)
    if lint_dir is not None:
        plan = lint_refused(plan, session.results.values(), lint_dir, listener)
    plan = checked_starts(plan, listener)
    done = execute_plan(
        plan, where, session, how, listener, lint_dir=lint_dir, when_executed=when_executed
    )
    if options.output is not None and not done.n_stopped:
        save_best_solution(done.results, Path(options.output))
    return done


def plan_run(options: RunOptions) -> Plan:
    """Return the tasks of one setting, with all options checked."""
    words = source_words(options.instances, Path(options.work_dir))
    found = _registered(options)
    solver = registry.load(options.solver or (found.solver if found else SOLVER))
    catalogue = solver.parameters()
    candidates = _candidates(options, found, solver.name, catalogue)
    check_plug_ins(candidates)
    wanted = seeds(count_text(options.seeds))
    if len(wanted) > 1 and any("randomization/randomseedshift" in one.params for one in candidates):
        raise UsageError(
            "randomization/randomseedshift and --seeds both set the seed; remove one of them"
        )
    unseeded = () if has_seed(solver) else (solver.name,)
    check_seeds_have_effect(wanted, [solver.name], unseeded)
    limits = {
        one.name: merged(options.limits(), one.params, solver.limit_parameters)
        for one in candidates
    }
    able = threaded({solver.name: solver.limit_parameters})
    check_threads(options.threads, [solver.name], able)
    instances = find(words)
    chosen = candidates * len(instances)
    notes: tuple[str, ...] = ()
    if isinstance(found, FoundSelector):
        chosen, notes = _choices(found, candidates, instances, listener_of(options.progress))
    settings = tuple(one for one in candidates if one in chosen)
    versions = {solver.name: solver.version()}
    gaps = {solver.name: default_gap(catalogue, solver.limit_parameters)}
    planned = [
        task
        for each in settings
        for task in tasks(
            [one for one, its in zip(instances, chosen, strict=True) if its == each],
            [each],
            wanted,
            limits,
            versions,
            default_gaps=gaps,
        )
    ]
    place = {one.path: at for at, one in enumerate(instances)}
    return with_starts(
        Plan(
            kind="run",
            name=_name(options, found, settings),
            command=options.command,
            settings=settings,
            instance_set=InstanceSet.of(set_name(words, len(instances)), instances),
            tasks=tuple(sorted(planned, key=lambda task: place[task.instance.path])),
            references=references(instances, options.solu_files(), options.solu_columns),
            modules=frozenset({solver.preload}),
            remarks=(*notes, *thread_notes(settings, limits, able)),
        )
    )


def _candidates(
    options: RunOptions, found: FoundSetting | FoundSelector | None, solver: str, known: Catalogue
) -> list[Setting]:
    """Return the setting, or those that a selector chooses among, everything in them checked."""
    texts = {name: value_text(value) for name, value in options.params.items()}
    _check_single(texts, known)
    own_knobs, params = knobs_and_parameters(texts, known)
    file = None if options.settings_file is None else Path(options.settings_file)
    emphasis = JOINED.join(_listed(options.emphasis))
    request = SettingRequest(
        solver=solver,
        name=options.setting_name,
        alpha=_knob(options, "alpha", own_knobs, known),
        l1_ratio=_knob(options, "l1_ratio", own_knobs, known),
        params=params,
        file_name=file.stem if file else None,
        from_file={
            **_published(emphasis, solver),
            **(set_files.read(file, known) if file else {}),
        },
        include=tuple(each for text in _listed(options.include) for each in resolve(text)),
        start="" if options.start is None else str(options.start),
        emphasis=emphasis,
    )
    if found is None:
        return [setting(request, known)]
    if isinstance(found, FoundSetting):
        return [setting(_based(request, found.registered.setting, found.title, known), known)]
    name = options.setting_name
    return [
        setting(
            replace(
                _based(request, each, f"{found.title}: {each.name}", known),
                name=f"{name}: {each.name}" if name else None,
            ),
            known,
        )
        for each in found.selector.settings
    ]


def _listed(texts: str | Sequence[str]) -> Sequence[str]:
    return [texts] if isinstance(texts, str) else texts


def _published(emphasis: str, solver: str) -> Mapping[str, ParameterValue]:
    """Return the parameters of emphases, which are read only if some are named."""
    if not emphasis:
        return {}
    return parameters_of(emphasis, emphases_of(registry.load(solver)), solver)


def _name(
    options: RunOptions, found: FoundSetting | FoundSelector | None, settings: Sequence[Setting]
) -> str:
    """Return what the run is called: its setting, or who has chosen its settings."""
    if isinstance(found, FoundSelector):
        return options.setting_name or found.title
    return settings[0].name


def _based(request: SettingRequest, base: Setting, title: str, known: Catalogue) -> SettingRequest:
    """Return the request for what a registered setting has, and what the user asked for over it."""
    return replace(
        request,
        file_name=title,
        from_file=checked_base(base, known),
        base_knobs=base.knobs,
    )


def _choices(
    found: FoundSelector,
    candidates: Sequence[Setting],
    instances: Sequence[Instance],
    listener: Listener,
) -> tuple[list[Setting], tuple[str, ...]]:
    """Return the setting that a selector chooses for each instance, and notes about that."""
    from bench.app.selection.choose import choice_notes, choose_all  # noqa: PLC0415 - loads pandas

    made = choose_all(found.selector, instances, listener)
    positions = {each.name: at for at, each in enumerate(found.selector.settings)}
    chosen = [candidates[positions[one.choice.setting.name]] for one in made]
    return chosen, tuple(choice_notes(found.title, made))


def _notes_of_project(defaults: Mapping[str, float], chosen: Setting) -> Iterator[str]:
    """Yield a line if knobs have the values of the MLflow project instead of the stock values."""
    usual = stock(registry.load(chosen.solver).parameters())
    kept = {name: value for name, value in defaults.items() if chosen.knobs.get(name) == value}
    if kept and usual:
        yield (
            f"the MLflow project sets {_pairs(kept)}; stock {chosen.solver} has "
            f"{_pairs({name: usual[name] for name in kept})} (choose others with -P NAME=VALUE)"
        )


def _pairs(values: Mapping[str, float]) -> str:
    return " and ".join(f"{name} = {value:g}" for name, value in values.items())


def _check_single(texts: Mapping[str, str], catalogue: Catalogue) -> None:
    """Raise UsageError for a list of values, which only a sweep accepts."""
    for name, text in texts.items():
        known = catalogue.get(name)
        if known is not None and known.kind in TEXT_KINDS:
            continue
        try:
            several = len(values(text)) > 1
        except UsageError:
            several = False
        if several:
            raise UsageError(
                f"{name} = {text!r}: a run has one value for each parameter; to execute several, "
                f"use bench sweep with -p {name}={text}"
            )


def _knob(
    options: RunOptions, name: str, among_params: Mapping[str, float], catalogue: Catalogue
) -> float | None:
    """Return the value of a knob, which may also be given as a parameter.

    Both override a default of the MLflow project, which is ignored for a solver without knobs.
    """
    value = real(getattr(options, name))
    is_chosen = value is not None and value != options.default_knobs.get(name)
    other = among_params.get(name)
    if other is None:
        return value if is_chosen or stock(catalogue) else None
    if is_chosen and value != other:
        raise UsageError(f"{name} is given twice, as {value:g} and as {other:g}; keep one of them")
    return other


def _registered(options: RunOptions) -> FoundSetting | FoundSelector | None:
    """Return the given registered setting or selector; UsageError for a conflict."""
    if options.setting_from is None:
        return None
    if options.settings_file is not None:
        raise UsageError("--settings-file and --setting-from exclude each other; keep one of them")
    if options.emphasis:
        raise UsageError("--emphasis and --setting-from exclude each other; keep one of them")
    found = find_registered(options.setting_from, options.given_uri())
    if options.solver not in {None, found.solver}:
        what = "a setting" if isinstance(found, FoundSetting) else "a selector"
        raise UsageError(f"--solver {options.solver}: {found.title} is {what} of {found.solver}")
    return found
