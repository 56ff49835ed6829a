"""The Python interface, for scripts and notebooks.

    from bench.api import compare, figure, results, run, sweep

`run`, `sweep`, `sync`, `check`, `import_results`, `register` and `promote` do what the commands of
these names do, with their options as keywords. They print nothing (``progress=True`` shows bars of
tqdm, a listener hears of everything), leave signal handlers and environment variables alone, may
be called any number of times, and in any thread, one call at a time. Ctrl-C stops what is executed,
records what is finished, and goes on to the caller as KeyboardInterrupt; the same call of `sweep`
continues.

A *source* of `results`, `compare` and `figure` is what the commands take: the name or folder of a
sweep, or a table (CSV or Parquet) as a path; ``LABEL=SOURCE`` gives its setting another name.
`compare` and `figure` take frames of `results` as well. Without a source it is the sweep last
worked on.

What goes wrong is a `bench.errors.BenchError` of one line; what the caller has said wrong is its
subclass UsageError.
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
from bench.app.analysis.sources import (
    BASELINE,
    LEFT_OUT,
    ComparisonOptions,
    Source,
    failures_of,
    recorded,
    timeouts_of,
)
from bench.app.campaign.execute_plan import CampaignResult
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
from bench.app.sync import SyncOptions, SyncReport
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
from bench.store.experiment import ExperimentRequest

if TYPE_CHECKING:
    import plotly.graph_objects as go

E = TypeVar("E", bound=ExecutionOptions)


@with_keywords(RunOptions, renamed={"name": "setting_name", "settings": "settings_file"})
def run(options: RunOptions) -> CampaignResult:
    """Execute one setting over instances and record it in MLflow, as ``bench run`` does.

    Return the results, in the order of the plan: ``results`` as objects, ``frame`` as a table,
    ``folder`` with journal, logs and solutions, ``undelivered`` if MLflow has not got them.

        run("instances/quick.test", alpha=0.15, time_limit=60)
        run(model, params={"separating/maxrounds": 0})  # a pyscipopt.Model

    Raise UsageError before anything is executed, BenchError where no instance can be used.
    """
    with _environment_kept():
        return _finished(running.run(_named(options, "run")))


@with_keywords(SweepOptions, renamed={"settings": "settings_file"})
def sweep(options: SweepOptions) -> CampaignResult:
    """Execute what a sweep has no results of yet and record it, as ``bench sweep`` does.

    The same call continues, after an interrupt as well; what is finished is never executed again.
    Return the result of each task that counts, in the order of the plan, as `run` does.

        sweep("sweep.yaml")
        sweep(["a.mps", "b.mps"], params={"separating/maxrounds": [0, 5]}, seeds=3, name="cuts")

    Raise UsageError before anything is executed, BenchError where no instance can be used.
    """
    with _environment_kept():
        return _finished(sweeping.sweep(_named(options, "sweep")))


@with_keywords(SyncOptions)
def sync(options: SyncOptions) -> SyncReport:
    """Bring what MLflow has not got yet there, each result exactly once, as ``bench sync`` does.

    Return what was delivered of each campaign, and as ``problems`` why something was not.

        sync()  # all below bench-work
        sync("cuts", tracking_uri="http://127.0.0.1:5000")

    Raise UsageError where there are no such sweeps.
    """
    with _environment_kept():
        return syncing.sync(options)


@with_keywords(CheckOptions)
def check(options: CheckOptions) -> CheckReport:
    """Judge again all that was recorded, and record what has changed, as ``bench check`` does.

    Return as ``checked`` all results with the verdicts that hold, and the changes.

        check("cuts", solu=["best.solu"], dry_run=True).checked.changes

    Raise UsageError where there is nothing to check or a reference cannot be read.
    """
    with _environment_kept():
        return checking.check(options)


@with_keywords(ImportOptions)
def import_results(options: ImportOptions) -> ImportResult:
    """Import results of others into journal and MLflow, as ``bench import`` does.

    Return the results, how many of them are new, and what was read from each file.

        import_results("old.csv", map={"instance": "problem", "time": "seconds"}, time_limit=60)

    Raise UsageError where something cannot be read; nothing is imported then.
    """
    with _environment_kept():
        return importing.import_results(options)


@with_keywords(RegisterOptions, renamed={"settings": "settings_file"})
def register(options: RegisterOptions) -> Registered:
    """Register a setting as the next version of a model in MLflow, as ``bench register`` does.

    Return the version, with what a comparison says of it as ``conclusion``.

        register("maxrounds=0", "cuts", sweep="mine")

    Raise UsageError where there is no such setting or sweep.
    """
    with _environment_kept():
        return registering.register(options)


@with_keywords(PromoteOptions)
def promote(options: PromoteOptions) -> Promotion:
    """Move an alias to a version if it is better than its baseline, as ``bench promote`` does.

    Return whether it has ``moved``, and the ``reason``.

        promote("cuts", 3).moved

    Raise UsageError where there is no such version.
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
    """Return results as a frame: a row each, with the columns of `bench.journal.table`.

    Without a source it is MLflow where an experiment or runs (of settings or sweeps) are named.
    ``tracking_uri`` is as in MLflow: else that of the environment, else ``mlflow.db`` here.
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
    """Return a comparison of settings that shows itself: as tables in a notebook and in print.

    ``counting`` are the fields of `bench.comparison.options.Options`, e.g. ``baseline="default"``,
    ``measure="nodes"``, ``shift=10``, ``failures="par10"``, ``only=("a", "b")``. Without a
    baseline it is the one that the sweep declared.
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

    ``column`` is a measure or a column of the results, by default the measure that is compared;
    seeds are folded as `bench.report.instance_table.instance_frame` tells. ``counting`` is as for
    `compare`.
    """
    found = recorded(*sources, work_dir=Path(work_dir), needs=ComparisonOptions.NEEDS)
    table, options = found.table, _options(found, counting)
    shown = shown_column(table, column or options.measure)
    content = side_by_side(table, comparing.prepare(table, options), options, shown)
    return instance_frame(content, content.rows)


def figure(
    kind: str,
    *sources: Source,
    instance: str | None = None,
    work_dir: str | Path = WORK_DIR,
    **counting: Any,
) -> go.Figure:
    """Return a figure of plotly: ``profile``, ``cactus``, ``scatter``, ``ratios`` or ``bounds``.

    ``bounds`` are those of an ``instance`` over time, which only sweeps know, not frames.
    ``counting`` is as for `compare`. ValueError for any other kind.
    """
    if kind not in {*SETTING_FIGURES, BOUNDS}:
        raise ValueError(f"unknown figure {kind!r}; known: {', '.join([*SETTING_FIGURES, BOUNDS])}")
    needs = (of_task(instance),) if instance else ComparisonOptions.NEEDS
    found = recorded(*sources, work_dir=Path(work_dir), needs=needs)
    if kind == BOUNDS:
        return browser_figure(instance_figure(found.results, instance))
    options = _options(found, counting)
    return browser_figure(SETTING_FIGURES[kind](comparing.prepare(found.table, options), options))


def _options(found: RecordedResults, counting: dict[str, Any]) -> Options:
    policies = {
        "failures": failures_of(counting.get("failures", Failures.EXCLUDE)),
        "timeouts": timeouts_of(counting.get("timeouts", Timeouts.LIMIT)),
    }
    baseline = counting.get("baseline") or found.baseline
    own = {"baseline": baseline, "left_out": found.left_out}
    return Options(**(counting | policies | own))


def _named(options: E, function: str) -> E:
    """Return the options with a name for the call, where the caller has given none."""
    return replace(options, command=options.command or (f"{__name__}.{function}",))


def _finished(campaign: CampaignResult) -> CampaignResult:
    if campaign.interrupted:
        raise KeyboardInterrupt
    return campaign


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Undo what is set for MLflow meanwhile; variables of others are left alone."""
    before = _of_mlflow()
    try:
        yield
    finally:
        for name in _of_mlflow().keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _of_mlflow() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}
