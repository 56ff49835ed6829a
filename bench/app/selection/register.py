"""Register a trained selector in MLflow, as a version of a model with its evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import bench
from bench.app.options import StoreOptions
from bench.app.registry.evidence import BASELINE, PENDING, RUN_IDS, STATUS
from bench.app.registry.register import check_model_name, code_of, requirements, runs_in_store
from bench.app.selection import training as trainings
from bench.app.selection.train import metrics
from bench.app.selection.training import Training
from bench.errors import EXIT_UNDECIDED, BenchError
from bench.journal.campaign import Campaign
from bench.model.registered_setting import SELECTOR
from bench.selection.selector import Selector
from bench.store.uri import resolve_uri

CODE = "bench.serving.mlflow_selector"
"""The module that MLflow executes to load the model; not imported, because its layer is above."""


class NoGainError(BenchError):
    """A selector is not shown to be better than the single best setting."""

    exit_code = EXIT_UNDECIDED


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSelectorOptions(StoreOptions):
    """Which selector is registered, and as what.

    - ``selector``: its name; None is the one that was trained last
    - ``model``: name of the model in the registry
    - ``force``: register it although it is not shown to be better than the single best setting
    """

    selector: str | None = field(default=None, kw_only=False)
    model: str = field(kw_only=True)
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSelector:
    """A new version of a model, its selector, and the evaluation of the selector.

    ``tracking_uri`` is the store whose registry has it.
    """

    tracking_uri: str
    model: str
    version: int
    selector: Selector
    training: Training
    tags: Mapping[str, str]


def register_selector(options: RegisterSelectorOptions) -> RegisteredSelector:
    """Register a selector as the next version of a model, with its evaluation as tags.

    Raise NoGainError if it is not shown to be better than the single best setting, except with
    ``force``; UsageError if there is no such selector, or if MLflow lacks the results that it has
    learned from; TrackingError if the store cannot be reached.
    """
    check_model_name(options.model)
    selector, training = trainings.read(Path(options.work_dir), options.selector)
    if not training.helps and not options.force:
        raise NoGainError(
            f"not registered: {training.conclusion} Execute {training.single_best} "
            "(--force registers the selector anyway)"
        )
    from bench.tracking import model_registry  # noqa: PLC0415  imports mlflow

    campaigns = [Campaign.read(Path(folder)) for folder in training.campaigns]
    origin = campaigns[0].origin
    uri = resolve_uri(options.given_uri() or (origin.tracking_uri if origin else None))
    made = model_registry.register(
        uri,
        options.target_experiment(),
        model_registry.ModelDraft(
            name=options.model,
            kind=model_registry.ModelKind.SELECTOR,
            artifacts=selector.to_files(),
            code=code_of(CODE),
            package=Path(bench.__file__).parent,
            requirements=requirements(),
            params={"settings": ", ".join(each.name for each in selector.settings)},
            tags=dict(_tags(selector, training, _run_ids(uri, campaigns))),
            description=_description(selector, training),
            run_id=training.run_id,
        ),
    )
    return RegisteredSelector(
        tracking_uri=uri,
        model=made.name,
        version=made.version,
        selector=selector,
        training=training,
        tags=made.tags,
    )


def _run_ids(uri: str, campaigns: list[Campaign]) -> list[str]:
    """Return the runs in MLflow with the results: those of the sweeps, else of their settings."""
    found: list[str] = []
    for campaign in campaigns:
        run_ids, sweep_run_id = runs_in_store(uri, campaign)
        found += [sweep_run_id] if sweep_run_id else run_ids.values()
    return found


def _tags(selector: Selector, training: Training, run_ids: list[str]) -> Iterator[tuple[str, str]]:
    yield STATUS, PENDING
    yield SELECTOR, training.name
    yield BASELINE, training.single_best
    yield RUN_IDS, " ".join(run_ids)
    yield "bench.solver", selector.solver
    yield "bench.solver_version", selector.solver_version
    yield "bench.version", selector.bench_version
    yield "bench.conclusion", "helps" if training.helps else "does not help"
    yield "bench.evidence", training.conclusion
    for name, value in metrics(training):
        yield f"bench.{name}", f"{value:.4g}"


def _description(selector: Selector, training: Training) -> str:
    """Return the model card, as Markdown."""
    names = ", ".join(f"`{each.name}`" for each in selector.settings)
    families = "1 family" if training.n_families == 1 else f"{training.n_families} families"
    return (
        f"Chooses among {names} of {selector.solver} {selector.solver_version} by the statistics "
        f"of an instance.\n\n{training.conclusion}\n\nTrained on {training.n_instances} instances "
        f"of {families} with {len(selector.features)} features (sizes, ratios, constraint "
        f"classes); `{training.single_best}` is best on average. Costs were measured with one time "
        "limit on the machines of the sweeps; other limits and machines may need other choices. "
        "For instances unlike those of the training the choice may be bad; the answer names "
        "statistics outside their range."
    )
