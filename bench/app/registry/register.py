"""Register a setting, with its evidence, as a version of a model in MLflow's registry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

import bench
from bench.app.analysis.sources import ComparisonOptions
from bench.app.options import StoreOptions
from bench.app.progress import listener_of
from bench.app.registry.evidence import PENDING, RUN_IDS, SETTING, STATUS, gather_evidence
from bench.comparison.wording.narrative import Conclusion
from bench.errors import BenchError, UsageError
from bench.instances.instance_set import InstanceSet
from bench.interop import set_files
from bench.journal.campaign import Campaign
from bench.journal.last_campaign import named_or_last, of_setting
from bench.model.registered_setting import RegisteredSetting
from bench.model.setting import Setting
from bench.planning.settings import SettingRequest, setting
from bench.solvers import registry
from bench.store.uri import resolve_uri

CODE = "bench.serving.mlflow_model"
"""The module that MLflow executes to load the model; named as text, because it is in a higher
layer.
"""
DISTRIBUTION = "scip-bench"
_MODEL_NAME = re.compile(r"[^/:.%\"'\x00-\x1f@]+")
_REQUIREMENT = re.compile(r"[\w.\-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOptions(StoreOptions):
    """Which setting is registered, and as which model.

    - ``setting``: its name in the sweep; with ``settings_file`` its new name
    - ``model``: name of the model in the registry
    - ``sweep``: name or folder of its sweep; None is the most recent one
    - ``settings_file``: a ``.set`` file instead of a sweep, for ``solver``; there is no evidence
    - ``baseline``: the setting that it is compared with; None is that of the sweep
    - ``measure``: what is compared; ``shift`` and ``clip`` of its mean (None: the defaults of the
      measure)
    """

    setting: str = field(kw_only=False)
    model: str = field(kw_only=False)
    sweep: str | Path | None = None
    settings_file: str | Path | None = None
    solver: str | None = None
    baseline: str | None = None
    measure: str = "solve"
    shift: float | None = None
    clip: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A new version of a model, with the conclusion of a comparison (None: there is none).

    ``tracking_uri`` is the store of the registry.
    """

    tracking_uri: str
    model: str
    version: int
    setting: RegisteredSetting
    conclusion: Conclusion | None
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """The origin of a setting: its definition, its run, and the tags with its evidence.

    ``uri`` is its store.
    """

    setting: RegisteredSetting
    uri: str
    run_id: str | None = None
    conclusion: Conclusion | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def register(options: RegisterOptions) -> Registered:
    """Register a setting as the next version of a model, with its evidence as tags.

    Its ``validation-status`` is pending until it is promoted. It is registered in the store that
    has the results of the sweep, unless another one is given. Raise UsageError for an unknown
    setting or sweep, or if MLflow does not have the results of the sweep yet; TrackingError if the
    store cannot be reached.
    """
    check_model_name(options.model)
    origin = _of_file(options) if options.settings_file is not None else _of_sweep(options)
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    chosen = origin.setting.setting
    check_portable(chosen)
    tags = {
        STATUS: PENDING,
        SETTING: chosen.name,
        **origin.tags,
        "bench.solver": chosen.solver,
        "bench.solver_version": origin.setting.solver_version,
        "bench.version": origin.setting.bench_version,
    }
    made = model_registry.register(
        origin.uri,
        options.target_experiment(),
        model_registry.ModelDraft(
            name=options.model,
            kind=model_registry.ModelKind.SETTING,
            artifacts={model_registry.ARTIFACT: origin.setting.to_json().encode()},
            code=code_of(CODE),
            package=Path(bench.__file__).parent,
            requirements=requirements(),
            params={name: str(value) for name, value in {**chosen.knobs, **chosen.params}.items()},
            tags=tags,
            description=_description(origin),
            run_id=origin.run_id,
        ),
    )
    return Registered(
        tracking_uri=origin.uri,
        model=made.name,
        version=made.version,
        setting=origin.setting,
        conclusion=origin.conclusion,
        tags=made.tags,
    )


def requirements() -> list[str]:
    """Return the packages that bench needs, in the installed versions, for pip.

    Raise BenchError if bench itself is not installed, because its requirements are then unknown.
    """
    try:
        needed = [text for text in requires(DISTRIBUTION) or () if "extra ==" not in text]
    except PackageNotFoundError as error:
        raise BenchError(
            f"{DISTRIBUTION} is not installed; install it with: pip install -e ."
        ) from error
    names = sorted(match[0] for text in needed if (match := _REQUIREMENT.match(text)))
    return [f"{name}=={version(name)}" for name in names]


def check_model_name(name: str) -> None:
    """Raise UsageError for a name that MLflow takes for no model's."""
    if not _MODEL_NAME.fullmatch(name):
        raise UsageError(f"model {name!r}: the name must not contain / : . % @ or quotes")


