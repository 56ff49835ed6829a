"""The Python interface, for scripts and notebooks.

    from bench.api import compare, figure, results, run, sweep

`run`, `sweep`, `tune`, `sync`, `check`, `import_results`, `register` and `promote` correspond to
the commands of these names, and `evaluate_selection`, `train_selector` and `register_selector` to
those of ``bench select``; all take the options as keywords. They print nothing (``progress=True``
shows tqdm bars; a listener is called for every event) and change neither signal handlers nor
environment variables. They can be called repeatedly and from any thread, but only one call at a
time. Ctrl-C stops the running tasks, records finished results, and raises KeyboardInterrupt in the
caller; the same call of `sweep` or `tune` continues.

A *source* of `results`, `compare` and `figure` is the name or folder of a sweep, or the path of a
table (CSV or Parquet), as for the commands; ``LABEL=SOURCE`` renames its setting. `compare` and
`figure` also accept frames of `results`. The default source is the most recent sweep.

Errors are `bench.errors.BenchError` with a message of one line; its subclass UsageError reports
wrong arguments.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from bench.app import check as checking
from bench.app import import_results as importing
from bench.app import run as running
from bench.app import sweep as sweeping
from bench.app import sync as syncing
from bench.app.analysis import evaluate_selection as evaluating
from bench.app.analysis.evaluate_selection import SelectOptions
from bench.app.analysis.sources import (
    BASELINE,
    LEFT_OUT,
    ComparisonOptions,
    Source,
    failures_of,
    recorded,
    timeouts_of,
)
from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.plan_sweep import SweepOptions
from bench.app.check import CheckOptions, CheckReport
from bench.app.import_results import ImportOptions, ImportResult
from bench.app.keywords import with_keywords
from bench.app.options import WORK_DIR, ExecutionOptions
from bench.app.registry import promote as promoting
from bench.app.registry import register as registering
from bench.app.registry.promote import PromoteOptions, Promotion
from bench.app.registry.register import Registered, RegisterOptions
from bench.app.run import RunOptions
from bench.app.selection import register as selector_registering
from bench.app.selection import train as training
from bench.app.selection.register import RegisteredSelector, RegisterSelectorOptions
from bench.app.selection.train import TrainingResult, TrainOptions
from bench.app.sync import SyncOptions, SyncReport
from bench.app.tuning import tune as tuning
from bench.app.tuning.options import TuneOptions
from bench.app.tuning.results import TuneResult
from bench.comparison import compare as comparing
from bench.comparison.options import Failures, Options, Timeouts
from bench.comparison.side_by_side import shown_column, side_by_side
from bench.comparison.sources import RecordedResults
from bench.journal.last_campaign import of_task
from bench.report.figures.bounds import BOUNDS, instance_figure
from bench.report.figures.browser import browser_figure
from bench.report.figures.settings import SETTING_FIGURES
from bench.report.instance_table import instance_frame
from bench.report.notebook import ShownComparison
from bench.selection.evaluation import Evaluation
from bench.store.experiment import ExperimentRequest

if TYPE_CHECKING:
    import plotly.graph_objects as go

E = TypeVar("E", bound=ExecutionOptions)


@with_keywords(RunOptions, renamed={"name": "setting_name", "settings": "settings_file"})
def run(options: RunOptions) -> CampaignResult:
    """Execute one setting over instances and record it in MLflow, as ``bench run`` does.

    Return the results, in the order of the plan: ``results`` as objects, ``frame`` as a table,
    ``folder`` with journal, logs and solutions, ``undelivered`` with the reason if MLflow does not
    have them yet.

        run("instances/quick.test", alpha=0.15, time_limit=60)
        run(model, params={"separating/maxrounds": 0})  # a pyscipopt.Model

    Raise UsageError before anything is executed, BenchError if no instance can be used.
    """
    with _environment_kept():
        return _finished(running.run(_named(options, "run")))


@with_keywords(SweepOptions, renamed={"settings": "settings_file"})
def sweep(options: SweepOptions) -> CampaignResult:
    """Execute the tasks of a sweep that have no result yet, as ``bench sweep`` does.

    The results are recorded. The same call continues the sweep, also after an interrupt; finished
    tasks are not executed again. Return the result that counts for each task, in the order of the
    plan, as `run` does.

        sweep("sweep.yaml")
        sweep(["a.mps", "b.mps"], params={"separating/maxrounds": [0, 5]}, seeds=3, name="cuts")

    Raise UsageError before anything is executed, BenchError if no instance can be used.
    """
    with _environment_kept():
        return _finished(sweeping.sweep(_named(options, "sweep")))


@with_keywords(TuneOptions)
def tune(options: TuneOptions) -> TuneResult:
    """Find a better setting and compare it with stock on unseen instances, as ``bench tune`` does.

    The same call continues a tuning that was stopped. Return ``better`` (the setting that is better
    than stock on unseen instances, or None), ``settings`` with their parameters, ``comparison`` of
    the test, and ``progress``: all numbers and the conclusions.

        tune("models/", budget=2 * 3600, jobs=2, name="mine").better

    Raise UsageError before anything is executed, BenchError if optuna is missing.
    """
    with _environment_kept():
        found = tuning.tune(_named(options, "tune"))
    for campaign in (found.race, found.test):
        if campaign is not None:
            _finished(campaign)
    return found


@with_keywords(SelectOptions)
def evaluate_selection(options: SelectOptions) -> Evaluation:
    """Evaluate the choice of a setting by instance, as ``bench select evaluate`` does.

    Return ``known_families`` and ``unseen_families``: the share of the gap between single best and
    virtual best that is closed on unseen instances, with its interval, and whether it ``helps``.

        evaluate_selection("overnight").known_families.helps

    Raise UsageError if there are too few settings or instances, BenchError if scikit-learn is
    missing.
    """
    with _environment_kept():
        return evaluating.evaluate_selection(options)


@with_keywords(TrainOptions)
def train_selector(options: TrainOptions) -> TrainingResult:
    """Train a selector on sweeps and evaluate it, as ``bench select train`` does.

    Return the ``selector``, its ``folder``, and ``training`` with its conclusion.

        train_selector("overnight").training.helps

    Raise UsageError if there is nothing to learn from, BenchError if scikit-learn is missing.
    """
    with _environment_kept():
        return training.train(options)


@with_keywords(RegisterSelectorOptions)
def register_selector(options: RegisterSelectorOptions) -> RegisteredSelector:
    """Register a trained selector as a version of a model, as ``bench select register`` does.

    Return the version, and ``training`` with its conclusion.

        register_selector("overnight", model="pick").version

    Raise UsageError for an unknown selector, NoGainError (a BenchError) if it is not shown to be
    better than the single best setting.
    """
    with _environment_kept():
        return selector_registering.register_selector(options)


@with_keywords(SyncOptions)
def sync(options: SyncOptions) -> SyncReport:
    """Upload results that MLflow does not have yet, each exactly once, as ``bench sync`` does.

    Return what was uploaded for each campaign, and ``problems``: the reasons for missing uploads.

        sync()  # all below bench-work
        sync("cuts", tracking_uri="http://127.0.0.1:5000")

    Raise UsageError for an unknown sweep.
    """
    with _environment_kept():
        return syncing.sync(options)


@with_keywords(CheckOptions)
def check(options: CheckOptions) -> CheckReport:
    """Judge all recorded results again, and record changed verdicts, as ``bench check`` does.

    Return ``checked``: all results with their present verdicts, and the changes.

        check("cuts", solu=["best.solu"], dry_run=True).checked.changes

    Raise UsageError if there is nothing to check or a reference cannot be read.
    """
    with _environment_kept():
        return checking.check(options)


@with_keywords(ImportOptions)
def import_results(options: ImportOptions) -> ImportResult:
    """Import results of other tools into journal and MLflow, as ``bench import`` does.

    Return the results, the number of new ones, and what was read from each file.

        import_results("old.csv", map={"instance": "problem", "time": "seconds"}, time_limit=60)

    Raise UsageError if something cannot be read; nothing is imported then.
    """
    with _environment_kept():
        return importing.import_results(options)


@with_keywords(RegisterOptions, renamed={"settings": "settings_file"})
def register(options: RegisterOptions) -> Registered:
    """Register a setting as the next version of a model in MLflow, as ``bench register`` does.

    Return the version and ``conclusion``, the conclusion of the comparison.

        register("maxrounds=0", "cuts", sweep="mine")

    Raise UsageError for an unknown setting or sweep.
    """
    with _environment_kept():
        return registering.register(options)


@with_keywords(PromoteOptions)
def promote(options: PromoteOptions) -> Promotion:
    """Move an alias to a version if it is better than its baseline, as ``bench promote`` does.

    Return whether it has ``moved``, and the ``reason``.

        promote("cuts", 3).moved

    Raise UsageError for an unknown version.
    """
    with _environment_kept():
        return promoting.promote(options)


def results(
    *sources: Source,
    work_dir: str | Path = WORK_DIR,
    experiment_name: str | None = None,
    run_ids: Sequence[str] = (),
    tracking_uri: str | None = None,
) -> pd.DataFrame:
    """Return results as a frame with a row for each, with the columns of `bench.journal.table`.

    Without a source, they are read from MLflow if an experiment or runs (of settings or sweeps) are
    given. The default of ``tracking_uri`` is that of MLflow: the environment variable, else
    ``mlflow.db`` in the current folder.
    """
    uri = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
    with _environment_kept():
        found = recorded(
            *sources,
            work_dir=Path(work_dir),
            experiment=ExperimentRequest(name=experiment_name) if experiment_name else None,
            run_ids=run_ids,
            tracking_uri=uri,
        )
    frame = found.table.copy()
    frame.attrs[BASELINE] = found.baseline
    frame.attrs[LEFT_OUT] = found.left_out
    return frame


def compare(*sources: Source, work_dir: str | Path = WORK_DIR, **counting: Any) -> ShownComparison:
    """Return a comparison of settings that displays itself: as tables in a notebook and in print.

    ``counting`` takes the fields of `bench.comparison.options.Options`, e.g.
    ``baseline="default"``, ``measure="nodes"``, ``shift=10``, ``failures="par10"``, ``only=("a",
    "b")``. The default baseline is the one that the sweep declares.
    """
    found = recorded(*sources, work_dir=Path(work_dir), needs=ComparisonOptions.NEEDS)
    return ShownComparison(comparing.compare(found.table, _options(found, counting)))


def by_instance(
    *sources: Source,
    column: str | None = None,
    work_dir: str | Path = WORK_DIR,
    **counting: Any,
) -> pd.DataFrame:
    """Return the settings side by side: a row for each instance, a column for each setting.

    ``column`` is a measure or a column of the results, by default the measure of the comparison;
    `bench.report.instance_table.instance_frame` describes how values are averaged over seeds.
    ``counting`` is as for `compare`.
    """
    found = recorded(*sources, work_dir=Path(work_dir), needs=ComparisonOptions.NEEDS)
    table, options = found.table, _options(found, counting)
    shown = shown_column(table, column or options.measure)
    ready = comparing.prepare(table, options)
    content = side_by_side(table, ready, ready.options, shown)
    return instance_frame(content, content.rows)


def figure(
    kind: str,
    *sources: Source,
    instance: str | None = None,
    work_dir: str | Path = WORK_DIR,
    **counting: Any,
) -> go.Figure:
    """Return a plotly figure: ``profile``, ``cactus``, ``scatter``, ``ratios`` or ``bounds``.

    ``bounds`` shows the bounds of an ``instance`` over time; only sweeps contain them, frames do
    not. ``counting`` is as for `compare`. Raise ValueError for any other kind.
    """
    if kind not in {*SETTING_FIGURES, BOUNDS}:
        raise ValueError(f"unknown figure {kind!r}; known: {', '.join([*SETTING_FIGURES, BOUNDS])}")
    needs = (of_task(instance),) if instance else ComparisonOptions.NEEDS
    found = recorded(*sources, work_dir=Path(work_dir), needs=needs)
    if kind == BOUNDS:
        return browser_figure(instance_figure(found.results, instance))
    ready = comparing.prepare(found.table, _options(found, counting))
    return browser_figure(SETTING_FIGURES[kind](ready, ready.options))


def _options(found: RecordedResults, counting: dict[str, Any]) -> Options:
    policies = {
        "failures": failures_of(counting.get("failures", Failures.EXCLUDE)),
        "timeouts": timeouts_of(counting.get("timeouts", Timeouts.LIMIT)),
    }
    baseline = counting.get("baseline") or found.baseline
    own = {"baseline": baseline, "left_out": found.left_out}
    return Options(**(counting | policies | own))


def _named(options: E, function: str) -> E:
    """Return the options with a name for the call, unless the caller has given one."""
    return replace(options, command=options.command or (f"{__name__}.{function}",))


def _finished(campaign: CampaignResult) -> CampaignResult:
    if campaign.interrupted:
        raise KeyboardInterrupt
    return campaign


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Restore MLflow's environment variables at the end; variables of others are not changed."""
    before = _of_mlflow()
    try:
        yield
    finally:
        for name in _of_mlflow().keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _of_mlflow() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}
