"""Train a selector on sweeps, evaluate it on unseen instances, and store both."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import bench
from bench.app.analysis.evaluate_selection import SelectOptions
from bench.app.progress import listener_of
from bench.app.registry.register import check_portable
from bench.app.selection.training import Training, folder_of_selector, write
from bench.errors import UsageError
from bench.journal.campaign import Campaign
from bench.journal.last_campaign import RESULTS, SEVERAL_SETTINGS, named_or_last
from bench.journal.manifest import folder_of
from bench.model.record_level import RecordLevel, strictest
from bench.model.setting import Setting
from bench.report.terminal.selection import selection_sentence
from bench.selection.evaluation import Evaluation, GapClosed, evaluate
from bench.selection.examples import Examples, examples
from bench.selection.learning import learn
from bench.selection.selector import Selector
from bench.store.uri import resolve_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions(SelectOptions):
    """The sweeps that a selector learns from, and its name.

    - ``name``: name of its folder, below ``selectors`` in the work folder; None is the name of the
      first sweep
    - ``no_mlflow``: train without a run in MLflow
    """

    name: str | None = None
    no_mlflow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult:
    """A trained selector, its folder, and its evaluation."""

    folder: Path
    selector: Selector
    training: Training
    evaluation: Evaluation


def train(options: TrainOptions) -> TrainingResult:
    """Train a selector on the results of sweeps, and keep it in the work folder.

    The selector learns from all instances. It is evaluated by other selectors, each of which
    learns from a part of the instances and is tested on the rest. Raise UsageError if there is
    nothing to learn from, or if settings are unknown or of several solvers; BenchError if
    scikit-learn is missing; TrackingError if MLflow cannot be reached.
    """
    if options.run_ids:
        raise UsageError(
            "--run-id: a run in MLflow has no parameters to execute; name the sweeps that the "
            "selector is to learn from"
        )
    work_dir = Path(options.work_dir)
    campaigns = [Campaign.read(folder) for folder in _folders(options, work_dir)]
    folder = folder_of_selector(work_dir, options.name or campaigns[0].name)
    named = replace(options, sources=tuple(one.folder for one in campaigns))
    known = _known_settings(campaigns)
    recorded = named.recorded()
    found = examples(recorded.table, named.counting(recorded, ("all",)))
    settings = _settings(known, found)
    evaluation = evaluate(found, n_resamples=options.resamples, seed=options.rng_seed)
    training = Training(
        name=folder.name,
        single_best=evaluation.single_best,
        n_instances=len(found.instances),
        n_families=evaluation.n_families,
        known_families=evaluation.known_families,
        unseen_families=evaluation.unseen_families,
        conclusion=selection_sentence(evaluation),
        helps=evaluation.known_families.helps,
        campaigns=[str(one.folder) for one in campaigns],
    )
    choices = _choices(evaluation)
    with _recorded(options, campaigns, training, evaluation, choices) as run_id:
        chooser = learn(found.statistics, found.costs, options.rng_seed)
    selector = Selector(
        settings=settings,
        solver_version=_version(found),
        bench_version=bench.__version__,
        features=found.features,
        chooser=chooser,
    )
    training = replace(training, run_id=run_id)
    write(folder, selector, training, choices)
    return TrainingResult(
        folder=folder, selector=selector, training=training, evaluation=evaluation
    )


def _folders(options: TrainOptions, work_dir: Path) -> list[Path]:
    """Return the folders of the sweeps; UsageError for a source that has no settings."""
    tell = listener_of(options.progress).message
    if not options.given_sources():
        return [named_or_last(work_dir, None, SEVERAL_SETTINGS, RESULTS, tell=tell)]
    found = []
    for source in options.given_sources():
        if not isinstance(source, str | Path) or Path(source).is_file():
            raise UsageError(
                f"{source if isinstance(source, str | Path) else 'a frame'}: a table of results "
                "has no settings to execute; name the sweep that it comes from (bench select "
                "evaluate takes tables)"
            )
        found.append(folder_of(work_dir, str(source)))
    return found


def _known_settings(campaigns: list[Campaign]) -> dict[str, Setting]:
    """Return the planned settings of all sweeps by their names.

    Raise UsageError for an import, and for a setting whose parameters differ between sweeps.
    """
    known: dict[str, Setting] = {}
    origins: dict[str, str] = {}
    for campaign in campaigns:
        for each in campaign.settings:
            if not all(task.digest for task in campaign.planned.get(each.name, ())):
                raise UsageError(
                    f"{campaign.name} is an import, which has no parameters for {each.name!r}; "
                    "execute the settings in a sweep"
                )
            first = origins.setdefault(each.name, campaign.name)
            if known.setdefault(each.name, each) != each:
                raise UsageError(
                    f"setting {each.name!r} has other parameters in {campaign.name} than in "
                    f"{first}; train from one of them, or execute one again with another name "
                    "for the setting"
                )
    return known


def _settings(known: Mapping[str, Setting], found: Examples) -> tuple[Setting, ...]:
    """Return the settings with the learned names, in the same order.

    Raise UsageError if a setting is unknown or cannot be part of a model, and for settings of
    several solvers or versions.
    """
    if len(found.programs) > 1:
        raise UsageError(
            f"the results are of {' and '.join(found.programs)}; a selector chooses among settings "
            "of one solver in one version: train from a sweep of that one (bench select evaluate "
            "tells what choosing among all of them would gain)"
        )
    missing = [name for name in found.settings if name not in known]
    if missing:
        raise UsageError(f"no sweep has the setting {missing[0]!r}; name the one that planned it")
    chosen = tuple(known[name] for name in found.settings)
    for each in chosen:
        check_portable(each)
    return chosen


def _version(found: Examples) -> str:
    return found.programs[0].partition(" ")[2]


def _choices(evaluation: Evaluation) -> str:
    """Return a table of the choice for each instance, made by a selector that had not seen it."""
    found = evaluation.examples
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("instance", "family", "chosen", "cheapest", "chosen_cost", "cheapest_cost"))
    for at, costs in enumerate(found.costs):
        chosen, cheapest = int(evaluation.known.chosen[at]), int(costs.argmin())
        names = (found.settings[chosen], found.settings[cheapest])
        numbers = (f"{costs[chosen]:.4g}", f"{costs[cheapest]:.4g}")
        writer.writerow((found.instances[at], found.families[at], *names, *numbers))
    return buffer.getvalue()


def _recorded(
    options: TrainOptions,
    campaigns: list[Campaign],
    training: Training,
    evaluation: Evaluation,
    choices: str,
) -> AbstractContextManager[str | None]:
    """Yield the run of the training in MLflow, None if there is none."""
    if options.no_mlflow:
        return nullcontext()
    from bench.tracking import training_run  # noqa: PLC0415  imports mlflow

    origin = campaigns[0].origin
    uri = resolve_uri(options.given_uri() or (origin.tracking_uri if origin else None))
    experiment = options.given_experiment() or (
        origin.experiment_request if origin else options.target_experiment()
    )
    level = strictest(*(one.record for one in campaigns))
    has_tables = level.includes(RecordLevel.TABLES)
    return training_run.training_run(
        uri,
        experiment,
        f"selector {training.name}",
        training_run.TrainingRecord(
            params={
                "selector": training.name,
                "single_best": training.single_best,
                "settings": ", ".join(evaluation.examples.settings),
                "sweeps": ", ".join(one.name for one in campaigns),
                "n_features": str(len(evaluation.examples.features)),
            },
            metrics=dict(metrics(training)),
            tags={"bench.conclusion": "helps" if training.helps else "does not help"},
            description=(
                f"{training.conclusion}\n\nMetrics that begin with `training_` describe the "
                "training instances only, and prove nothing about others."
            ),
            files={"unseen-choices.csv": choices} if has_tables else {},
        ),
    )


def metrics(training: Training) -> Iterator[tuple[str, float]]:
    """Yield the numbers of an evaluation by their names in MLflow."""
    yield "n_instances", float(training.n_instances)
    yield "n_families", float(training.n_families)
    parts: Mapping[str, GapClosed | None] = {
        "known_families": training.known_families,
        "unseen_families": training.unseen_families,
    }
    for part, found in parts.items():
        if found is None:
            continue
        numbers = {
            "gap_closed": found.share,
            "gap_closed_low": found.low,
            "gap_closed_high": found.high,
            "selector_s": found.selector_s,
            "single_best_s": found.single_best_s,
            "virtual_best_s": found.virtual_best_s,
        }
        for name, value in numbers.items():
            if value is not None:
                yield f"{part}/{name}", value