def check_portable(chosen: Setting) -> None:
    """Raise UsageError for a setting with parts that a registered model does not have."""
    if chosen.include:
        raise UsageError(
            f"setting {chosen.name!r} has plug-ins in Python ({chosen.include_text}), which are "
            "not part of a registered model; register a setting without --include"
        )
    if chosen.start:
        raise UsageError(
            f"setting {chosen.name!r} starts from {chosen.start}, which is not part of a "
            "registered model; register a setting without --start, a request has its own"
        )


def code_of(module: str) -> Path:
    """Return the file of a module that MLflow executes to load a model."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise BenchError(f"module {module} is missing; install bench again")
    return Path(spec.origin)


def _of_file(options: RegisterOptions) -> _Origin:
    if options.sweep is not None or options.baseline is not None:
        raise UsageError(
            "--settings-file excludes --from and --baseline; keep the file or the sweep"
        )
    solver = registry.load(options.solver or "scip")
    catalogue = solver.parameters()
    request = SettingRequest(
        solver=solver.name,
        name=options.setting,
        from_file=set_files.read(Path(str(options.settings_file)), catalogue),
    )
    return _Origin(
        setting=_registered(setting(request, catalogue), solver.version()),
        uri=resolve_uri(options.given_uri()),
    )


def _of_sweep(options: RegisterOptions) -> _Origin:
    if options.solver is not None:
        raise UsageError("--solver needs --settings-file; a setting of a sweep has its own solver")
    work_dir = Path(options.work_dir)
    folder = named_or_last(
        work_dir,
        None if options.sweep is None else str(options.sweep),
        of_setting(options.setting),
        tell=listener_of(options.progress).message,
    )
    campaign = Campaign.read(folder)
    chosen = _chosen(campaign, options.setting)
    meant = campaign.origin.tracking_uri if campaign.origin else None
    uri = resolve_uri(options.given_uri() or meant)
    run_ids, sweep_run_id = runs_in_store(uri, campaign)
    instances = campaign.instance_set(
        task for template in campaign.templates for task in campaign.tasks_like(template)
    )
    tags = {
        "bench.sweep": campaign.name,
        "bench.setting_run_id": run_ids[chosen.setting.name],
        RUN_IDS: " ".join([sweep_run_id] if sweep_run_id else run_ids.values()),
        **_instance_tags(instances),
    }
    if len(campaign.settings) < 2:
        return _Origin(setting=chosen, uri=uri, run_id=run_ids[chosen.setting.name], tags=tags)
    asked = ComparisonOptions(
        sources=(folder,),
        baseline=options.baseline,
        measure=options.measure,
        shift=options.shift,
        clip=options.clip,
    )
    evidence = gather_evidence(asked, chosen)
    return _Origin(
        setting=chosen,
        uri=uri,
        run_id=run_ids[chosen.setting.name],
        conclusion=evidence.conclusion,
        tags=evidence.tags | tags,
    )


def _chosen(campaign: Campaign, name: str) -> RegisteredSetting:
    """Return the planned setting of this name, with the version of its solver."""
    planned = {each.name: each for each in campaign.settings}
    if name not in planned:
        raise UsageError(
            f"no setting {name!r} in {campaign.name}; there are: {', '.join(planned) or 'none'}"
        )
    if not all(task.digest for task in campaign.planned[name]):
        raise UsageError(
            f"{campaign.name} is an import, which has no parameters for {name!r}; register them "
            "from a file with --settings-file FILE.set"
        )
    versions = {task.setting.name: task.solver_version for task in campaign.templates}
    if name not in versions:
        raise UsageError(f"{campaign.name} has no solver version for {name!r}")
    return _registered(planned[name], versions[name])


def _registered(chosen: Setting, solver_version: str) -> RegisteredSetting:
    return RegisteredSetting(
        setting=chosen, solver_version=solver_version, bench_version=bench.__version__
    )


def runs_in_store(uri: str, campaign: Campaign) -> tuple[dict[str, str], str | None]:
    """Return the runs of the sweep in MLflow: those of its settings by name, and the sweep run."""
    from bench.tracking.model_registry import runs_of_campaign  # noqa: PLC0415  imports mlflow

    run_ids, sweep_run_id = runs_of_campaign(uri, campaign.campaign_id)
    missing = [each.name for each in campaign.settings if each.name not in run_ids]
    if missing:
        raise UsageError(
            f"the results of {campaign.name} are not in this MLflow store yet (no run of "
            f"{missing[0]!r}); upload them with: bench sync {campaign.folder.name}"
        )
    return {each.name: run_ids[each.name] for each in campaign.settings}, sweep_run_id


def _instance_tags(instances: InstanceSet) -> dict[str, str]:
    return {
        "bench.instance_set": instances.name,
        "bench.instance_set_digest": instances.digest,
        "bench.n_instances": str(len(instances.instances)),
    }


def _description(origin: _Origin) -> str:
    chosen = origin.setting.setting
    changed = ", ".join(f"`{name} = {value}`" for name, value in chosen.params.items())
    said = (
        origin.conclusion.sentence if origin.conclusion else "It has no comparison with a baseline"
    )
    return (
        f"**{chosen.name}** of {chosen.solver} {origin.setting.solver_version}: "
        f"{changed or 'stock parameters'}\n\n{said}."
    )
